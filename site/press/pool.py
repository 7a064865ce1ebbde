"""Where batches are rendered: in this process, or in others beside it.

The other processes change neither rows nor the public folder; they send back what they have rendered, and whoever holds the press's lock
puts it in place. So nothing is lost when one of them dies, and nothing is left over when the press itself does.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from press.addresses import Address
    from press.batches import RenderedBatch
    from press.rendering import PageRenderer

# The other processes import this module before Django is set up: whatever needs models is imported where it is used.

log = logging.getLogger(__name__)


class Pool:
    """Renders batches: by itself, until other processes are asked for and ready."""

    def __init__(self) -> None:
        from press.rendering import PageRenderer

        self.renderer = PageRenderer()
        self.executor: ProcessPoolExecutor | None = None
        self.started: Future[None] | None = None

    @property
    def capacity(self) -> int:
        """How many batches may be in hand at a time: one more than there are processes, so that none of them waits for the next."""
        return settings.PRESS_PROCESSES + 1 if self.executor is not None and self.is_ready else 1

    @property
    def is_ready(self) -> bool:
        return self.started is not None and self.started.done() and self.started.exception() is None

    def start_workers(self) -> None:
        """Start other processes, once; but not where they would miss what this one sees: it may not be committed yet."""
        if self.started is None and settings.PRESS_PROCESSES > 1 and not connection.in_atomic_block:
            self.executor = ProcessPoolExecutor(
                settings.PRESS_PROCESSES,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=initialize,
            )
            self.started = self.executor.submit(report_ready)

    def submit(self, batch: Sequence[Address]) -> Future[RenderedBatch]:
        """Render a batch. Where there is nobody else, it is done when this returns."""
        if self.executor is not None and self.is_ready:
            try:
                return self.executor.submit(render_in_worker, batch)
            except BrokenProcessPool:
                self.continue_alone()
        done: Future[RenderedBatch] = Future()
        done.set_result(self.render_here(batch))
        return done

    def result(self, future: Future[RenderedBatch], batch: Sequence[Address]) -> RenderedBatch:
        """What became of a batch; rendered here where the process that had it is dead."""
        try:
            return future.result()
        except BrokenProcessPool:
            self.continue_alone()
            return self.render_here(batch)

    def render_here(self, batch: Sequence[Address]) -> RenderedBatch:
        from press.batches import render_batch

        return render_batch(batch, self.renderer)

    def continue_alone(self) -> None:
        if self.executor is not None:
            log.warning("A process that rendered pages has died. Going on without the others.")
            self.close()
            self.executor = None

    def close(self) -> None:
        if self.executor is not None:
            self.executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def pool() -> Iterator[Pool]:
    opened = Pool()
    try:
        yield opened
    finally:
        opened.close()


# --- In the other processes -------------------------------------------------------------------------------------------------------

_renderer: PageRenderer | None = None


def initialize() -> None:
    """Get ready to render, and end when the press does, however it ends."""
    import django

    global _renderer  # one for each process, as long as it lives
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the press; it ends the others
    threading.Thread(target=exit_with_parent, daemon=True).start()
    django.setup()
    from press.rendering import PageRenderer

    _renderer = PageRenderer()


def exit_with_parent() -> None:
    press = multiprocessing.parent_process()
    if press is not None:
        press.join()
    os._exit(1)


def report_ready() -> None:
    """Done once a process has begun."""


def render_in_worker(batch: Sequence[Address]) -> RenderedBatch:
    from press.batches import render_batch

    if _renderer is None:
        raise RuntimeError("This process has not begun.")
    return render_batch(batch, _renderer)
