"""Where a text quotes: what somebody else said, or how a law is called, keeps its words."""

from __future__ import annotations

# Each opening mark with those that may close it. German closes with what English opens with.
CLOSES = {
    "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{DOUBLE LOW-9 QUOTATION MARK}": "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{SINGLE LOW-9 QUOTATION MARK}": "\N{LEFT SINGLE QUOTATION MARK}",
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
    '"': '"',
}


def quotations(text: str) -> list[tuple[int, int]]:
    """Return where quotations begin and end. One that is not closed is none, and an apostrophe closes nothing inside a word."""
    found = []
    position = 0
    while position < len(text):
        closes = CLOSES.get(text[position])
        if closes is None or (position and text[position - 1].isalnum()):
            position += 1
            continue
        end = next(
            (at for at in range(position + 1, len(text)) if text[at] in closes and ends(text, at)), None
        )
        if end is None:
            position += 1
            continue
        found.append((position, end + 1))
        position = end + 1
    return found


def ends(text: str, at: int) -> bool:
    return not text[at + 1 : at + 2].isalnum()
