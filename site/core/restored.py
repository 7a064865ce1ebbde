"""What has to happen to rows that have come back from a backup, before anybody sees them.

A backup does not know what happened after it. An app registers a step when Django starts: `restored.register(end_links)`.
`manage.py restore` calls each once, in the transaction that puts the restored rows in place. A step returns a sentence about what it has
done, or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    type Step = Callable[[], str]

_steps: list[Step] = []


def register(step: Step) -> None:
    if step not in _steps:
        _steps.append(step)


def carry_out() -> Iterator[str]:
    """Let each app put its rows right, and yield what they say. Call it in a transaction."""
    for step in _steps:
        if said := step():
            yield said
