"""Progress of a long command and the time left: a bar on a terminal, a line now and then in a log."""

import time

from django.core.management.base import OutputWrapper

WIDTH = 24
# Minimum seconds between two redraws of a bar, and between two lines in a log.
REDRAWN, LOGGED = 0.1, 5
# Seconds over which the rate is measured: the beginning of a long task does not predict its end.
REMEMBERED = 15


class Bar:
    """The progress of one task.

    A `total` of 0 means that it is unknown.
    """

    def __init__(self, out: OutputWrapper, title: str, total: int = 0) -> None:
        self.out = out
        self.title = title
        self.total = total
        self.started = self.shown_at = time.monotonic()
        self.marks: list[tuple[float, int]] = [(self.started, 0)]
        self.is_live = out.isatty()
        if self.is_live:
            self.draw(0)
        else:
            self.write(f"{title} …")

    def show(self, done: int) -> None:
        now = time.monotonic()
        self.marks.append((now, done))
        while len(self.marks) > 2 and self.marks[1][0] < now - REMEMBERED:
            self.marks.pop(0)
        if now - self.shown_at >= (REDRAWN if self.is_live else LOGGED):
            self.shown_at = now
            self.draw(done)

    def end(self) -> None:
        seconds = time.monotonic() - self.started
        self.write(f"\r\033[K{self.title}: {seconds:.1f} s\n" if self.is_live else f" {seconds:.1f} s\n")

    def draw(self, done: int) -> None:
        if self.is_live:
            filled = round(WIDTH * done / self.total) if self.total else 0
            drawn = f" [{'#' * filled}{'.' * (WIDTH - filled)}]" if self.total else ""
            self.write(f"\r\033[K{self.title}{drawn} {self.words(done)}")
        else:
            self.write(f"\n    {self.words(done)} …")

    def words(self, done: int) -> str:
        """Return a text such as "1,200 of 2,349, about 12 s left"."""
        if not self.total:
            return f"{done:,}" if done else "…"
        left = self.seconds_left(done)
        return f"{done:,} of {self.total:,}" + ("" if left is None else f", about {left:,.0f} s left")

    def seconds_left(self, done: int) -> float | None:
        """Estimate the time left by the recent rate; None if that is not known yet."""
        (since, before), (now, _done) = self.marks[0], self.marks[-1]
        if done <= before or now <= since or self.total < done:
            return None
        return (self.total - done) * (now - since) / (done - before)

    def write(self, text: str) -> None:
        self.out.write(text, ending="")
        self.out.flush()
