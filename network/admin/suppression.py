"""Which numbers of a table are hidden because they are small, and which besides, so that a total does not give those away."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# The smallest number that is shown. Smaller ones could be somebody.
SHOWN_FROM = 5


def hidden(numbers: Mapping[str, int]) -> set[str]:
    """Return the keys of the numbers of one line to hide, where their total is shown. Nothing that is 0 needs to be hidden.

    Whoever knows the total knows the sum of what is hidden. So larger numbers are hidden, too, smallest first, until any of the hidden ones
    could be as large as `SHOWN_FROM` for all that the sum says. If there are not enough of them, the whole line is hidden.
    """
    found = {key for key, number in numbers.items() if 0 < number < SHOWN_FROM}
    if not found:
        return found
    others = sorted(
        (key for key, number in numbers.items() if number >= SHOWN_FROM), key=lambda key: (numbers[key], key)
    )
    while not _is_safe([numbers[key] for key in found]):
        if not others:
            return {*numbers}
        found.add(others.pop(0))
    return found


def _is_safe(numbers: list[int]) -> bool:
    """Whether each of these could be as large as `SHOWN_FROM`, if all that is known of them is their sum, and that none is 0."""
    return sum(numbers) - (len(numbers) - 1) >= SHOWN_FROM and len(numbers) > 1
