"""What the apps show of themselves on the home page, which imports none of them: an app registers what it has, and the home page asks.

A shelf holds pages of one kind, a calendar knows dates that are ahead, a tally counts, an album has logos. All speak in the active language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from django.db.models import Model

    from core.models import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A page of a shelf, in short. `path` is its path at the public door."""

    title: str
    path: str
    text: str = ""
    note: str = ""
    date: dt.date | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something that happens on a day, as a sentence without its subject: `what` begins or ends, and `path` leads to it."""

    date: dt.date
    title: str
    what: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of things, and the words after it."""

    number: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """An organisation that stands behind the site, by its logo or, if it has none, by its name."""

    name: str
    website: str = ""
    picture: Picture | None = None


class Shelf(Protocol):
    """Public pages of one kind."""

    name: str

    def newest(self, language: str, count: int) -> Sequence[Piece]:
        """Return the newest in a language. The same number of queries for few and many."""
        ...

    def chosen(self, language: str, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, Piece]:
        """Return those with these translation keys that the public can read in a language."""
        ...


class Calendar(Protocol):
    """Dates that are ahead. Whatever changes them must be a page."""

    def ahead(self, language: str, today: dt.date) -> Iterable[Occasion]:
        """Return what happens on a day or later, in any order."""
        ...


class Tally(Protocol):
    """Counts what the public sees."""

    # Models whose rows change the numbers.
    watches: Sequence[type[Model]]

    def figures(self) -> Iterable[Figure]:
        """Return what was counted, without what there is none of."""
        ...


class Album(Protocol):
    """The organisations that editors choose for the home page."""

    def chosen(self, language: str, keys: Collection[int]) -> dict[int, Logo]:
        """Return those with these primary keys that the public may see. The same number of queries for few and many."""
        ...


_shelves: dict[str, Shelf] = {}
_calendars: list[Calendar] = []
_tallies: list[Tally] = []
_albums: list[Album] = []


def register_shelf(shelf: Shelf) -> None:
    """Register a shelf under its name. Call it, and the three below, in `AppConfig.ready()`."""
    _shelves[shelf.name] = shelf


def register_calendar(calendar: Calendar) -> None:
    if calendar not in _calendars:
        _calendars.append(calendar)


def register_tally(tally: Tally) -> None:
    if tally not in _tallies:
        _tallies.append(tally)


def register_album(album: Album) -> None:
    if album not in _albums:
        _albums.append(album)


def logos(language: str, keys: Collection[int]) -> list[Logo]:
    """Return the chosen organisations in the order of `keys`, without those that the public may not see."""
    found = {key: logo for album in _albums for key, logo in album.chosen(language, keys).items()}
    return [found[key] for key in keys if key in found]


def shelf(name: str) -> Shelf:
    """Return a shelf. Raises KeyError if no app has registered it."""
    return _shelves[name]


def ahead(language: str, today: dt.date) -> list[Occasion]:
    """Return what all calendars know, soonest first."""
    found = (occasion for calendar in _calendars for occasion in calendar.ahead(language, today))
    return sorted(found, key=lambda occasion: (occasion.date, occasion.title))


def figures() -> list[Figure]:
    return [figure for tally in _tallies for figure in tally.figures()]


def counted_models() -> Iterator[type[Model]]:
    """Yield the models whose rows change a figure."""
    for tally in _tallies:
        yield from tally.watches
