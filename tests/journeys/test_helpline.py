"""A visitor who looks for help: choose, read, make contact, leave.

Without script, on a small phone, in two browsers.

The pages are rendered once, from the starter data, and handed to the browsers as the public site would send them.
Nothing runs behind them, so every request that they make is seen here.
"""

import datetime as dt
import io
import random
import re
from collections import Counter
from itertools import combinations, product

import pytest
from django.utils import translation
from playwright.sync_api import Page as BrowserPage
from pypdf import PdfReader

from helpline.finder.content.filters.facets import Facet
from helpline.models import Programme
from helpline.vocabulary import codes
from helpline.vocabulary.codes import ANY, Channel
from tests.helpline.finder.matching import CHOSEN, OF_LISTING, OF_POINT, choice
from tests.journeys.conftest import LANGUAGES, RENDERED, choose
from tests.support.browser import axe, overflow, requests_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("finder")]

LISTINGS = 68  # rows of the starter data: without unreachable ones, and with locations in the row of their programme
# Makes each of the choices in turn and notes which listings are visible then.
CHOOSE = """(choices) => {
    const option = (facet, code) => document.querySelector(`[data-facet="${facet}"] [data-code="${code}"]`);
    const listings = [...document.querySelectorAll("article.programme")];
    return choices.map((choice) => {
        for (const [facet, code] of Object.entries(choice)) {
            const each = option(facet, code);
            if (each.tagName === "OPTION") each.selected = true; else each.checked = true;
        }
        return listings.filter((each) => each.checkVisibility()).map((each) => each.dataset.programme);
    });
}"""


def shown(page: BrowserPage) -> set[str]:
    return {each.get_attribute("data-programme") or "" for each in page.locator("article.programme:visible").all()}


class TestChoosing:
    def test_filters_the_list_and_leaves_no_trace(self, finder, show, any_browser):
        # Nothing can be evaluated in Firefox with its scripts off, so there they stay on.
        scripts = any_browser._firefox is None
        page = show(opener=any_browser, width=320, scripts=scripts)
        before = page.evaluate("[history.length, location.href, document.title]")
        asked = requests_of(page)

        chosen = {
            "country": "be", "language": "fr", "audience": "self_thoughts", "channel": "email", "cost": "free",
            "anonymous": "yes",
        }  # fmt: skip
        for facet, code in chosen.items():
            choose(page, facet, code)

        expected = finder.expected(**chosen)
        assert expected
        assert shown(page) == expected
        assert page.evaluate("[history.length, location.href, document.title]") == before
        assert asked == []

    def test_enter_does_nothing(self, finder, show, any_browser):
        page = show(opener=any_browser, width=320)
        choose(page, "country", "fr")
        before = page.evaluate("[history.length, location.href]")
        asked = requests_of(page)

        for control in (
            "[data-facet=country]",
            "[data-facet=audience] [data-code=professional]",
            "[data-facet=channel] [data-code=any]",
        ):
            page.locator(control).focus()
            page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)

        assert page.evaluate("[history.length, location.href]") == before
        assert asked == []

    def test_shows_the_lines_of_the_country_immediately(self, finder, show):
        page = show(width=320, scripts=False)
        lines = page.locator(".finder-urgent .finder-lines:visible")
        assert lines.count() == 0

        choose(page, "country", "de")

        assert lines.count() == 1
        assert "0800 1110111" in lines.inner_text()

    def test_shows_the_route_of_the_reader_and_no_other(self, finder, show):
        page = show(scripts=False)
        routes = page.locator(".finder-route:visible")
        assert routes.count() == 0

        choose(page, "audience", "young_person")

        assert routes.all_inner_texts() == [page.locator(".finder-route[data-audience=young_person]").inner_text()]

    def test_counts_the_remaining_listings_without_a_script(self, finder, show):
        page = show(scripts=False)
        counted = page.locator(".finder-count")
        before = counted.inner_text()

        choose(page, "country", "lu")
        assert before == f"{len(finder.answers(country='any'))} services"
        assert counted.inner_text() == ""

        # The number is only in the text for screen readers: the style sheet counts it.
        told = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
        names = [node["name"]["value"].strip() for node in told if "name" in node]
        # Each piece of text is there twice: by itself and as part of its line.
        words = list(dict.fromkeys(name for name in names[names.index("Services:") :] if name))
        assert words[:2] == ["Services:", str(len(finder.answers(country="lu")))]


class TestLaw:
    @pytest.mark.parametrize(("country", "seen"), [("any", []), ("de", ["de"]), ("br", [])])
    def test_is_that_of_the_chosen_country_alone(self, show, country, seen):
        page = show(scripts=False)
        assert page.locator(".finder-law").count() > 30

        choose(page, "country", country)

        assert (
            page.locator(".finder-law:visible").evaluate_all("all => all.map((each) => each.dataset.country)") == seen
        )


class TestNothingFits:
    """The finder has no dead ends."""

    def answers(self, page: BrowserPage) -> list[str]:
        return page.locator(".finder-nothing .finder-answer:visible").all_inner_texts()

    def test_in_malta_and_polish_by_phone_something_from_anywhere_answers_and_the_panel_has_its_lines(self, show):
        page = show(width=320, scripts=False)
        choose(page, "country", "mt")
        choose(page, "language", "pl")
        choose(page, "channel", "phone")
        assert shown(page) == set()

        found = self.answers(page)

        assert any("Troubled Desire" in each for each in found)
        assert "Everywhere" in found[-1]
        assert "112" in page.locator(".finder-urgent").inner_text()

    def test_shows_what_answers_in_the_country_in_the_language_that_was_chosen(self, show):
        page = show(scripts=False)
        choose(page, "country", "be")
        choose(page, "language", "fr")
        choose(page, "channel", "face_to_face")
        spoken = self.answers(page)

        choose(page, "language", "nl")

        assert any("contact@stopitnow.brussels" in each for each in spoken)
        assert not any("contact@stopitnow.brussels" in each for each in self.answers(page))

    def test_before_a_choice_shows_what_works_everywhere_and_no_country(self, show):
        found = self.answers(show(scripts=False))

        assert any("Troubled Desire" in each for each in found)
        assert not any("stopitnow.brussels" in each for each in found)


class TestMatching:
    """A listing is visible exactly when the reference implementation shows it.

    Each facet of the listing has its own rule; the facets of a contact point share one.
    So every code of each rule is tried, pairs of the contact point's codes, and a sample of all facets at once.
    `tests/helpline/finder/test_finder.py` tries everything on the codes of the rows.
    """

    def all_choices(self, programmes: list[Programme], number: int) -> list[dict[str, str]]:
        """Return single codes of the facets, pairs for a contact point's facets, and `number` random choices."""
        codes_of = {facet.code: [ANY, *self.codes_in_use(facet, programmes)] for facet in CHOSEN}
        assert codes_of["suitable"] == [ANY, "images", "open_proceedings"]
        listing = [{facet.code: code} for facet in OF_LISTING for code in codes_of[facet.code]]
        point = [
            {one.code: code, other.code: more}
            for one, other in combinations(OF_POINT, 2)
            for code, more in product(codes_of[one.code], codes_of[other.code])
        ]
        # The style sheet has a rule for each language, with or without services in it.
        by_rule = [
            {"language": language, "channel": channel}
            for language, channel in zip(codes.LANGUAGES, Channel.values * 9, strict=False)
        ]
        chance = random.Random(4)
        mixed = [{code: chance.choice(values) for code, values in codes_of.items()} for _ in range(number)]
        return [choice(**chosen) for chosen in [*listing, *point, *by_rule, *mixed]]

    def codes_in_use(self, facet: Facet, programmes: list[Programme]) -> list[str]:
        """Return the codes of a facet that a listing has, and up to two that none has."""
        counts = Counter(
            code
            for one in programmes
            for code in {code for point in one.contact_points.all() for code in facet.codes_of(one, point).split()}
        )
        used = {code for code, number in counts.items() if number >= facet.least}
        if facet.least:  # the others are not offered
            return sorted(used)
        unused = [code for code in facet.codes() if code not in used]
        return sorted(used & {*facet.codes()} | {*unused[:2]})

    def test_agrees_with_the_reference(self, finder, show, any_browser):
        choices = self.all_choices(finder.programmes, 100)
        page = show(opener=any_browser)

        seen = []
        for start in range(0, len(choices), 50):
            seen += page.evaluate(CHOOSE, choices[start : start + 50])

        wrong = [chosen for chosen, found in zip(choices, seen, strict=True) if set(found) != finder.expected(**chosen)]
        assert len(choices) > 400
        assert wrong == []


class TestWithoutHelpOfTheBrowser:
    def test_without_styles_it_is_a_list_that_can_be_read(self, show):
        page = show(styles=False)

        assert page.locator("article.programme:visible").count() == LISTINGS
        assert page.locator("select:visible").count() == 0
        assert page.locator(".finder-in h2:visible").count() > 20

    def test_without_has_the_controls_are_gone_and_listings_stand_under_their_country(self, show):
        """Chromium knows `:has()`; the style sheet is changed so that it has the effect of one in a browser without."""
        page = show(swap=[(b"selector(:has(*))", b"selector(:unheard-of(*))"), (b":has(", b":unheard-of(")])

        assert page.locator("article.programme:visible").count() == LISTINGS
        assert page.locator("select:visible, [type=radio]:visible").count() == 0
        assert page.locator(".finder-in h2:visible").count() > 20


class TestSmallPhone:
    @pytest.mark.parametrize("language", ["en", "ar"])
    def test_first_screen_has_the_essentials(self, show, language):
        page = show(language, width=320, height=640, scripts=False)

        for part in (
            "h1",
            ".finder-now a[href='tel:112']",
            "[data-exit].exit-button",
            "[data-facet=country]",
        ):
            box = page.locator(part).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 640, part

    @pytest.mark.parametrize("language", ["en", "ar"])
    def test_has_nothing_that_axe_or_a_narrow_screen_finds(self, show, language):
        page = show(language, width=320)
        choose(page, "country", "de")

        assert overflow(page) == []
        assert axe(page) == []

    def test_three_taps_lead_from_the_country_to_a_number(self, finder, show):
        page = show(width=320, scripts=False)
        choose(page, "country", "gb")
        choose(page, "channel", "phone")

        call = page.locator("article.programme:visible a[href^='tel:']").first

        assert call.get_attribute("href") == "tel:+448081000900"
        assert "who it is not for" in (page.locator("article.programme:visible").first.text_content() or "")


class TestThreeTaps:
    """Three taps lead from the home page to a contact point, on a small phone without script."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_lead_to_a_contact_and_tell_what_it_may_do(self, finder, show, language):
        page = show(language, path="", width=320, scripts=False)

        page.locator(f"main a[href='/{language}/help/']").first.click()
        choose(page, "country", "be")
        listing = page.locator("article.programme:visible").filter(has=page.locator("a[href^='tel:']")).first
        contact = listing.locator("a[href^='tel:']").first
        contact.click(trial=True)

        said = listing.locator(".programme-secret").inner_text()
        assert contact.get_attribute("href").startswith("tel:+32")
        with translation.override(language):
            promise = translation.gettext("Bound by professional secrecy, except when someone is in danger now.")
            assert promise in said
        assert listing.inner_text().index(said) < listing.inner_text().index(contact.inner_text())
        assert overflow_without_script(page) == 0

    def test_the_card_opens_to_what_they_see_and_under_which_law(self, show):
        page = show(width=320, scripts=False)
        choose(page, "country", "de")
        card = page.locator("article.programme:visible .programme-card").first

        card.locator("summary").click()

        for words in (
            "What they can see about you",
            "What they ask",
            "Who they may inform",
            "Not yet reviewed.",
        ):
            assert words in card.inner_text()
        assert card.locator(".programme-law").first.inner_text().startswith("In ")


def overflow_without_script(page: BrowserPage) -> int:
    """Return by how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


# Services with the hours of the helpline of Stop It Now.
LONDON = (
    "gb-stop-it-now-helpline", "gb-lff-engage-plus", "gb-lff-inform", "gb-lff-inform-plus",
    "gb-lff-inform-young-people", "ie-stop-it-now-callers-from-ireland",
)  # fmt: skip
# Services that may be open.
UNSURE = "div:has(> i[data-open=u]):not(:has(> i[data-open=o]))"


class TestOpenNow:
    """Opening hours depend on the device's clock and time zone, and are evaluated only with script."""

    def reference(self, finder, *names):
        return {str(one.uuid)[:8] for one in finder.programmes if one.reference in names}

    def open_now(self, page):
        found = page.locator("div:has(> i[data-open=o]) article.programme:visible")
        return set(found.evaluate_all("all => all.map((each) => each.dataset.programme)"))

    def test_shows_the_state_at_that_time(self, finder, show):
        page = show(now=dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC), timezone_id="Asia/Tokyo")
        choose(page, "country", "all")

        choose(page, "open", "now")

        assert self.open_now(page) == self.reference(
            finder, *LONDON, "fr-stop", "be-stop-it-now-vlaanderen", "nz-safe-to-talk"
        )
        unsure = page.locator(f"{UNSURE} article.programme:visible")
        assert len(shown(page)) == len(self.open_now(page)) + unsure.count()
        assert unsure.count() >= 5
        for words in unsure.all_inner_texts():
            assert "opening hours not known" in words or "do not know whether it is open" in words
        number = unsure.count() - page.locator(f".finder-doubt ~ {UNSURE} article.programme:visible").count()
        assert f" {number} services " in page.locator(".finder-unsure:visible").inner_text()
        britain = page.locator("article.programme:visible", has_text="until Thursday 06:00")
        assert "Open now, until Thursday 06:00" in britain.first.inner_text()

    def test_changes_as_time_goes_by(self, finder, show):
        page = show(now=dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC), timezone_id="Europe/Brussels")
        choose(page, "country", "all")
        choose(page, "open", "now")

        page.clock.run_for(dt.timedelta(hours=7, minutes=30) // dt.timedelta(milliseconds=1))

        # In Brussels it is half past six in the evening, in Toronto half past twelve.
        assert self.open_now(page) == self.reference(
            finder, *LONDON, "be-stop-it-now-brussels", "cz-parafilik", "ca-talking-for-change", "nz-safe-to-talk",
        )  # fmt: skip

    @pytest.mark.parametrize("now", [dt.datetime(2026, 12, 4, tzinfo=dt.UTC), dt.datetime(2026, 11, 23, tzinfo=dt.UTC)])
    def test_is_not_known_by_a_page_that_is_too_old_or_a_clock_that_is_wrong(self, show, now):
        page = show(now=now)

        assert page.locator(".finder-old").is_visible()
        assert page.locator("[data-facet=open]").is_hidden()
        assert page.locator("[data-open]:is(i)").count() == 0
        assert "".join(page.locator(".programme-now").all_inner_texts()) == ""

    def test_forgets_the_choice_when_the_page_grows_too_old(self, show):
        page = show(now=dt.datetime(2026, 12, 2, 23, 50, tzinfo=dt.UTC))
        choose(page, "country", "all")
        choose(page, "open", "now")

        page.clock.run_for(20 * 60_000)

        assert len(shown(page)) == LISTINGS

    def test_is_not_shown_without_script(self, show):
        page = show(scripts=False)

        assert page.locator("[data-facet=open]").is_hidden()
        assert page.locator(".field:has([data-facet=order]), .finder-old").evaluate_all(
            "all => all.length === 2 && all.every((each) => each.hidden)"
        )
        assert "Open now" not in page.locator("main").inner_text()


WATCH_SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((each) => { window.shifted += each.value; }))
        .observe({type: "layout-shift"});
"""


class TestWithScript:
    @pytest.mark.parametrize("width", [360, 1280])
    @pytest.mark.parametrize("language", ["de", "fr", "ar"])
    def test_moves_no_control_under_the_finger(self, show, language, width):
        held = []
        page = show(language, width=width, height=4000, now=RENDERED, held=held)
        page.locator(".finder-traces").wait_for(state="attached")
        page.evaluate(WATCH_SHIFTS)
        choose(page, "country", "all")
        page.screenshot()  # what was chosen is painted
        page.wait_for_timeout(300)
        page.evaluate("window.shifted = 0")

        for answer in held:
            answer()
        page.locator(".programme-now:not(:empty)").nth(2).wait_for()
        page.locator(".copy").nth(2).wait_for()
        page.wait_for_timeout(200)

        assert page.evaluate("shifted") < 0.001

    def test_shows_the_number_of_matches(self, finder, show):
        page = show()

        choose(page, "country", "gb")

        told = page.locator(".finder-results [role=status]")
        expected = f"{len(finder.answers(country='gb'))} services"
        told.filter(has_text=re.compile(f"^{expected}$")).wait_for(state="attached")
        assert page.locator(".finder-count").inner_text() == expected

    def test_sorts_by_name(self, show):
        page = show("de")
        choose(page, "country", "de")
        before = page.locator("article.programme:visible h3").all_inner_texts()

        choose(page, "order", "name")

        names = page.locator("article.programme:visible h3").all_inner_texts()
        own = names[: names.index("ReDirection")]  # the first from anywhere
        assert own == page.evaluate("(names) => names.toSorted(new Intl.Collator('de').compare)", own) != before
        choose(page, "order", "any")
        assert page.locator("article.programme:visible h3").all_inner_texts() == before

    def test_copies_a_number(self, show):
        page = show(width=320)
        choose(page, "country", "gb")
        page.evaluate("document.addEventListener('copy', () => { window.taken = String(getSelection()); })")
        asked = requests_of(page)

        page.locator("article.programme:visible .copy").first.click()

        assert (
            page.evaluate("window.taken.trim()") == page.locator("article.programme:visible .call").first.inner_text()
        )
        assert "Copied" in page.locator(".finder-results [role=status]").inner_text()
        assert asked == []

    def test_offers_to_copy_numbers_and_nothing_else(self, show):
        page = show()

        beside = page.get_by_role("button", name="Copy", include_hidden=True).evaluate_all(
            "all => all.map((each) => each.previousElementSibling.className)"
        )

        assert set(beside) == {"call"}

    def test_confirms_a_copied_number_even_right_after_a_choice(self, show):
        page = show(width=320, now=RENDERED)
        told = page.locator(".finder-results [role=status]")
        choose(page, "country", "gb")

        page.locator("article.programme:visible .copy").first.click()
        page.clock.run_for(1_000)  # more than the pause after which the number of services is spoken

        assert told.inner_text().startswith("Copied")

    def test_keeps_nothing(self, show, any_browser):
        page = show(opener=any_browser)
        before = page.evaluate("[history.length, location.href, document.title]")
        asked = requests_of(page)

        choose(page, "country", "gb")
        choose(page, "order", "name")
        page.wait_for_timeout(600)

        kept = page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]")
        assert page.evaluate("[history.length, location.href, document.title]") == before
        assert kept == ["", 0, 0]
        assert asked == []


class TestPaper:
    def test_prints_the_chosen_listings(self, finder, show):
        page = show()
        choose(page, "country", "cz")
        page.emulate_media(media="print")

        expected = finder.expected(country="cz")
        assert shown(page) == expected
        assert page.locator("main h3:visible").count() == len(expected)
        assert page.locator(".finder-lines:visible").count() == 3  # emergency numbers, the law, other lines
        assert page.locator("form:visible").count() == 0
        assert page.locator(".exit:visible").count() == 0
        # Buttons and current opening states are of no use on paper.
        assert page.locator(".copy").count() > 0
        assert page.locator(".copy:visible, .programme-now:visible").count() == 0
        assert len(PdfReader(io.BytesIO(page.pdf(format="A4"))).pages) <= 6

    def test_prints_addresses_from_left_to_right_in_arabic(self, show):
        page = show("ar")
        choose(page, "country", "fr")
        page.emulate_media(media="print")

        # Left-to-right isolate … pop: without them the bracket and the slash at the end change sides.
        after = page.locator(".finder-other a[href^=http]:visible").first.evaluate(
            "(each) => getComputedStyle(each, '::after').content"
        )

        assert after.strip('"').startswith(" \u2066(")
        assert after.strip('"').endswith(")\u2069")
