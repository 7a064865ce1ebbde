"""The texts of one page, or of one row of words, in one language, as they go into a file and come out of one."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

# The key of a cell that stands for a page. The others are those of the registered wordings.
PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInLanguage:
    """A source in one language: a page (`key` is PAGE, `pk` that of the source page), or a row of a wording."""

    key: str
    pk: int
    language: str

    def __str__(self) -> str:
        """Return the cell as forms and addresses name it: `page:32:de`, `materials:7:fr`."""
        return f"{self.key}:{self.pk}:{self.language}"

    @classmethod
    def parse(cls, text: str) -> SourceInLanguage:
        """Read what `__str__` wrote. Raises ValueError."""
        key, pk, language = text.split(":")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 10):
            raise ValueError(text)
        return cls(key=key, pk=int(pk), language=language)


class Writer(enum.Enum):
    """Who has written a translation, as far as the file says."""

    PERSON = "person"
    MACHINE = "machine"
    # Somebody who was not sure, or not finished.
    NOBODY = "nobody"


@dataclass(slots=True, kw_only=True)
class Unit:
    """One text. `source` and `target` are HTML; in a file that came back, `source` may be missing."""

    path: str
    key: str
    target: str
    source: str = ""
    writer: Writer = Writer.PERSON
    # Why the text cannot be taken, whatever is stored here: one of `RefusedBecause`.
    problem: str = ""
    # How wagtail-localize finds it: context and string.
    segment: tuple[int, int] | None = None
    changed_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Document:
    """The texts of one page or row. `original` names it in a file: `page/<uuid of the translation>`, `materials/7/fr`."""

    original: str
    source_language: str
    target_language: str
    title: str = ""
    url: str = ""
    exported_at: datetime | None = None
    units: list[Unit] = field(default_factory=list)
    # The Translation or the WordingRow that the texts belong to.
    of: Any = None


def key_of(source: str) -> str:
    """Return what identifies the words of a source text: a translation belongs to these words only."""
    return blake2b(source.encode(), digest_size=6).hexdigest()
