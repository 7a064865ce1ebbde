"""Ask a question that may never be answered, without waiting for it longer than one can."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswerYet
from typing import TYPE_CHECKING

from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable


class NoAnswer(Exception):  # noqa: N818  (that is an answer, too)
    """The question has not been answered in time."""


class BoundedQuestion[Answer]:
    """Asks in a thread of its own, and waits `seconds` at most. While one question hangs no second one is asked, so nothing piles up."""

    def __init__(self, ask: Callable[[], Answer], *, seconds: float) -> None:
        self.ask, self.seconds = ask, seconds
        self.lock = threading.Lock()
        self.pending: Future[Answer] | None = None

    def answer(self) -> Answer:
        """Return the answer. Raises NoAnswer, or whatever the question raised."""
        with self.lock:
            if self.pending is None or self.pending.done():
                self.pending = Future()
                # Not of an executor, whose threads a process waits for when it ends.
                threading.Thread(target=self._ask, args=[self.pending], name="watching", daemon=True).start()
            pending = self.pending
        try:
            return pending.result(self.seconds)
        except NoAnswerYet:
            raise NoAnswer from None

    def _ask(self, pending: Future[Answer]) -> None:
        try:
            found = self.ask()
        except Exception as problem:  # noqa: BLE001  (whoever waits for the answer gets it)
            pending.set_exception(problem)
        else:
            pending.set_result(found)
        finally:
            connections.close_all()
