"""What a new site starts with besides its first pages.

An app registers a function when Django starts: `starter_data.register(seed)`. `manage.py set_up` calls it each time, so it must leave alone
what people have edited. It returns a sentence about what it has done, or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    type Seed = Callable[[], str]

_seeds: list[Seed] = []


def register(seed: Seed) -> None:
    if seed not in _seeds:
        _seeds.append(seed)


def put_in() -> Iterator[str]:
    """Let each app put its starter data in, and yield what they say."""
    for seed in _seeds:
        if said := seed():
            yield said
