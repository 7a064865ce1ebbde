"""The design system as rendered: every component, in both directions, in light and dark, with more contrast."""

import mimetypes
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from PIL import Image
from wagtail.models import Locale, Page, Site

from core.http.headers import public_headers
from core.models import LanguageState
from tests.factories.core import HomePageFactory, StandardPageFactory
from tests.support.browser import axe, focused, overflow, requests_of, widths
from tests.support.publishing import publish_page
from tests.support.server import collected_static
from tests.support.specimen import specimen

# The database is needed once, for the specimens; pytest-django creates it only for tests that ask for it.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(scope="module")
def static() -> Path:
    """Static files as production serves them."""
    return collected_static()


@pytest.fixture(scope="module")
def specimens(django_db_setup, django_db_blocker, static) -> dict[str, str]:
    """Rendered pages with every component; their names tell the language and the variant of the page."""
    storage = {**settings.STORAGES, "staticfiles": {"BACKEND": "core.assets.storage.StaticStorage"}}
    with (
        django_db_blocker.unblock(),
        override_settings(STATIC_ROOT=static, STORAGES=storage),
        transaction.atomic(),
    ):
        pages = tree()
        made = {}
        for code, page in pages.items():
            made[code] = specimen(page)
            made[f"{code} help"] = specimen(page, help_page=True)
        transaction.set_rollback(True)
    return made


def tree() -> dict[str, Page]:
    """Return the page that the specimens imitate, in English and Arabic, with a menu and one missing translation."""
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in ("en", "ar", "fr")}
    for locale in locales.values():
        LanguageState.objects.update_or_create(locale=locale, defaults={"state": LanguageState.State.PUBLIC})
    Page.objects.filter(depth__gt=1).delete()
    home = HomePageFactory(parent=Page.objects.get(depth=1), locale=locales["en"])
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": settings.PUBLIC_HOST, "root_page": home})
    about = StandardPageFactory(parent=home, slug="about", title="About", show_in_menus=True)
    StandardPageFactory(parent=home, slug="news", title="News", show_in_menus=True)
    for page, code in ((home, "ar"), (about, "ar"), (home, "fr")):
        publish_page(page.copy_for_translation(locales[code]))
    return {code: type(about).objects.get(slug="about", locale=locales[code]) for code in ("en", "ar")}


@pytest.fixture
def show(specimens, static, open_page):
    """Return a function that shows a specimen with the origin and headers of the public site, without a server."""

    def show(name: str, *, page=None, opener=open_page, swap=("", ""), **options):
        page = page or opener(**options)
        path = "/en/help/specimen/" if "help" in name else "/en/specimen/"

        def answer(route):
            asked = urlsplit(route.request.url).path
            if asked == path:
                body, kind = specimens[name].replace(*swap), "text/html; charset=utf-8"
            else:
                body = (static / asked.removeprefix("/static/")).read_bytes()
                kind = mimetypes.guess_type(asked)[0]
            route.fulfill(body=body, headers=dict(public_headers(asked)), content_type=kind)

        page.route(f"{settings.PUBLIC_URL}/**", answer)
        page.goto(settings.PUBLIC_URL + path)
        return page

    return show


LOOKS = {
    "light": {},
    "dark": {"scheme": "dark"},
    "dark with more contrast": {"scheme": "dark", "contrast": "more"},
    "light with more contrast": {"contrast": "more"},
}


class TestEveryComponent:
    @pytest.mark.parametrize(
        ("name", "look"),
        [
            *(("en", look) for look in LOOKS),
            # The direction changes no colour, and a help page differs by its way out.
            ("ar", "dark"),
            ("en help", "light"),
            ("en help", "dark with more contrast"),
        ],
    )
    def test_has_no_fault_for_axe(self, show, name, look):
        page = show(name, **LOOKS[look])
        page.locator(".languages summary").click()
        for question in page.locator(".question summary").all():
            question.click()

        assert axe(page) == []

    @pytest.mark.parametrize("name", ["en", "ar", "en help", "ar help"])
    def test_does_not_scroll_sideways(self, show, name):
        page = show(name)
        closed = [overflow(page) for _width in widths(page)]
        page.locator(".languages summary").click()

        assert closed == [overflow(page) for _width in widths(page)] == [[], []]

    def test_does_not_scroll_sideways_for_those_who_read_large_letters(self, show):
        # 1280 px at 400 % are 320 px; a reader's own larger letters come on top.
        page = show("en help", width=320)
        page.evaluate("document.documentElement.style.fontSize = '200%'")

        assert overflow(page) == []

    @pytest.mark.parametrize("name", ["en", "en help"])
    def test_has_targets_that_a_finger_hits(self, show, name):
        page = show(name, width=320)
        heights = page.locator(
            ".button, .exit-button, .call, .brand, summary, .field-choice, .field label:has(input),"
            " .field :is(input, select, textarea):not([type=checkbox], [type=radio])"
        ).evaluate_all("(all) => all.map((e) => [e.offsetHeight, e.outerHTML.slice(0, 60)])")

        assert [found for found in heights if found[0] < 44] == []

    def test_keeps_to_the_policy_of_the_public_site(self, show, open_page):
        complaints: list[str] = []
        page = open_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        show("en help", page=page)

        assert complaints == []

    @pytest.mark.parametrize(("name", "fonts"), [("en", {"latin"}), ("ar", {"arabic"}), ("en help", set())])
    def test_loads_the_same_files_as_every_other_page_and_on_help_pages_no_font(self, show, open_page, name, fonts):
        page = open_page()
        seen = requests_of(page)
        show(name, page=page)
        page.wait_for_load_state("networkidle")
        files = [url.rpartition("/static/")[2] for url in seen if "/static/" in url]

        assert {file.split(".")[0].removeprefix("fonts/") for file in files if file.endswith(".woff2")} == fonts
        # A browser with a window asks for the icon of its tab, a headless shell does not.
        assert {file.split(".")[0] for file in files if not file.endswith(".woff2")} - {"icons/favicon"} == {
            "css/site", "css/help", "css/pages", "css/home", "js/site",
        }  # fmt: skip

    def test_moves_nothing_for_those_who_want_no_motion(self, show):
        page = show("en", reduced_motion="reduce")

        assert page.locator(".button").first.evaluate("(e) => getComputedStyle(e).transitionDuration") == "0s"
        assert page.evaluate("document.getAnimations().length") == 0

    @pytest.mark.parametrize(("name", "moving"), [("en", [".button"]), ("en help", [])])
    def test_moves_nothing_but_a_button_at_work(self, show, name, moving):
        page = show(name)
        names = page.evaluate("document.getAnimations().map((one) => `.${one.effect.target.className}`)")

        assert names == moving

    @pytest.mark.parametrize(
        ("name", "parts"),
        [
            ("en", [".button", ".card", ".callout", ".question", ".field input"]),
            ("en help", [".crisis", ".exit-button"]),
        ],
    )
    def test_has_an_outline_where_the_reader_chooses_the_colours(self, show, name, parts):
        page = show(name, forced_colors=True)
        borders = {
            part: page.locator(part).first.evaluate(
                "(e) => ['Top', 'Bottom'].map((side) => parseFloat(getComputedStyle(e)[`border${side}Width`]))"
            )
            for part in parts
        }

        assert {part: found for part, found in borders.items() if not max(found)} == {}

    def test_shows_there_too_that_a_button_is_pressed(self, show):
        page = show("en", forced_colors=True)
        button = page.locator("main .button").first
        outline = "(e) => getComputedStyle(e).outlineStyle"
        button.hover()
        before = button.evaluate(outline)
        page.mouse.down()

        assert (before, button.evaluate(outline)) == ("none", "solid")


class TestTheHeader:
    @pytest.mark.parametrize("name", ["en", "ar"])
    def test_takes_two_rows_on_a_phone_with_the_menu_folded(self, show, name):
        page = show(name, width=360)
        link, height = page.locator(".menu a").first, page.locator(".site-header").bounding_box()["height"]

        assert height <= 120
        assert not link.is_visible()
        page.locator(".fold-menu > summary").click()
        assert link.is_visible()
        assert page.locator(".site-header").bounding_box()["height"] == height

    @pytest.mark.parametrize("name", ["en", "ar"])
    def test_takes_one_row_with_the_menu_open_where_there_is_room(self, show, name):
        page = show(name, width=1280)
        page.locator(".menu a").first.focus()

        assert focused(page)["visible"]
        assert not page.locator(".fold-menu > summary").is_visible()
        assert page.locator(".site-header").bounding_box()["height"] <= 80


class TestTheFirstScreenOfAHelpPage:
    @pytest.mark.parametrize("name", ["en help", "ar help"])
    def test_shows_the_emergency_number_and_the_way_out_on_a_small_phone(self, show, name):
        page = show(name, width=320)
        boxes = [page.locator(each).first.bounding_box() for each in (".exit-button", ".crisis .call")]

        assert all(box["y"] >= 0 and box["y"] + box["height"] <= 568 for box in boxes)

    def test_keeps_the_way_out_in_sight_while_the_page_scrolls(self, show):
        page = show("en help", width=320)
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")

        assert 0 <= page.locator(".exit-button").bounding_box()["y"] < 20

    def test_offers_no_search(self, show):
        page = show("en help")

        assert page.locator("a[href*=search], [type=search], [role=search]").count() == 0


class TestTheKeyboard:
    def test_reaches_the_way_out_first_then_the_content(self, show):
        page = show("en help")
        reached = []
        for _ in range(5):
            page.keyboard.press("Tab")
            at = focused(page)
            reached.append((at["text"], at["visible"]))

        assert reached[:2] == [("Leave this page", True), ("Skip to the content", True)]
        # Then the bar in the order seen: the name, the language, the way out.
        assert [text for text, visible in reached[2:] if visible][-1].startswith("Emergency: Leave this page")

    @pytest.mark.parametrize("name", ["en help", "ar help"])
    def test_always_keeps_the_focus_in_sight(self, show, name):
        page = show(name, width=320)
        hidden = []
        for key in ["Tab"] * 45 + ["Shift+Tab"] * 45:
            page.keyboard.press(key)
            at = focused(page)
            if at["tag"] != "body" and not at["visible"]:
                hidden.append(at)

        assert hidden == []

    def test_starts_at_the_errors(self, show):
        page = show("en")

        assert focused(page)["text"].startswith("There is a problem")

    def test_opens_the_languages_and_marks_those_without_the_page(self, show):
        page = show("en")
        page.locator(".languages summary").focus()
        page.keyboard.press("Enter")
        french = page.locator(".languages-list a[hreflang=fr]")

        assert french.is_visible()
        assert "not available" in page.locator(f"#{french.get_attribute('aria-describedby')}").inner_text()
        assert page.locator(".languages-list a[hreflang=ar]").get_attribute("aria-describedby") is None


class TestRender:
    def test_leaves_out_what_paper_cannot_do_and_opens_the_answers(self, show):
        page = show("en help")
        page.emulate_media(media="print")
        shown = {each: page.locator(each).first.is_visible() for each in (".exit", ".languages", ".crisis", "h1")}

        assert shown == {".exit": False, ".languages": False, ".crisis": True, "h1": True}
        assert page.locator(".question-text").first.evaluate("(e) => e.checkVisibility({contentVisibilityAuto: true})")

    @pytest.mark.parametrize("name", ["en", "en help"])
    def test_has_the_words_of_a_button_in_ink_as_surfaces_are_not_printed(self, show, name):
        page = show(name)
        page.emulate_media(media="print", reduced_motion="reduce")
        looks = page.locator(".button").evaluate_all(
            "all => all.map(getComputedStyle).map((style) => [style.color, style.backgroundColor])"
        )
        ink = page.locator("body").evaluate("(body) => getComputedStyle(body).color")

        assert len(looks) > 1
        assert set(map(tuple, looks)) == {(ink, "rgba(0, 0, 0, 0)")}


class TestTheSpecimen:
    def test_shows_every_component_there_is(self):
        elsewhere = {
            "alternates.html",
            "private_header.html",
            "form.html",
            "field.html",
            "messages.html",
            "filters.html",  # which only works with its own page's style sheet
            "proof.html",
        }
        templates = settings.ROOT / "site" / "templates"
        shown = (Path(__file__).parents[1] / "support" / "specimen.html").read_text()
        shown += "".join(
            path.read_text() for path in [*templates.glob("layouts/*.html"), *templates.glob("components/*.html")]
        )
        missing = {path.name for path in templates.glob("components/*.html") if f'"components/{path.name}' not in shown}

        assert missing - elsewhere == set()


class TestIllustrations:
    """They have a separate style sheet, which the security policy of the page must allow."""

    @pytest.mark.parametrize(("scheme", "sky"), [("light", "#dcedf2"), ("dark", "#1f3d4a")])
    def test_follow_the_readers_preference(self, show, static, scheme, sky):
        [file] = static.glob("illustrations/bench-talk.*[0-9a-f].svg")
        image = f'<img class="illustration" src="/static/illustrations/{file.name}" width="640" height="400" alt="">'
        page = show("en", swap=("</main>", f"{image}</main>"), scheme=scheme)

        shown = Image.open(BytesIO(page.locator(".illustration").screenshot())).convert("RGB")

        assert "#{:02x}{:02x}{:02x}".format(*shown.getpixel((shown.width // 2, 20))) == sky
