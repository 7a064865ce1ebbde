"""An entry of a list that somebody wants to import: where it stands, what is wrong with it, and what can be kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from network.publications.csl import KeptItem


@dataclass(slots=True, kw_only=True)
class ReadEntry:
    """One entry, good or bad. It has a `problem` if nothing of it can be kept; `kept.remarks` say what is left out of it otherwise."""

    # Counted from 1: the line of the text that it begins in, or 0 where there are no lines.
    line: int = 0
    # What it is called where it stands: the key of BibTeX.
    name: str = ""
    kept: KeptItem = field(default_factory=KeptItem)
    problem: str = ""
    # Counted from 1, in the order of the list.
    number: int = 0
    # Why it is there already, if it is.
    duplicate: str = ""

    @property
    def is_work(self) -> bool:
        """Whether it can be added as it is."""
        return not self.problem and bool(self.kept.title)

    @property
    def lacks_title(self) -> bool:
        """Whether a DOI is all that is known, so that somebody has to fill in the rest."""
        return not self.problem and not self.kept.title and "DOI" in self.kept.item

    @property
    def value(self) -> str:
        """The item, as the form sends it back."""
        return json.dumps(self.kept.item, ensure_ascii=False, separators=(",", ":"))
