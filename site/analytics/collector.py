"""The process that counts pages: its input, its numbers in memory, and the nightly write with noise.

Every number gets noise, so that nothing in it reveals whether one more person was there: two-sided geometric noise with
ε = 1 for one page shown (Ghosh, Roughgarden, Sundararajan 2012, doi 10.1137/09076828X): P(k) is proportional to e^-|k|.
It is drawn with whole numbers alone, as Canonne, Kamath and Steinke describe (2020, arXiv:2004.00010, algorithm 1),
because the rounding of floating-point numbers would give away more than it should (Mironov 2012, doi
10.1145/2382196.2382264).

The collector receives two codes of a page, from nginx (`POST /de/lu`) or from the application (the datagram `de/lu`).
It receives nothing else (docs/operators/nginx.conf passes on neither headers nor body), and of what a wrong
configuration would send, it reads only the first line.
Nothing is logged, not even invalid input.
"""

import asyncio
import contextlib
import datetime as dt
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from threading import Lock

from analytics import services
from analytics.models import week_of
from core.publishing.counted import Cell

# Takes n and returns one of 0 … n - 1, with equal probability.
type Below = Callable[[int], int]
type Draw = Callable[[], int]
type Count = Callable[[str, str], None]


def draw(below: Below = secrets.randbelow) -> int:
    """Return noise: 0 in 46 of 100 draws, between -3 and 3 in 97."""
    return _geometric(below) - _geometric(below)


def _geometric(below: Below) -> int:
    """Return the length of a run of events that each have the probability e^-1."""
    times = 0
    while _happens(below):
        times += 1
    return times


def _happens(below: Below) -> bool:
    """Return True with the probability e^-1."""
    k = 1
    while below(k) == 0:
        k += 1
    return k % 2 == 1


class WeekInMemory:
    """Numbers of a week, one for each prerendered page: the set of pages reveals nothing about requests."""

    def __init__(self, week: str, cells: Iterable[Cell] = (), *, draw: Draw = draw) -> None:
        self.week = week
        self.draw = draw
        self.numbers: dict[Cell, int] = {}
        self.lock = Lock()
        self.extend(cells)

    def extend(self, cells: Iterable[Cell]) -> None:
        """Begin to count pages that have been rendered since, with noise."""
        with self.lock:
            for cell in sorted({*cells} - self.numbers.keys()):
                self.numbers[cell] = self.draw()

    def add(self, numbers: Mapping[Cell, int]) -> None:
        """Add this week's numbers from the database: the collector was restarted."""
        with self.lock:
            for cell, n in sorted(numbers.items()):
                self.numbers[cell] = self.numbers.get(cell, 0) + n

    def count(self, cell: Cell) -> None:
        """Count a page that was shown.

        Pages that are not prerendered are not counted.
        """
        with self.lock:
            if cell in self.numbers:
                self.numbers[cell] += 1

    def with_noise(self) -> dict[Cell, int]:
        """Return all numbers with newly drawn noise.

        The difference between two nights reveals as little as a number itself.
        """
        with self.lock:
            return {cell: n + self.draw() for cell, n in sorted(self.numbers.items())}


HOUR = 3  # of the night, in the time zone of the site


class Collector:
    """The collector's work over time.

    `prerendered` returns the pages that exist now.
    """

    def __init__(self, now: dt.datetime, prerendered: Callable[[], set[Cell]], *, draw: Draw = draw) -> None:
        self.prerendered = prerendered
        self.draw = draw
        self.running = WeekInMemory(week_of(now.date()), prerendered(), draw=draw)
        self.over: list[WeekInMemory] = []
        self.is_started = False
        # Numbers written in the night before this start are in the database already.
        self.written_on = last_night(now)

    def count(self, language: str, page: str) -> None:
        self.running.count((language, page))

    def pass_to(self, now: dt.datetime) -> bool:
        """Do what is due at `now`, in the time of the site.

        Returns whether the night's numbers were written.

        Raises the errors of the database: then the numbers stay in memory, and the next call retries.
        """
        self.turn_week(now)
        self.running.extend(self.prerendered())
        if not self.is_started:
            self.running.add(services.start(self.running.week))
            self.is_started = True
        if self.written_on >= last_night(now):
            return False
        while self.over:
            ended = self.over[0]
            services.keep(ended.week, ended.with_noise(), is_over=True)
            self.over.pop(0)
        services.keep(self.running.week, self.running.with_noise(), is_over=False)
        services.finish_before(self.running.week, draw=self.draw)
        self.written_on = last_night(now)
        return True

    def turn_week(self, now: dt.datetime) -> None:
        week = week_of(now.date())
        if week != self.running.week:
            self.over.append(self.running)
            self.running = WeekInMemory(week, draw=self.draw)


def last_night(now: dt.datetime) -> dt.date:
    """Return the day of the last writing hour before `now`."""
    return (now - dt.timedelta(hours=HOUR)).date()


CELL = rb"([a-z]{2,3}(?:-[a-z0-9]{1,8})*)/([a-z0-9][a-z0-9.-]{0,99})"
LINE = re.compile(rb"POST /" + CELL + rb" HTTP/1\.[01]\r?\n")
DATAGRAM = re.compile(CELL)
ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
LONGEST = 1024  # bytes
PATIENCE = 1.0  # seconds that a connection may take


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, count: Count) -> None:
        self.count = count

    def datagram_received(self, data: bytes, addr: object) -> None:
        note(DATAGRAM.fullmatch(data), self.count)


def note(match: re.Match[bytes] | None, count: Count) -> None:
    if match is not None:
        count(match[1].decode(), match[2].decode())


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Count) -> None:
    """Count the page that one connection names, and close it."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            note(LINE.match(head), count)
            writer.write(ANSWER)
            await writer.drain()
    writer.close()


async def listen(host: str, port: int, count: Count, until: asyncio.Event) -> None:
    """Listen at an address, for connections and for datagrams, until the event is set.

    Raises OSError if another collector is running.
    """
    loop = asyncio.get_running_loop()
    # Datagrams first: a process that gets a connection may rely on datagrams.
    datagrams, _protocol = await loop.create_datagram_endpoint(lambda: Datagrams(count), local_addr=(host, port))
    try:
        server = await asyncio.start_server(
            lambda reader, writer: answer(reader, writer, count), host, port, limit=LONGEST
        )
        async with server:
            await until.wait()
    finally:
        datagrams.close()
