"""What a new site starts with besides its first pages.

An app declares a function on its `AppConfig` (`core.declarations`). `manage.py set_up` calls it each time, so it must leave alone
what people have edited. It returns a sentence about what it has done, or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import declarations

if TYPE_CHECKING:
    from collections.abc import Iterator


def put_in() -> Iterator[str]:
    """Let each app put its starter data in, and yield what they say."""
    for seed in declarations.collect("starter_data"):
        if said := seed():
            yield said
