"""Cache for one batch of prerendered pages: shared data are looked up once.

It lasts for one batch, so nothing in it is older than that.
Outside of a batch, nothing is cached.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

_memo: ContextVar[dict[Hashable, Any] | None] = ContextVar("memo", default=None)


@contextmanager
def batch() -> Iterator[None]:
    """Cache the results of functions marked `per_batch` until the block ends."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


def per_batch[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Call a function once per batch for the same arguments.

    The result may depend only on the arguments and the database: pass the language, and all other values that may
    differ from page to page.
    Callers share the result, so they must not change it.
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
