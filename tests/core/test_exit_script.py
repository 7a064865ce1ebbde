"""Script of the quick exit, tested alone on a page with nothing but the exit links and a field.

Users press it because another person comes into the room.
So it must work each time, and never by mistake.
"""

from dataclasses import dataclass

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page

from config.settings.base import ROOT
from tests.support.exit import WAYS, press_space

pytestmark = pytest.mark.browser

BEFORE, HELP, TARGET = "https://before.test/", "https://help.test/", "https://elsewhere.test/"
# The texts that the page passes to the script.
TWICE, ONCE = "Press Shift 2 more times to leave.", "Press Shift 1 more time to leave."
EXPIRED = "You did not leave. Press Shift 3 times to leave."


@dataclass(frozen=True)
class Help:
    """A help page, with its requests to the other site."""

    page: Page
    asked: list[str]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def press_while(self, held: str, key: str) -> None:
        self.page.keyboard.down(held)
        self.page.keyboard.press(key)
        self.page.keyboard.up(held)

    def wait(self, milliseconds: int) -> None:
        self.page.clock.run_for(milliseconds)

    @property
    def says(self) -> tuple[str, str]:
        """Return the text beside the button, and the number of full circles."""
        status = self.page.locator(".exit [role=status]")
        return status.inner_text(), status.get_attribute("data-count") or ""

    @property
    def is_covered(self) -> bool:
        return self.page.get_by_role("alert").count() > 0


def document(*, strip: bool) -> str:
    ways = ("exit_link", "exit") if strip else ("exit_link",)
    return f"""<!DOCTYPE html><title>Help</title>
        {"".join(render_to_string(f"components/{way}.html", {"url": TARGET}) for way in ways)}
        <input aria-label="A field"><a href="#more">More</a>
        <script type="module">{(ROOT / "site/static/js/exit.js").read_text(encoding="utf-8")}</script>"""


@pytest.fixture
def open_help(open_page):
    def open_help(*, strip: bool = True, answers: bool = True) -> Help:
        page, asked, html = open_page(), [], document(strip=strip)
        page.route(BEFORE, lambda route: route.fulfill(body="Before", content_type="text/html"))
        page.route(HELP, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))

        def answer(route):
            asked.append(route.request.url)
            if answers:
                route.fulfill(body="Elsewhere", content_type="text/html")
            else:
                route.abort("aborted")  # as without a network: the browser stays on the page

        page.route(TARGET, answer)
        page.clock.install(time=0)
        page.goto(BEFORE)
        page.goto(HELP)
        page.clock.pause_at(60_000)
        return Help(page, asked)

    return open_help


@pytest.fixture
def help_(open_help) -> Help:
    """Return a help page whose exit leads to a site that does not respond."""
    return open_help(answers=False)


@pytest.mark.parametrize("way", WAYS)
class TestEveryWay:
    def test_leaves_nothing_to_go_back_to(self, open_help, way):
        page = open_help().page
        pages = page.evaluate("history.length")

        way(page)

        page.wait_for_url(TARGET)
        assert page.evaluate("history.length") == pages

    def test_covers_the_page_with_a_message_until_the_other_has_loaded(self, help_, way):
        way(help_.page)

        cover = help_.page.get_by_role("alert")
        assert (cover.get_attribute("class"), cover.inner_text()) == ("exit-cover", "Loading.")
        assert cover.evaluate("(each) => each.parentElement.tagName + each.tagName") == "BODYDIV"


class TestButton:
    def test_does_not_scroll_the_page_when_space_is_pressed(self, help_):
        help_.page.evaluate("addEventListener('keydown', (event) => { window.kept = event.defaultPrevented; })")

        press_space(help_.page)

        assert help_.page.evaluate("window.kept") is True

    def test_is_not_pressed_by_other_keys(self, help_):
        help_.page.locator("[data-exit][role=button]").focus()

        help_.press("a", "ArrowDown", "Escape")

        assert (help_.is_covered, help_.asked) == (False, [])

    def test_leaves_the_keys_of_the_browser_alone(self, help_):
        help_.page.evaluate("addEventListener('keydown', (event) => { window.kept = event.defaultPrevented; })")
        help_.page.locator("[data-exit][role=button]").focus()

        help_.press("ArrowDown")

        assert help_.page.evaluate("window.kept") is False


class TestOtherLinks:
    def test_stay_what_they_are(self, help_):
        help_.page.get_by_text("More").click()

        assert help_.page.url == f"{HELP}#more"
        assert (help_.is_covered, help_.asked) == (False, [])


class TestPageWithoutTheStrip:
    def test_has_no_error(self, open_help):
        errors = []
        bare = open_help(strip=False)
        bare.page.on("pageerror", lambda error: errors.append(error))

        bare.page.reload()
        bare.press("Shift", "Shift", "Shift")

        assert (errors, bare.asked) == ([], [])


class TestShift:
    def test_shows_no_message_before_it_is_pressed(self, help_):
        assert help_.says == ("", "")

    def test_is_counted_aloud(self, help_):
        said = []
        for _ in range(2):
            help_.press("Shift")
            said.append(help_.says)

        assert said == [(TWICE, "1"), (ONCE, "2")]
        assert not help_.is_covered

    def test_leaves_within_five_seconds(self, help_):
        help_.press("Shift")
        help_.wait(4_999)
        help_.press("Shift", "Shift")

        assert help_.is_covered

    def test_expires_after_five_seconds_with_a_message(self, help_):
        help_.press("Shift", "Shift")
        help_.wait(5_000)
        said = help_.says
        help_.press("Shift", "Shift")

        assert (said, help_.says) == ((EXPIRED, ""), (ONCE, "2"))
        assert not help_.is_covered

    def test_counts_its_five_seconds_from_the_first(self, help_):
        help_.press("Shift")
        help_.wait(3_000)
        help_.press("Shift")
        help_.wait(2_000)

        assert help_.says == (EXPIRED, "")

    def test_is_spoken_of_for_five_seconds_after_it_was_forgotten(self, help_):
        help_.press("Shift")
        help_.wait(9_999)
        said = help_.says
        help_.wait(1)

        assert (said, help_.says) == ((EXPIRED, ""), ("", ""))

    def test_has_its_whole_time_when_it_is_tried_again(self, help_):
        help_.press("Shift")
        help_.wait(9_000)
        help_.press("Shift")
        help_.wait(4_999)
        said = help_.says
        help_.press("Shift", "Shift")

        assert said == (TWICE, "1")
        assert help_.is_covered

    def test_is_forgotten_without_a_word_at_another_key(self, help_):
        help_.press("Shift", "Shift", "a")
        said = help_.says
        help_.wait(5_000)

        assert (said, help_.says) == (("", ""), ("", ""))

    def test_may_be_tried_again_after_another_key(self, help_):
        help_.press("Shift", "a")
        help_.wait(3_000)
        help_.press("Shift")
        help_.wait(4_000)
        said = help_.says
        help_.press("Shift", "Shift")

        assert said == (TWICE, "1")
        assert help_.is_covered

    def test_is_no_matter_to_other_keys(self, help_):
        help_.press("a", "b", "Enter", "Tab")

        assert help_.says == ("", "")

    def test_other_keys_leave_what_was_said_alone(self, help_):
        help_.press("Shift")
        help_.wait(5_000)
        help_.press("a")

        assert help_.says == (EXPIRED, "")

    @pytest.mark.parametrize("held", ["Control", "Alt", "Meta"])
    def test_counts_only_alone(self, help_, held):
        for _ in range(3):
            help_.press_while(held, "Shift")

        assert not help_.is_covered
        assert help_.says == ("", "")

    @pytest.mark.parametrize(
        "keys",
        [["Shift+A"] * 4, ["Insert+Shift+A"] * 3],
        ids=["capital letters", "a screen reader's"],
    )
    def test_does_not_count_when_it_writes(self, help_, keys):
        help_.page.get_by_label("A field").focus()

        help_.press(*keys)

        assert not help_.is_covered
        assert help_.says == ("", "")

    def test_counts_again_after_a_capital_letter(self, help_):
        help_.page.get_by_label("A field").focus()
        help_.press("Shift+A", "Shift", "Shift", "Shift")

        assert help_.is_covered
