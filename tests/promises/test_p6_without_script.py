"""P6: help can be found without script, styles, pictures, and in a browser without support for `:has()`.

Three tasks, in every language: get from the home page to a contact point; find the immediate-help line; leave.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import choose
from tests.promises.conftest import Change, through
from tests.promises.mutants import Mutant, Swap, of

pytestmark = [
    pytest.mark.installation,
    pytest.mark.browser,
    pytest.mark.demonstration,
]

# The style sheet as a browser without `:has()` applies it.
NO_HAS = (
    Swap("selector(:has(*))", "selector(:unheard-of(*))", "text/css"),
    Swap(":has(", ":unheard-of(", "text/css"),
)
STATES = ("without script", "without styles and pictures", "without :has()")
# The visible parts of the finder.
# Sorting is all that needs a script, so only the script offers it.
SEEN = """() => {
    const seen = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    return {
        listings: seen("article.programme").length, all: document.querySelectorAll("article.programme").length,
        contacts: seen("article.programme a[href]").length, urgent: seen(".crisis a[href^='tel:']").length,
        ways_out: seen("a[data-exit][role=button][href^='https:']").length,
        places: seen(".finder-in h2").length, all_places: document.querySelectorAll(".finder-in h2").length,
        controls: seen("main select, main input").length,
        forms: seen("main form").length, all_forms: document.querySelectorAll("main form").length,
    };
}"""


def without(page: Page, proven, state: str, change: Change = lambda answer: answer) -> None:
    """Remove from the page what its browser does not support."""

    def changed(answer):
        answer = change(answer)
        for swap in NO_HAS if state == "without :has()" else ():
            answer = swap(answer)
        return answer

    through(proven, page, changed)
    if state == "without styles and pictures":
        page.context.route("**/*.{css,png,webp,svg}", lambda route: route.abort())


def missing(page: Page, proven, language: str, state: str) -> list[str]:
    """Return what is missing for the three tasks."""
    page.goto(f"{proven.public_url}/{language}/")
    way = page.locator(f"a[href$='/{language}/help/']:visible").first
    if not way.count():
        return ["no way from the home page"]
    way.click()
    page.wait_for_url(f"**/{language}/help/")
    countries = page.locator("main [data-facet=country]")
    if state == "without script" and countries.is_visible():
        choose(page, "country", "all")
    seen: dict[str, Any] = page.evaluate(SEEN)
    wanted = {
        "a list": seen["listings"] == seen["all"] > 0,
        "a contact": seen["contacts"] > 0,
        "whom to call at once": seen["urgent"] > 0,
        "a way out": seen["ways_out"] > 0,
    }
    if state == "without script":
        wanted["everything to choose with"] = seen["controls"] > 0 and seen["forms"] == seen["all_forms"]
    else:  # where choices would have no effect, none is offered, and each listing shows its country
        wanted["a list without controls"] = seen["controls"] == 0
        wanted["names of places"] = seen["places"] == seen["all_places"] > 0
    return [f"{state}: {name}" for name, there in wanted.items() if not there]


class TestHelp:
    @pytest.mark.parametrize("state", STATES)
    def test_is_found_in_every_language(self, proven, spoken, open_page, state):
        page = open_page(width=320, scripts=False)
        without(page, proven, state)
        found = {language: missing(page, proven, language, state) for language in spoken}

        assert {language: faults for language, faults in found.items() if faults} == {}
        assert found

    @pytest.mark.parametrize("mutant", of("P6"))
    def test_mutants_are_detected(self, proven, open_page, mutant: Mutant):
        faults = []
        for state in STATES:
            page = open_page(width=320, scripts=False)
            without(page, proven, state, mutant.change)
            faults += missing(page, proven, "en", state)

        assert faults
