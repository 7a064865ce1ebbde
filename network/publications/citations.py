"""Works in the style of the APA, in the language of whoever reads them, as HTML that holds nothing but text, <i> and <bdi>.

The style is `network/data/apa.csl`: the 7th edition, as the project Citation Style Language keeps it, unchanged (CC BY-SA 3.0). The terms, such as
"Hrsg." for "eds.", are those of citeproc-py's locale files; a language that has none there, or lacks a term, gets the English one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from network.publications.csl import year_of

if TYPE_CHECKING:
    from network.publications.csl import CslItem
    from network.publications.models import PublishedWork

STYLE = Path(__file__).parents[2] / "data" / "apa.csl"
# Characters for private use, which no kept item has in it (`core.desk.forms.printable`): where italics begin and end.
BEGIN, END = "\ue000", "\ue001"
# And where a title does, which may be written in another direction than its surroundings.
ISOLATE, ISOLATED = "\ue002", "\ue003"
TITLES = ("title", "container-title")
TITLE = re.compile(f"{ISOLATE}[^{ISOLATED}]*{ISOLATED}")
MARKS = {BEGIN: "<i>", END: "</i>", ISOLATE: "<bdi>", ISOLATED: "</bdi>"}
# citeproc-py sees no full stop behind a mark.
SECOND_STOP = re.compile(f"([.?!؟。][{END}{ISOLATED}]+)\\.")
ENGLISH = "en-US"


class _Plain(str):
    """Text that is set like the rest."""

    __slots__ = ()


class _Italic(str):
    __slots__ = ()

    def __new__(cls, text: str) -> _Italic:
        return super().__new__(cls, f"{BEGIN}{text}{END}")


# What citeproc-py takes as a format. It would escape its own words and not those of the works, so everything is escaped here, at the end.
FORMAT = SimpleNamespace(
    preformat=str, Italic=_Italic, Oblique=_Italic, Bold=_Plain, Light=_Plain, Underline=_Plain,
    Superscript=_Plain, Subscript=_Plain, SmallCaps=_Plain,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Citation:
    """A work as it is shown: its citation, its address if it has one, and the language that it is in, or "" if nobody knows."""

    html: SafeString
    url: str
    language: str
    is_key: bool


def citation(work: PublishedWork) -> Citation:
    """Return a work as readers of the active language see it."""
    item = work.item
    return Citation(
        html=in_apa_style(item, get_language()),
        url=url_of(item),
        language=item.get("language", ""),
        is_key=work.is_key,
    )


def url_of(item: CslItem) -> str:
    """Return where a work is found, or ""."""
    doi = item.get("DOI", "")
    url: str = f"https://doi.org/{doi}" if doi else item.get("URL", "")
    return url


def short(item: CslItem) -> str:
    """Return title and year in plain text."""
    year = year_of(item)
    return f"{item['title']} ({year})" if year else str(item["title"])


def in_apa_style(item: CslItem, language: str) -> SafeString:
    """Return the citation of a work as HTML. The address that ends it is left to the template, which makes it a link."""
    return _rendered(json.dumps(item, sort_keys=True), locale_of(language))


# A work takes a hundredth of a second, and pages are printed again and again.
@lru_cache(maxsize=20_000)
def _rendered(written: str, locale: str) -> SafeString:
    from citeproc import Citation as Cited
    from citeproc import CitationItem, CitationStylesBibliography
    from citeproc.source.json import CiteProcJSON

    item = _isolated(json.loads(written))
    bibliography = CitationStylesBibliography(_style(locale), CiteProcJSON([_as_cited(item)]), FORMAT)
    bibliography.register(Cited([CitationItem("work")]))
    text = _without_second_title("".join(map(str, bibliography.bibliography()[0])), item)
    text = _as_written(text, item)
    text = SECOND_STOP.sub(r"\1", text).strip()
    return mark_safe("".join(MARKS.get(letter, letter) for letter in escape(text)))  # noqa: S308  (escaped, and then marks replaced)


def _as_written(text: str, item: CslItem) -> str:
    """Return a citation with its titles as they are written, unless they are English: citeproc-py capitalises words in every language."""
    if item.get("language", "en").startswith("en"):
        return text
    titles = {each.casefold(): each for name in TITLES if (each := item.get(name))}
    return TITLE.sub(lambda found: titles.get(found[0].casefold(), found[0]), text)


def _isolated(item: CslItem) -> CslItem:
    """Return the item with its titles marked: what is in them does not turn what is around them, whichever way each is written."""
    titles = {name: f"{ISOLATE}{item[name]}{ISOLATED}" for name in TITLES if name in item}
    return item | titles


def _as_cited(item: CslItem) -> dict[str, Any]:
    """Return the item that citeproc-py sets as APA has it."""
    names = {"event-title": "event"}
    cited: dict[str, Any] = {
        names.get(name, name): value for name, value in item.items() if name not in {"DOI", "URL", "language"}
    }
    if cited["type"] == "thesis":
        # It would set the label of a number that no thesis has.
        cited["type"] = "report"
    return {**cited, "id": "work"}


def _without_second_title(text: str, item: CslItem) -> str:
    """Return a citation with the title once: citeproc-py sets it again where it stands in for an author."""
    title = item["title"]
    before, found, after = text.rpartition(title)
    if not found or title not in before or item.get("author"):
        return text
    return f"{before.removesuffix(BEGIN).rstrip()} {after.removeprefix(END).removeprefix('.').lstrip()}"


@cache
def _style(locale: str) -> Any:
    from citeproc import CitationStylesStyle

    return CitationStylesStyle(str(STYLE), locale=locale, validate=False)


@cache
def locale_of(language: str) -> str:
    """Return the locale file of citeproc-py for a language, or the English one: `de` → `de-DE`."""
    from citeproc import LOCALES_PATH

    folder = Path(LOCALES_PATH)
    main = json.loads((folder / "locales.json").read_text())["primary-dialects"]
    bare = language.partition("-")[0]
    written = "-".join([bare, *language.upper().split("-")[1:]])
    names = (written, main.get(language, ""), main.get(bare, ""), bare)
    return next((name for name in names if name and (folder / f"locales-{name}.xml").exists()), ENGLISH)
