"""Each kind of page of the demonstration, for readers who need enough contrast, another direction or a small screen."""

import re

import pytest

from tests.support.browser import axe, overflow, turned_numbers
from tests.support.html import Element, parse

pytestmark = [pytest.mark.browser, pytest.mark.demonstration]

CLASSES = re.compile(r'\sclass="([^"]*)"')
# Its script adds opening states and the order to a list that is visible already.
FINDER = re.compile(r"/[a-z]+/help/")
# A colon without the space before it, or one that may stand alone on the next line.
LOOSE = re.compile(r"\S+:(?=\s|$)|\S* [:;!?»]|« \S*")
# Names and quotations are in their own language.
AS_THEY_ARE = {"bdi", "cite", "code", "pre", "q", "script", "style", "textarea"}
# Largest distance by which content may shift by itself, and what shifted.
# Less than 0.005 is a word that gets another font on a busy machine.
SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const {value, sources} of list.getEntries()) if (value > 0.005)
            window.shifts.push(`moved by ${value.toFixed(4)}: ${
                sources.map(({node}) => node?.outerHTML?.slice(0, 80) ?? node?.nodeName)}`);
    }).observe({type: "layout-shift", buffered: true});
"""


def one_of_each_kind(demonstration, language: str) -> list[str]:
    """Return an address for each kind of page: pages made of the same components look alike.

    In a folder, such as that of the members, no page is looked at whose components are all on another.
    """
    kinds: dict[frozenset[str], str] = {}
    for path in demonstration.pages():
        if path.startswith(f"/{language}/"):
            html = (demonstration.var / "prerender" / path[1:] / "index.html").read_text()
            kinds.setdefault(frozenset(" ".join(CLASSES.findall(html)).split()), path)

    def is_part_of_another(classes: frozenset[str]) -> bool:
        folder = folder_of(kinds[classes])
        return folder.count("/") > 1 and any(
            classes < others for others, path in kinds.items() if folder_of(path) == folder
        )

    return sorted(path for classes, path in kinds.items() if not is_part_of_another(classes))


def folder_of(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0]


def french(element: Element) -> str:
    """Return the visible French text of an element, with a word in place of what is in another language."""
    foreign = element.tag in AS_THEY_ARE or element.get("lang") not in (None, "fr")
    if foreign or "visually-hidden" in (element.get("class") or "").split():
        return "…"
    return "".join(child if isinstance(child, str) else french(child) for child in element.children)


class TestEveryKindOfPage:
    def test_has_the_spaces_of_french_punctuation(self, demonstration):
        faults = {}
        for path in one_of_each_kind(demonstration, "fr"):
            text = french(parse((demonstration.var / "prerender" / path[1:] / "index.html").read_text()))
            if found := {match[0] for match in LOOSE.finditer(text)}:
                faults[path] = found

        assert faults == {}
        assert LOOSE.search("Prix: gratuit")
        assert LOOSE.search("Prix : gratuit")

    @pytest.mark.parametrize("language", ["en", "ar"])
    def test_has_nothing_that_axe_or_a_narrow_screen_finds(self, demonstration, open_page, language):
        page = open_page(width=320)
        page.add_init_script(SHIFTS)
        faults = {}
        nowhere = [f"/{language}/no-such-page/", f"/{language}/help/no-such-page/"]
        for path in ["/", *one_of_each_kind(demonstration, language), *nowhere]:
            page.goto(demonstration.public_url + path)
            found = [*axe(page), *overflow(page), *turned_numbers(page)]
            if not FINDER.fullmatch(path):
                found += page.evaluate("shifts")  # layout shifts that happened while axe was running
            if found:
                faults[path] = found

        assert faults == {}
