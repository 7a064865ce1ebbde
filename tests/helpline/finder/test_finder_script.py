"""Opening hours and sorting in the finder's script: the script alone, on unsaved listings, at any instant.

People call if they read "open now", and do not if they read "closed".
So unknown hours are never called open or closed.
"""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.template.loader import get_template
from playwright.sync_api import Page

from config.settings.base import ROOT
from helpline.finder.content.finder import Finder
from tests.helpline.unsaved import PHONE, programme

pytestmark = pytest.mark.browser

# The day before the holidays.
# In Germany, the 25th and the 26th are public holidays, and the 27th is a Sunday.
RENDERED = dt.date(2026, 12, 24)
BERLIN = ZoneInfo("Europe/Berlin")
SCRIPT = ROOT / "site/static/js/finder.js"
HOURS = {
    "office": "Mo-Fr 09:00-17:00",  # holidays are not mentioned, so whether it is open on one is unknown
    "holidays off": "Mo-Fr 09:00-17:00; PH off",
    "night": "Mo-Su,PH 22:00-06:00",
    "always": "24/7",
    "by appointment": 'Mo-Fr 09:00-17:00 "by appointment"',
    "sometimes": 'Mo-Su,PH 10:00-12:00, Mo-Su,PH 12:00-14:00 "by appointment"',
    "not given": "",
}
# The listing, the time (in Berlin), and the script's text.
SAID = [
    ("office", (2026, 12, 24, 8, 59), "[opens] Thursday 09:00"),
    ("office", (2026, 12, 24, 9, 0), "[until] Thursday 17:00"),
    ("office", (2026, 12, 24, 16, 59), "[until] Thursday 17:00"),
    ("office", (2026, 12, 24, 17, 0), "[closed]"),  # its next opening is unknown, so no hour is given
    ("office", (2026, 12, 25, 12, 0), "[unknown]"),
    ("office", (2026, 12, 25, 17, 0), "[opens] Monday 09:00"),
    ("office", (2026, 12, 27, 12, 0), "[opens] Monday 09:00"),
    ("holidays off", (2026, 12, 25, 12, 0), "[opens] Monday 09:00"),
    ("night", (2026, 12, 24, 23, 59), "[until] Friday 06:00"),
    ("night", (2026, 12, 25, 5, 59), "[until] Friday 06:00"),
    ("night", (2026, 12, 25, 6, 0), "[opens] Friday 22:00"),
    ("always", (2026, 12, 25, 3, 0), "[open]"),
    ("by appointment", (2026, 12, 24, 12, 0), "[unknown]"),
    ("sometimes", (2026, 12, 24, 11, 0), "[until] Thursday 12:00"),
    ("sometimes", (2026, 12, 24, 12, 0), "[unknown]"),
    ("sometimes", (2026, 12, 24, 14, 0), "[opens] Friday 10:00"),
    ("not given", (2026, 12, 24, 12, 0), ""),
]
# The words of the page for the script.
# Here, each is its own name.
WORDS = ("open", "until", "closed", "opens", "unknown", "copy", "copied")


@dataclass(frozen=True)
class Scripted:
    """The list of the finder with its script, and a clock that can be set."""

    page: Page
    start: int  # of the timetables in the page, in minutes since 1970
    length: int

    def at(self, *instants: dt.datetime) -> list[dict[str, dict[str, str]]]:
        """Return for each instant the script's text for each listing, and whether it counts as open."""
        found: list[dict[str, dict[str, str]]] = self.page.evaluate(
            """(instants) => instants.map((instant) => {
                Date.now = () => instant * 1000;
                window.tell();
                return Object.fromEntries([...document.querySelectorAll(".finder-row")].map((row) => [
                    row.querySelector("h3").textContent.trim(),
                    {
                        says: row.querySelector(".programme-now")?.textContent ?? "",
                        open: row.parentElement.querySelector("i").dataset.open === "o",
                    },
                ]));
            })""",
            [instant.timestamp() for instant in instants],
        )
        return found

    def says(self, name: str, *when: int) -> str:
        return self.at(dt.datetime(*when, tzinfo=BERLIN))[0][name]["says"]

    def is_open(self, name: str, *when: int) -> bool:
        return bool(self.at(dt.datetime(*when, tzinfo=BERLIN))[0][name]["open"])

    def order(self, code: str) -> list[str]:
        """Choose an order, and return the names in it."""
        found: list[str] = self.page.evaluate(
            """(code) => {
                document.querySelector(`[data-facet=order] [data-code=${code}]`).selected = true;
                document.querySelector("[data-facet=order]").dispatchEvent(new Event("change", {bubbles: true}));
                return [...document.querySelectorAll(".finder-row h3")].map((each) => each.textContent.trim());
            }""",
            code,
        )
        return found

    def choose(self, facet: str, code: str) -> None:
        self.page.locator(f"[data-facet={facet}] [data-code={code}]").check(force=True)

    @property
    def says_aloud(self) -> str:
        return self.page.locator("[role=status]").inner_text()


def listing(name, text, timezone="Europe/Berlin", **facts):
    made = programme({**PHONE, "opening_hours": text, "timezone": timezone}, name=name, pk=1, **facts)
    made._prefetched_objects_cache = {"texts": []}
    return made


def document(*listings, filters: bool = True, language: str = "en-GB") -> str:
    """Return the list and its controls as the finder renders them.

    If the style sheet can filter, it shows the first form.
    """
    finder = Finder.of(programmes=listings, lines=[], own_words={}, today=RENDERED)
    source = Path(get_template("helpline/finder_page.html").origin.name).read_text(encoding="utf-8")
    results = re.search(r'<div class="finder-results".*?</div>\s*<p class="finder-count".*?</p>', source, re.DOTALL)
    assert results
    template = engines["django"].from_string(
        '{% load i18n %}{% include "helpline/finder_choices.html" with controls=finder.controls only %}' + results[0]
    )
    style = "<style>.finder-more[hidden] { display: block } .gone { display: none }</style>" if filters else ""
    return f'<!DOCTYPE html><html lang="{language}">{style}{template.render({"finder": finder})}</html>'


@pytest.fixture
def scripted(open_page):
    def scripted(*listings, now=dt.datetime(2026, 12, 24, 12, tzinfo=BERLIN), words=(), **options) -> Scripted:
        page = open_page(timezone_id="Europe/Berlin")
        page.clock.install(time=now - dt.timedelta(minutes=1))
        page.clock.pause_at(now)
        page.set_content(document(*listings, **options))
        page.locator(".finder-more > details").evaluate("(group) => group.open = true")
        page.evaluate("""(words) => {
            for (const word of words) document.querySelector(".finder-count").dataset[word] = `[${word}]`;
            const repeat = window.setInterval;
            window.setInterval = (tell, pause) => { window.tell = tell; repeat(tell, pause); };
        }""", [*WORDS, *words])  # fmt: skip
        page.add_script_tag(path=SCRIPT)
        data = page.locator(".finder-count").evaluate("(each) => [each.dataset.start, each.dataset.length]")
        return Scripted(page, *map(int, data))

    return scripted


@pytest.fixture
def everything(scripted) -> Scripted:
    return scripted(*(listing(name, text) for name, text in HOURS.items()))


class TestOpenNow:
    def test_is_said_in_the_words_of_the_page(self, everything):
        found = [everything.says(name, *when) for name, when, _says in SAID]

        assert [re.sub(r"\s+", " ", words) for words in found] == [says for _name, _when, says in SAID]

    def test_is_never_guessed_at_any_minute(self, everything):
        """Every quarter of an hour on the page is compared with the opening hours."""
        begins = dt.datetime.fromtimestamp(everything.start * 60, tz=dt.UTC)
        instants = [begins + dt.timedelta(minutes=at) for at in range(0, everything.length, 15)]
        open_hours = {
            "night": ({22, 23, 0, 1, 2, 3, 4, 5}, range(7)),
            "holidays off": (set(range(9, 17)), range(5)),
        }

        for instant, told in zip(instants, everything.at(*instants), strict=True):
            here = instant.astimezone(BERLIN)
            for name, (hours, days) in open_hours.items():
                holiday = here.date() in (dt.date(2026, 12, 25), dt.date(2026, 12, 26), dt.date(2027, 1, 1))
                expected = here.hour in hours and here.weekday() in days and not (holiday and name != "night")
                assert (name, here, told[name]["open"]) == (name, here, expected)
            for name, row in told.items():
                assert row["open"] is row["says"].startswith(("[open]", "[until]")), (name, here)
            assert told["always"] == {"says": "[open]", "open": True}
            assert told["not given"] == {"says": "", "open": False}
            assert "[open]" not in told["by appointment"]["says"]
            if here.weekday() < 5 and 9 <= here.hour < 17:
                assert told["by appointment"]["says"] == "[unknown]", here

    @pytest.mark.parametrize("minutes", [-1, 0], ids=["before", "after"])
    def test_is_not_known_outside_of_the_timetables_of_the_page(self, everything, minutes):
        edge = everything.start if minutes else everything.start + everything.length
        page = everything.page
        page.locator("[data-facet=open] [data-code=now]").check(force=True)

        told = everything.at(dt.datetime.fromtimestamp((edge + minutes) * 60, tz=dt.UTC))[0]

        assert {(row["says"], row["open"]) for row in told.values()} == {("", False)}
        assert page.locator(".finder-old").is_visible()
        assert page.locator("[data-facet=open]").is_hidden()
        assert page.locator("[data-facet=open] [data-code=any]").is_checked()

    @pytest.mark.parametrize("minutes", [0, -1], ids=["first", "last"])
    def test_is_known_in_the_first_and_the_last_minute(self, everything, minutes):
        edge = everything.start + everything.length if minutes else everything.start

        told = everything.at(dt.datetime.fromtimestamp((edge + minutes) * 60, tz=dt.UTC))[0]

        assert told["always"] == {"says": "[open]", "open": True}
        assert everything.page.locator(".finder-old").is_hidden()
        assert everything.page.locator("[data-facet=open]").is_visible()

    def test_comes_back_when_the_clock_is_set_right(self, everything):
        everything.at(dt.datetime(2030, 1, 1, tzinfo=BERLIN))

        assert everything.says("always", 2026, 12, 24, 12, 0) == "[open]"
        assert everything.page.locator(".programme-now").count() == len(HOURS) - 1

    def test_is_updated_each_minute(self, scripted):
        found = scripted(listing("office", HOURS["office"]), now=dt.datetime(2026, 12, 24, 16, 59, tzinfo=BERLIN))
        note = found.page.locator(".programme-now")

        found.page.clock.run_for(59_999)
        before = note.inner_text()
        found.page.clock.run_for(1)

        assert (before, note.inner_text()) == ("[until] Thursday 17:00", "[closed]")

    def test_is_marked_beside_the_number(self, everything):
        note = everything.page.locator(".programme-contact .programme-now").first

        assert note.evaluate("(each) => each.tagName") == "STRONG"

    def test_keeps_what_may_be_open_below_what_is_and_counts_it(self, everything):
        everything.says("always", 2026, 12, 24, 12, 0)
        night = everything.page.locator("article", has=everything.page.get_by_role("heading", name="night", exact=True))
        night.evaluate("(each) => each.classList.add('gone')")
        unsure = everything.page.locator(".finder-unsure")
        before = unsure.is_hidden()

        everything.choose("open", "now")

        names = everything.page.locator(".finder-row:has(article:not(.gone)) h3").all_inner_texts()
        assert set(names[:3]) == {"office", "holidays off", "always"}
        assert set(names[3:]) == {"by appointment", "sometimes", "not given"}
        assert everything.page.locator("div:has(> i[data-open=u]) h3").count() == 3
        expected = "Below those that are open are 3 services whose opening hours we do not know."
        assert (before, unsure.inner_text()) == (True, expected)
        assert "opening hours not known" in everything.page.locator("article", has_text="not given").inner_text()
        everything.choose("open", "any")
        assert unsure.is_hidden()
        assert set(everything.page.locator(".finder-row h3").all_inner_texts()) == set(HOURS)

    def test_leaves_the_choice_of_what_is_open_alone(self, everything):
        everything.choose("open", "now")

        everything.says("always", 2026, 12, 24, 12, 0)

        assert everything.page.locator("[data-facet=open] [data-code=now]").is_checked()


class TestOrder:
    @pytest.fixture
    def list_(self, scripted) -> Scripted:
        """Return the list at noon on the 24th, as prerendered: those checked most recently come first."""
        days = iter(range(1, 9))
        given = [
            ("Closed", "night"),
            ("älter", "office"),
            ("Unknown", "not given"),
            ("Doubtful", "by appointment"),
            ("Zebra", "always"),
            ("apple", "office"),
        ]
        return scripted(
            *(listing(name, HOURS[text], checked_on=RENDERED - dt.timedelta(next(days))) for name, text in given),
            listing("Never checked", HOURS["office"], checked_on=None),
        )

    RENDERED_ORDER = ["Closed", "älter", "Unknown", "Doubtful", "Zebra", "apple", "Never checked"]

    def test_is_as_rendered_to_begin_with(self, list_):
        assert list_.order("any") == self.RENDERED_ORDER

    def test_by_what_is_open_puts_nothing_unknown_first_and_keeps_the_rest(self, list_):
        assert list_.order("open") == [
            "älter",
            "Zebra",
            "apple",
            "Never checked",
            "Closed",
            "Unknown",
            "Doubtful",
        ]

    def test_by_the_last_check_begins_with_the_newest_and_ends_with_unchecked_ones(self, list_):
        list_.order("name")

        assert list_.order("checked") == self.RENDERED_ORDER

    def test_keeps_each_listing_under_the_heading_of_its_country(self, scripted):
        found = scripted(
            *(
                listing(f"{code} {ago}", HOURS["office"], countries=[code], checked_on=RENDERED - dt.timedelta(ago))
                for code in ("de", "xx", "at", "fr")
                for ago in (2, 1)
            )
        )

        assert found.order("checked") == [f"{code} {ago}" for code in ("at", "fr", "de", "xx") for ago in (1, 2)]

    def test_by_name_is_that_of_the_language(self, list_):
        assert list_.order("name") == [
            "älter",
            "apple",
            "Closed",
            "Doubtful",
            "Never checked",
            "Unknown",
            "Zebra",
        ]

    def test_goes_back_to_what_was_rendered(self, list_):
        list_.order("open")

        assert list_.order("any") == self.RENDERED_ORDER

    def test_can_be_chosen_where_the_style_sheet_can_filter(self, list_):
        assert list_.page.locator("[data-facet=order]").is_visible()

    def test_stays_as_rendered_where_it_cannot(self, scripted):
        found = scripted(listing("A", HOURS["night"]), listing("B", HOURS["office"]), filters=False)

        assert found.order("open") == ["A", "B"]
        assert found.page.locator("[data-facet=order]").is_hidden()

    def test_keeps_the_list_where_it_was(self, list_):
        list_.order("name")

        assert list_.page.locator(".finder-results ~ .finder-count").count() == 1


class TestHowManyMatch:
    @pytest.fixture
    def list_(self, scripted) -> Scripted:
        found = scripted(*(listing(name, HOURS["office"]) for name in ("one", "two", "three")))
        found.page.locator("article").first.evaluate("(each) => each.classList.add('gone')")
        return found

    def test_is_said_once_the_reader_has_chosen(self, list_):
        list_.choose("channel", "phone")
        list_.page.clock.run_for(399)
        before = list_.says_aloud
        list_.page.clock.run_for(1)

        assert (before, list_.says_aloud) == ("", "2 services")

    def test_is_seen_in_the_number_of_the_words_at_each_choice(self, list_):
        counted = list_.page.locator(".finder-count")
        hide = "(each) => each.classList.toggle('gone')"
        assert counted.inner_text() == "3 services"

        list_.choose("channel", "phone")
        assert counted.inner_text() == "2 services"

        list_.page.locator("article").last.evaluate(hide)
        list_.choose("channel", "any")
        assert counted.inner_text() == "1 service"

        list_.page.locator("article").last.evaluate(hide)
        list_.page.locator(".finder-more").evaluate("(form) => form.reset()")
        list_.page.clock.run_for(0)
        assert counted.inner_text() == "2 services"

    def test_is_seen_in_each_plural_form_of_the_language(self, scripted):
        forms = ("zero", "one", "two", "few", "many")
        found = scripted(
            *(listing(f"{number}", HOURS["office"]) for number in range(11)),
            language="ar",
            words=[f"services{form.capitalize()}" for form in forms],
        )
        counted, rows = found.page.locator(".finder-count"), found.page.locator("article")

        hide = "(all, shown) => all.forEach((each, at) => each.classList.toggle('gone', at >= shown))"
        said = [counted.inner_text()]
        for number in (3, 2, 1, 0):
            rows.evaluate_all(hide, number)
            found.choose("channel", "phone" if number % 2 else "any")
            said.append(counted.inner_text())

        assert said == [f"[services{form.capitalize()}]" for form in reversed(forms)]

    def test_is_said_once_for_several_choices(self, list_):
        list_.choose("channel", "phone")
        list_.page.clock.run_for(300)
        list_.choose("channel", "any")
        list_.page.clock.run_for(399)

        assert list_.says_aloud == ""

    def test_is_not_said_where_the_style_sheet_cannot_filter(self, scripted):
        found = scripted(listing("one", HOURS["office"]), filters=False)

        found.page.locator("[data-facet=channel] [data-code=phone]").dispatch_event("change")
        found.page.clock.run_for(1000)

        assert found.says_aloud == ""


class TestCopying:
    @pytest.fixture
    def list_(self, scripted) -> Scripted:
        found = scripted(listing("one", HOURS["office"]))
        found.page.evaluate("document.addEventListener('copy', () => { window.taken = String(getSelection()); })")
        return found

    def test_is_offered_after_each_number_by_a_button_that_sends_nothing(self, list_):
        button = list_.page.locator(".call + button.copy")

        assert button.inner_text() == "[copy]"
        assert button.get_attribute("aria-label") == f"[copy]: {list_.page.locator('.call').inner_text()}"
        assert button.evaluate("(each) => each.type") == "button"

    def test_takes_the_number_and_says_so(self, list_):
        button = list_.page.locator(".copy")

        button.click()

        assert list_.page.evaluate("window.taken") == list_.page.locator(".call").inner_text()
        assert (button.inner_text(), list_.says_aloud) == ("[copied]", "[copied]")

    def test_is_said_even_right_after_a_choice(self, list_):
        list_.choose("channel", "phone")

        list_.page.locator(".copy").click()
        list_.page.clock.run_for(400)

        assert list_.says_aloud == "[copied]"

    def test_says_nothing_where_the_browser_refuses(self, list_):
        list_.page.evaluate("document.execCommand = () => false")

        list_.page.locator(".copy").click()

        assert (list_.page.locator(".copy").inner_text(), list_.says_aloud) == ("[copy]", "")


class TestAnotherPage:
    def test_without_a_list_has_no_error(self, open_page):
        page, errors = open_page(), []
        page.on("pageerror", lambda error: errors.append(error))

        page.set_content("<!DOCTYPE html><title>Another page</title>")
        page.add_script_tag(path=SCRIPT)

        assert errors == []
