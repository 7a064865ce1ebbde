"""Highlights: sections of the home page that apps declare (`core.declarations`), without imports in the home page.

A page highlight holds pages of one kind, a calendar has dates that are ahead, a figure highlight counts, a logo
highlight has logos.
All texts are in the active language.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Model

from core import declarations
from core.models import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A page of a highlight, in short.

    `path` is its path on the public site.
    """

    title: str
    path: str
    text: str = ""
    note: str = ""
    date: dt.date | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """An event on a day, as a sentence without its subject: `what` begins or ends, and `path` leads to it."""

    date: dt.date
    title: str
    what: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, and the noun after it."""

    number: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """An organisation that supports the site, by its logo or, if it has none, by its name."""

    name: str
    website: str = ""
    picture: Picture | None = None


class Highlight:
    """Base class of an app's sections on the home page."""


class PageHighlight(Highlight):
    """Public pages of one kind."""

    name = ""

    def newest(self, language: str, count: int) -> Sequence[Piece]:
        """Return the newest in a language.

        The same number of queries for few and many.
        """
        return ()

    def chosen(self, language: str, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, Piece]:
        """Return those with these translation keys that the public can read in a language."""
        return {}


class Calendar(Highlight):
    """Dates that are ahead.

    They must depend on pages only.
    """

    def ahead(self, language: str, today: dt.date) -> Iterable[Occasion]:
        """Return the events on a day or later, in any order."""
        return ()


class FigureHighlight(Highlight):
    """Counts of public things."""

    # Models whose rows change the numbers.
    watches: Sequence[type[Model]] = ()

    def figures(self) -> Iterable[Figure]:
        """Return the counts, without those that are zero."""
        return ()


class LogoHighlight(Highlight):
    """The organisations that editors choose for the home page."""

    def chosen(self, language: str, keys: Collection[int]) -> dict[int, Logo]:
        """Return those with these primary keys that the public may see.

        The same number of queries for few and many.
        """
        return {}


def _declared[T: Highlight](kind: type[T]) -> list[T]:
    return [each for each in declarations.collect("highlights") if isinstance(each, kind)]


def has(kind: type[Highlight]) -> bool:
    """Return whether an app declares a highlight of a kind."""
    return bool(_declared(kind))


def logos(language: str, keys: Collection[int]) -> list[Logo]:
    """Return the chosen organisations in the order of `keys`, without those that are not public."""
    found = {
        key: logo for highlight in _declared(LogoHighlight) for key, logo in highlight.chosen(language, keys).items()
    }
    return [found[key] for key in keys if key in found]


def page_highlight(name: str) -> PageHighlight:
    """Return the page highlight of a name; an empty one if no app has it."""
    return next((each for each in _declared(PageHighlight) if each.name == name), PageHighlight())


def ahead(language: str, today: dt.date) -> list[Occasion]:
    """Return the dates of all calendars, soonest first."""
    found = (occasion for calendar in _declared(Calendar) for occasion in calendar.ahead(language, today))
    return sorted(found, key=lambda occasion: (occasion.date, occasion.title))


def figures() -> list[Figure]:
    return [figure for highlight in _declared(FigureHighlight) for figure in highlight.figures()]


def counted_models() -> Iterator[type[Model]]:
    """Yield the models whose rows change a figure."""
    for highlight in _declared(FigureHighlight):
        yield from highlight.watches
