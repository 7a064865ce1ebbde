"""A memo for one batch of printed pages: what all of them ask for is looked up once.

It begins and ends with a batch, so nothing in it is older than the batch; outside of one, everything is looked up each time.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

_memo: ContextVar[dict[Hashable, Any] | None] = ContextVar("memo", default=None)


@contextmanager
def batch() -> Iterator[None]:
    """Remember what functions marked `per_batch` return, until the block ends."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


def per_batch[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Call a function once per batch for the same arguments.

    The result must depend on nothing but the arguments and the database: pass the language, and everything else that may differ from
    page to page. Callers share the result, so they must not change it.
    """

    @wraps(function)
    def remembering(*args: P.args, **kwargs: P.kwargs) -> R:
        memo = _memo.get()
        if memo is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in memo:
            memo[key] = function(*args, **kwargs)
        found: R = memo[key]
        return found

    return remembering
