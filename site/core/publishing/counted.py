"""Prerendered pages that are counted, and the messages that report a view of one.

An app declares its pages (`Counted`, `core.declarations`); the server of prerendered pages reports each view by two
codes: its language and its page.
Nothing else of the request is passed on.
The codes are a datagram to the collector of this machine (`settings.COLLECTOR`): the sender does not wait for it, keeps
nothing and retries nothing if it does not run, and writes nothing to disk.
"""

import re
import socket
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core import declarations
from core.languages.lazy import StrOrPromise

# The codes of a language and a page.
type Cell = tuple[str, str]

# The code for all languages, or for all pages of a kind together; and the one for cells with too few views to be named.
ALL, OTHER = "all", "other"
# Seconds until the next attempt to reach the collector after it could not be found.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A kind of page that is counted.

    `files`: patterns of its files below the renderer's folder.
    `address`: a pattern of their addresses, with the groups `language` and `page`, of which the second may be empty.
    `first`: the code of a page whose address has an empty one.
    `prefix`: the beginning of this kind's codes, ending with a dot; one kind has none.
    `names`: the names of pages in the active language, by their codes; deleted pages may be missing.
    """

    name: str
    title: StrOrPromise
    files: tuple[str, ...]
    address: re.Pattern[str]
    names: Callable[[Collection[str]], Mapping[str, str]]
    first: str = ""
    prefix: str = ""

    def cell(self, path: str) -> Cell | None:
        """Return the two codes of an address; None if it is of another kind."""
        match = self.address.fullmatch(path)
        return (match["language"], self.prefix + (match["page"] or self.first)) if match else None

    def has(self, page: str) -> bool:
        """Return whether a code is one of this kind.

        A code with a dot has a prefix.
        """
        return page.startswith(self.prefix) and bool(self.prefix) == ("." in page)


def declared() -> Sequence[Counted]:
    """Return the kinds of pages of all apps that are counted."""
    return declarations.collect("counted_pages")


def cell_of(path: str) -> Cell | None:
    """Return the two codes of the page at an address; None if it is not counted."""
    return next((cell for kind in declared() if (cell := kind.cell(path)) is not None), None)


def prerendered_cells(folder: Path) -> set[Cell]:
    """Return the codes of all counted pages that are rendered in `folder`, without a database query."""
    cells = (
        kind.cell(f"/{file.relative_to(folder).as_posix().removesuffix('index.html')}")
        for kind in declared()
        for pattern in kind.files
        for file in folder.glob(pattern)
    )
    return {cell for cell in cells if cell is not None and cell[0] in settings.LANGUAGE_TABLE}


class _Messenger:
    """The connection to the collector, opened once for each process."""

    def __init__(self) -> None:
        self.way: socket.socket | None = None
        self.not_before = 0.0

    def send(self, message: bytes) -> None:
        try:
            if self.way is None:
                self.way = self.found()
            if self.way is not None:
                self.way.send(message)
        except OSError:  # no collector is running
            self.lose()

    def found(self) -> socket.socket | None:
        if time.monotonic() < self.not_before:
            return None
        self.not_before = time.monotonic() + PATIENCE
        host, port = address_of_collector()
        way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        way.setblocking(False)
        way.connect((host, port))
        return way

    def lose(self) -> None:
        if self.way is not None:
            self.way.close()
        self.way = None


_messenger = _Messenger()


def address_of_collector() -> tuple[str, int]:
    host, _colon, port = settings.COLLECTOR.rpartition(":")
    return host, int(port)


def note_shown(path: str) -> None:
    """Report a view of the page at an address, if it is counted: its two codes, and nothing else.

    Never fails, and never waits.
    """
    if settings.ANALYTICS and (cell := cell_of(path)) is not None:
        _messenger.send("/".join(cell).encode())
