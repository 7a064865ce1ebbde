"""Publications of members as items of CSL-JSON, and the sanitising of such items.

All data of a publication, from a form or from another website, passes through `kept()`.
Its result has only the fields below, none longer than its limit, no control characters and no mark-up.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.admin.forms import printable
from core.languages.lazy import StrOrPromise
from core.search.folding import fold
from network.members.models import Member

type CslItem = dict[str, Any]
# The types of CSL that members can choose.
# Any other is stored as a document.
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
    "document": pgettext_lazy("type of a publication", "Something else"),
}
# Maximum numbers of characters of a text.
LENGTHS: Final = {"title": 500, "container-title": 300}
MAX_NAMES: Final = 60
MAX_NAME: Final = 120
MAX_URL: Final = 500
YEARS = range(1000, 2101)
# Mark-up found in titles.
# Its content stays.
MARKUP = re.compile(
    r"</?(?:jats:)?(?:i|b|em|strong|sub|sup|sc|scp|span|italic|bold|p|title)(?:\s[^<>]{0,100})?/?>",
    re.IGNORECASE,
)
DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"]{1,200}", re.IGNORECASE)
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")

# Maximum number of a member's key outputs, which are shown first.
MOST_KEY_OUTPUTS = 5
MOST_PUBLICATIONS = 200


def line(value: object, length: int) -> str:
    """Return a text or number as one line of plain text, at most `length` characters long; anything else as ""."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # Cut off what is far too long before processing it.
    text = str(value)[: 20 * length]
    text = unicodedata.normalize("NFC", html.unescape(MARKUP.sub("", text)))
    return " ".join(printable(" ".join(text.split())).split())[:length].rstrip()


def normal_doi(text: str) -> str:
    """Return a DOI in lower case, from the bare DOI, its URL or `doi:…`, or "" if there is none.

    Only its form is checked.
    """
    import idutils  # takes long to import, and few requests need it

    text = " ".join(text.split())[:300]
    found = DOI.search(text)
    if found is None:
        return ""
    bare = found[0].rstrip(".,;:")
    while bare.endswith(")") and bare.count(")") > bare.count("("):
        bare = bare[:-1]
    return idutils.normalize_doi(bare).lower() if idutils.is_doi(bare) else ""


def is_address(text: str) -> bool:
    """Return whether a text is the URL of a public page."""
    try:
        URLValidator(schemes=["http", "https"])(text)
        return urlsplit(text).username is None
    except (ValidationError, ValueError):
        return False


def kept(given: Mapping[str, Any]) -> CslItem:
    """Return the supported fields of an item of CSL-JSON.

    Without a title it is not a complete publication; it may have only a DOI.
    """
    kind = given.get("type")
    item: CslItem = {"type": kind if isinstance(kind, str) and kind in TYPES else "document"}
    for name, length in LENGTHS.items():
        value = given.get(name)
        # DOI agencies put titles in lists.
        if text := line(value[0] if isinstance(value, list) and value else value, length):
            item[name] = text
    authors = given.get("author")
    if people := (
        [person for each in authors[:MAX_NAMES] if (person := _name(each))] if isinstance(authors, list) else []
    ):
        item["author"] = people
    if year := _year(given.get("issued")):
        item["issued"] = {"date-parts": [[year]]}
    if doi := normal_doi(line(given.get("DOI"), 300)):
        item["DOI"] = doi
    if is_address(url := line(given.get("URL"), MAX_URL + 1)) and len(url) <= MAX_URL:
        item["URL"] = url
    if LANGUAGE_TAG.fullmatch(language := line(given.get("language"), 35)):
        item["language"] = language
    return item


def _name(given: Any) -> dict[str, str]:
    """Return a name in two parts, or a literal name, or {} if it is not a name."""
    if isinstance(given, str):
        given = {"literal": given}
    if not isinstance(given, dict):
        return {}
    family = " ".join(filter(None, (line(given.get(part), MAX_NAME) for part in ("non-dropping-particle", "family"))))
    parts = {"family": family[:MAX_NAME], "given": line(given.get("given"), MAX_NAME)}
    if whole := line(given.get("literal"), MAX_NAME):
        return {"literal": whole}
    if not family:
        return {"literal": parts["given"]} if parts["given"] else {}
    return {part: text for part, text in parts.items() if text}


def _year(value: object) -> int | None:
    """Return the year of a CSL date, whose parts are numbers or texts."""
    parts = value.get("date-parts") if isinstance(value, dict) else value
    while isinstance(parts, list) and parts:
        parts = parts[0]
    text = line(parts, 10)
    return int(text) if text.isascii() and text.isdigit() and int(text) in YEARS else None


def year_of(item: CslItem) -> str:
    """Return the year of an item, or ""."""
    parts = item.get("issued", {}).get("date-parts", [[]])[0]
    return str(parts[0]) if parts else ""


def authors_of(item: CslItem) -> list[str]:
    """Return the authors of an item as "Family, Given", or as literal names."""
    return [
        person.get("literal") or ", ".join(filter(None, (person["family"], person.get("given"))))
        for person in item.get("author", [])
    ]


def url_of(item: CslItem) -> str:
    """Return the URL of a publication, or ""."""
    doi = item.get("DOI", "")
    return f"https://doi.org/{doi}" if doi else item.get("URL", "")


def likeness(item: CslItem) -> tuple[str, str]:
    """Return title and year, folded.

    Publications with the same values are treated as one.
    """
    return fold(item["title"]), year_of(item)


class Publication(models.Model):
    """A publication of a member, as the item of CSL-JSON returned by `network.publications.models.kept`."""

    wagtail_reference_index_ignore = True

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="publications")
    item = models.JSONField(_("publication"))
    # Derived from the item, and unique for each member.
    doi = models.CharField("DOI", max_length=300, blank=True, editable=False)
    is_key = models.BooleanField(_("key output"), default=False)
    # For key outputs, the order that the member chose.
    # The others are ordered by year.
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    year = models.PositiveSmallIntegerField(_("year"), default=0, editable=False)
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("publication of a member")
        verbose_name_plural = _("publications of members")
        ordering = ("-is_key", "position", "-year", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "doi"],
                condition=~models.Q(doi=""),
                name="one_publication_of_a_member_for_each_doi",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.doi = self.item.get("DOI", "")
        self.year = int(year_of(self.item) or 0)
        super().save(*args, **kwargs)

    @property
    def title(self) -> str:
        return self.item["title"]

    @property
    def authors(self) -> str:
        return "; ".join(authors_of(self.item))

    @property
    def container(self) -> str:
        """Return the journal, book or website that contains it."""
        return self.item.get("container-title", "")

    @property
    def url(self) -> str:
        return url_of(self.item)

    @property
    def language(self) -> str:
        """Return the language of the publication, or "" if it is unknown."""
        return self.item.get("language", "")
