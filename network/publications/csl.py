"""Works as CSL-JSON: the part of the format that is kept, and what is left of anything that claims to be in it.

Whatever a file, a form or another website says of a work passes through `kept()`. What it returns has only the fields below, none longer than its
limit, no control character and no mark-up, and is valid by the schema of CSL-JSON (https://github.com/citation-style-language/schema).
"""

from __future__ import annotations

import calendar
import html
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.desk.forms import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django_stubs_ext import StrOrPromise

type CslItem = dict[str, Any]

# The types of CSL that members choose from. Any other is kept as a document.
TYPES: dict[str, StrOrPromise] = {
    "article-journal": gettext_lazy("Article in a journal"),
    "book": gettext_lazy("Book"),
    "chapter": gettext_lazy("Chapter of a book"),
    "report": gettext_lazy("Report"),
    "paper-conference": gettext_lazy("Paper at a conference"),
    "thesis": gettext_lazy("Thesis"),
    "dataset": gettext_lazy("Data set"),
    "software": gettext_lazy("Software"),
    "webpage": gettext_lazy("Page on the web"),
    "article-newspaper": gettext_lazy("Article in a newspaper"),
    "article": gettext_lazy("Preprint"),
    "document": pgettext_lazy("type of a work", "Something else"),
}
# The text fields, each with the most characters that are kept of it, and its name.
TEXT_FIELDS: dict[str, tuple[int, StrOrPromise]] = {
    "title": (500, gettext_lazy("Title")),
    "container-title": (300, gettext_lazy("In (journal, book, website)")),
    "volume": (30, gettext_lazy("Volume")),
    "issue": (30, gettext_lazy("Issue")),
    "page": (40, gettext_lazy("Pages")),
    "edition": (40, gettext_lazy("Edition")),
    "number": (60, gettext_lazy("Number")),
    "genre": (120, gettext_lazy("Kind of work")),
    "event-title": (300, gettext_lazy("Event")),
    "publisher": (200, gettext_lazy("Publisher")),
    "publisher-place": (120, gettext_lazy("Place")),
    "language": (35, gettext_lazy("Language")),
    "ISBN": (40, "ISBN"),
    "ISSN": (40, "ISSN"),
}
NAME_FIELDS: dict[str, StrOrPromise] = {
    "author": gettext_lazy("Authors"),
    "editor": pgettext_lazy("of a book", "Editors"),
}
NAME_PARTS = ("family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal")
MAX_NAMES: Final = 60
MAX_NAME: Final = 120
MAX_URL: Final = 500
YEARS = range(1000, 2101)
# Mark-up that titles come with. The content stays.
MARKUP = re.compile(r"</?(?:jats:)?(?:i|b|em|strong|sub|sup|sc|scp|span|italic|bold|p|title)(?:\s[^<>]{0,100})?/?>", re.IGNORECASE)  # fmt: skip
DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"]{1,200}", re.IGNORECASE)
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(slots=True)
class KeptItem:
    """What is left of an item, and what had to be left out or shortened, in words for the person who gave it."""

    item: CslItem = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        title: str = self.item.get("title", "")
        return title

    @property
    def year(self) -> str:
        return year_of(self.item)


def line(value: Any, length: int) -> str:
    """Return a text or number as one line of plain text, at most `length` characters long; anything else as ""."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # Far more than is kept is not even looked at.
    text = str(value)[: 20 * length]
    text = unicodedata.normalize("NFC", html.unescape(MARKUP.sub("", text)))
    return " ".join(printable(" ".join(text.split())).split())[: length + 1]


def normal_doi(text: str) -> str:
    """Return a DOI in lower case, from the bare DOI, its address or `doi:…`; "" if there is none in it. Only its form is checked."""
    import idutils  # takes long to import, and few requests need it

    text = " ".join(text.split())[:300]
    found = DOI.search(text)
    if found is None:
        return ""
    bare = found[0].rstrip(".,;:")
    while bare.endswith(")") and bare.count(")") > bare.count("("):
        bare = bare[:-1]
    return idutils.normalize_doi(bare).lower() if idutils.is_doi(bare) else ""


def kept(given: Mapping[str, Any]) -> KeptItem:
    """Return what can be kept of an item of CSL-JSON. It is not a work as long as it has no title; it may have a DOI alone."""
    found = KeptItem()
    kind = given.get("type")
    found.item["type"] = kind if isinstance(kind, str) and kind in TYPES else "document"
    for name, (length, label) in TEXT_FIELDS.items():
        _keep_text(found, name, given.get(name), length, label)
    for name, label in NAME_FIELDS.items():
        _keep_names(found, name, given.get(name), label)
    _keep_date(found, given.get("issued"))
    _keep_identifiers(found, given)
    if not found.title:
        found.remarks.insert(0, _("It has no title."))
    return found


def _keep_text(found: KeptItem, name: str, value: Any, length: int, label: StrOrPromise) -> None:
    if value in (None, ""):
        return
    text = line(value[0] if isinstance(value, list) and len(value) == 1 else value, length)
    if name == "language" and not LANGUAGE_TAG.fullmatch(text):
        return
    if len(text) > length:
        text = text[:length].rstrip()
        found.remarks.append(_("%(field)s: too long, and cut off.") % {"field": label})
    if text:
        found.item[name] = text
    else:
        found.remarks.append(_("%(field)s: not readable, and left out.") % {"field": label})


def _keep_names(found: KeptItem, name: str, value: Any, label: StrOrPromise) -> None:
    if value in (None, "", []):
        return
    people = (
        [person for each in value[:MAX_NAMES] if (person := _name(each))] if isinstance(value, list) else []
    )
    if people:
        found.item[name] = people
    else:
        found.remarks.append(_("%(field)s: not readable, and left out.") % {"field": label})
        return
    if (rest := len(value) - len(people)) > 0:
        found.remarks.append(
            ngettext(
                "%(field)s: %(count)s name is left out.", "%(field)s: %(count)s names are left out.", rest
            )
            % {"field": label, "count": rest}
        )


def _name(given: Any) -> dict[str, str]:
    if isinstance(given, str):
        given = {"literal": given}
    if not isinstance(given, dict):
        return {}
    parts = {part: text[:MAX_NAME] for part in NAME_PARTS if (text := line(given.get(part, ""), MAX_NAME))}
    if "literal" in parts:
        return {"literal": parts["literal"]}
    if "family" not in parts:
        return {"literal": parts["given"]} if "given" in parts else {}
    return parts


def _keep_date(found: KeptItem, value: Any) -> None:
    if value in (None, ""):
        return
    parts = list(_date_parts(value))
    if len(parts) == len(("year", "month", "day")) and not _is_day(*parts):
        parts.pop()
    if parts:
        found.item["issued"] = {"date-parts": [parts]}
    else:
        found.remarks.append(_("The date is not one that we can read, and is left out."))


def _date_parts(value: Any) -> Iterator[int]:
    """Yield year, month and day, as far as they are there."""
    if isinstance(value, dict):
        value = value.get("date-parts") or value.get("raw") or value.get("literal")
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    numbers = value if isinstance(value, list) else re.split(r"[-/.]", line(value, 40).strip())
    for given, allowed in zip(numbers, (YEARS, range(1, 13), range(1, 32)), strict=False):
        text = line(given, 10).strip()
        if not text.isascii() or not text.isdigit() or int(text) not in allowed:
            return
        yield int(text)


def _is_day(year: int, month: int, day: int) -> bool:
    return day <= calendar.monthrange(year, month)[1]


def _keep_identifiers(found: KeptItem, given: Mapping[str, Any]) -> None:
    if text := line(given.get("DOI") or "", 300):
        if doi := normal_doi(text):
            found.item["DOI"] = doi
        else:
            found.remarks.append(_("“%(given)s” is not a DOI, and is left out.") % {"given": text[:60]})
    if text := line(given.get("URL") or "", MAX_URL):
        if len(text) <= MAX_URL and is_address(text):
            found.item["URL"] = text
        else:
            found.remarks.append(_("The address is not one that begins with https://, and is left out."))


def is_address(text: str) -> bool:
    """Return whether a text is the address of a public page."""
    try:
        URLValidator(schemes=["http", "https"])(text)
        return urlsplit(text).username is None
    except (ValidationError, ValueError):
        return False


def year_of(item: CslItem) -> str:
    """Return the year of an item, or ""."""
    parts = item.get("issued", {}).get("date-parts", [[]])[0]
    return str(parts[0]) if parts else ""


def names_of(item: CslItem, part: str) -> list[str]:
    """Return the names of an item as "Family, Given", or as they are written."""
    return [
        person.get("literal")
        or ", ".join(
            filter(
                None,
                (
                    " ".join(filter(None, (person.get("non-dropping-particle"), person["family"]))),
                    person.get("given"),
                ),
            )
        )
        for person in item.get(part, [])
    ]
