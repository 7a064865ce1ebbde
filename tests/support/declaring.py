"""Replaces the declarations of apps for a test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from core import declarations


@contextmanager
def declared(**kinds: Sequence[Any]) -> Iterator[None]:
    """Have the apps declare these things, and nothing else of their kinds."""
    first, *others = declarations.configs()
    before = {config: dict(vars(config)) for config in (first, *others)}
    for kind, found in kinds.items():
        vars(first)[kind] = list(found)
        for config in others:
            vars(config)[kind] = ()
    declarations.collect.cache_clear()
    try:
        yield
    finally:
        for config, kept in before.items():
            vars(config).clear()
            vars(config).update(kept)
        declarations.collect.cache_clear()
