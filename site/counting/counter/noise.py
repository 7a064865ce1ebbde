"""The noise that every number gets, so that nothing in it tells whether one more person was there.

Two-sided geometric noise with ε = 1 for one page shown (Ghosh, Roughgarden, Sundararajan 2012, doi 10.1137/09076828X): P(k) is proportional
to e^-|k|. It is drawn with whole numbers alone, as Canonne, Kamath and Steinke describe (2020, arXiv:2004.00010, algorithm 1), because the
rounding of floating-point numbers would give away more than it should (Mironov 2012, doi 10.1145/2382196.2382264).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    # Takes n and returns one of 0 … n - 1, each as likely.
    type Below = Callable[[int], int]


def draw(below: Below = secrets.randbelow) -> int:
    """Return noise: 0 in 46 of 100 draws, between -3 and 3 in 97."""
    return _geometric(below) - _geometric(below)


def _geometric(below: Below) -> int:
    """Return how often in a row something happened that happens with the probability e^-1."""
    times = 0
    while _happens(below):
        times += 1
    return times


def _happens(below: Below) -> bool:
    """Return True with the probability e^-1."""
    k = 1
    while below(k) == 0:
        k += 1
    return k % 2 == 1
