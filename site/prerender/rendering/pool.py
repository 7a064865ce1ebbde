"""Renders batches in this process or in worker processes.

Workers change neither rows nor the public folder; they return the rendered files, and the process that holds the
prerender lock puts them in place.
So nothing is lost when a worker dies, and nothing is left behind when the renderer itself does.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from core.background import stopping
from core.background.processes import collector_at_rest

if TYPE_CHECKING:
    from prerender.addresses import Address
    from prerender.rendering.batches import RenderedBatch
    from prerender.rendering.renderer import PageRenderer

# Workers import this module before Django is set up: anything that needs models is imported where it is used.

log = logging.getLogger(__name__)


class Pool:
    """Renders batches in this process, until workers are started and ready."""

    def __init__(self) -> None:
        from prerender.rendering.renderer import PageRenderer

        self.renderer = PageRenderer()
        self.executor: ProcessPoolExecutor | None = None
        self.started: Future[None] | None = None
        self.stop: Event | None = None

    @property
    def capacity(self) -> int:
        """Return how many batches may be in progress: one more than there are workers, so that none of them is idle."""
        return settings.PRERENDER_PROCESSES + 1 if self.executor is not None and self.is_ready else 1

    @property
    def is_ready(self) -> bool:
        return self.started is not None and self.started.done() and self.started.exception() is None

    def start_workers(self) -> None:
        """Start the workers, once.

        Not inside a transaction: they would not see its uncommitted rows.
        """
        if self.started is None and settings.PRERENDER_PROCESSES > 1 and not connection.in_atomic_block:
            context = multiprocessing.get_context("spawn")
            self.stop = context.Event()
            self.executor = ProcessPoolExecutor(
                settings.PRERENDER_PROCESSES,
                mp_context=context,
                initializer=initialize,
                initargs=(self.stop,),
            )
            self.started = self.executor.submit(report_ready)

    def submit(self, batch: Sequence[Address]) -> Future[RenderedBatch]:
        """Render a batch in a worker.

        Without workers, it is rendered before this returns.
        """
        if self.executor is not None and self.is_ready:
            try:
                return self.executor.submit(render_in_worker, batch)
            except BrokenProcessPool:
                self.continue_alone()
        done: Future[RenderedBatch] = Future()
        done.set_result(self.render_here(batch))
        return done

    def result(self, future: Future[RenderedBatch], batch: Sequence[Address]) -> RenderedBatch:
        """Return a rendered batch; render it here if the worker that had it has died."""
        try:
            return future.result()
        except BrokenProcessPool:
            self.continue_alone()
            return self.render_here(batch)

    def render_here(self, batch: Sequence[Address]) -> RenderedBatch:
        from prerender.rendering.batches import render_batch

        return render_batch(batch, self.renderer)

    def continue_alone(self) -> None:
        if self.executor is not None:
            log.warning("A rendering process has died. Continuing without worker processes.")
            self.close()
            self.executor = None

    def close(self) -> None:
        if self.stop is not None:
            self.stop.set()  # results of batches still being rendered are discarded
        if self.executor is not None:
            self.executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def pool() -> Iterator[Pool]:
    opened = Pool()
    try:
        yield opened
    finally:
        opened.close()


# --- In the workers -------------------------------------------------------------------------------

_renderer: PageRenderer | None = None


def initialize(stop: Event) -> None:
    """Set up a worker, which exits when the renderer does, however that ends."""
    import django

    global _renderer  # one for the lifetime of the process
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the renderer, which ends its workers
    threading.Thread(target=exit_with_parent, daemon=True).start()
    stopping.share(stop)
    with collector_at_rest():
        django.setup()
        from prerender.rendering.renderer import PageRenderer

        _renderer = PageRenderer()


def exit_with_parent() -> None:
    renderer = multiprocessing.parent_process()
    if renderer is not None:
        renderer.join()
    os._exit(1)


def report_ready() -> None:
    """Do nothing; the result shows that a worker is running."""


def render_in_worker(batch: Sequence[Address]) -> RenderedBatch:
    from prerender.rendering.batches import render_batch

    if _renderer is None:
        raise RuntimeError("This worker has not been initialized.")
    return render_batch(batch, _renderer)
