"""Does this process live, and has its loop turned lately?

The worker, the clock and the counter have one loop each (`core.background.processes`). A door is a group of processes behind one address, and each of them is asked
for: whichever takes the port first answers for the group, and the others tell it twice in `BEAT` seconds that they live, and for how long they
have been at the request in hand. They say it by a datagram to the same port. If the one that answers is killed, another takes the port; if it
hangs, the port is silent, which says as much.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from core.background import processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BEAT = 4.0  # seconds
# After this time without a sign of life a process counts as stuck: granian needs up to ten seconds to replace one that was killed.
SILENCE = 20.0
# nginx gives up after a minute: nobody waits any more for a request that has taken five.
LONGEST_REQUEST = 5 * 60.0


class LoopPulse:
    """The worker, the clock or the counter."""

    def take_over(self) -> None:
        """Answer from now on: there is nobody to wait for."""

    def problem(self) -> str:
        """Return what is wrong with this process, as a sentence; nothing if it lives."""
        if (silent := processes.since_turn()) > processes.LONGEST_TURN:
            return f"The loop has not turned for {silent / 60:.0f} minutes: restart this process."
        return ""


class RequestInHand:
    """Wraps a WSGI application, and knows for how long it has been answering. It remembers nothing of the request, and nothing once it is answered."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.since: float | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.since = time.monotonic()
        try:
            return self.application(environ, start_response)
        finally:
            self.since = None

    def seconds(self) -> float:
        since = self.since
        return 0.0 if since is None else time.monotonic() - since


class GroupPulse:
    """The processes of a door. `expected`: how many there are to be."""

    def __init__(self, *, expected: int, in_hand: Callable[[], float]) -> None:
        self.expected, self.in_hand = expected, in_hand
        self.began = time.monotonic()
        # When each process was last heard of, and for how many seconds it had been at a request.
        self.heard: dict[int, tuple[float, float]] = {}

    def take_over(self) -> None:
        """Answer for the group from now on. The others have first to find out."""
        self.began = time.monotonic()

    def beat(self, address: tuple[str, int]) -> None:
        """Say to whoever answers for the group that this process lives."""
        with suppress(OSError), socket.socket(_family(address), socket.SOCK_DGRAM) as sender:
            sender.sendto(json.dumps([os.getpid(), self.in_hand()]).encode(), address)

    def hear(self, datagram: bytes) -> None:
        """Note a sign of life. What is none is ignored."""
        try:
            pid, seconds = json.loads(datagram)
            self.heard[int(pid)] = (time.monotonic(), float(seconds))
        except (ValueError, TypeError):
            return

    def problem(self) -> str:
        """Return what is wrong with the group, as a sentence; nothing if all of it lives."""
        now = time.monotonic()
        self.heard[os.getpid()] = (now, self.in_hand())
        self.heard = {pid: told for pid, told in self.heard.items() if now - told[0] < SILENCE}
        stuck = sum(seconds > LONGEST_REQUEST for _at, seconds in self.heard.values())
        if stuck:
            return f"{stuck} of {self.expected} processes have been at one request for more than {LONGEST_REQUEST / 60:.0f} minutes."
        if len(self.heard) < self.expected and now - self.began > SILENCE:
            return f"Only {len(self.heard)} of {self.expected} processes of this door show signs of life."
        return ""


def _family(address: tuple[str, int]) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET
