"""How the counter hears of a page: two codes, from nginx (`POST /de/lu`) or from the application (the datagram `de/lu`).

Nothing else arrives (docs/operators/nginx.conf passes on neither headers nor body), and of what a wrong configuration would send, only the
first line is looked at. Nothing is logged, whatever is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    type Count = Callable[[str, str], None]

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
    """Count what one connection says, and close it."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            note(LINE.match(head), count)
            writer.write(ANSWER)
            await writer.drain()
    writer.close()


async def listen(host: str, port: int, count: Count, until: asyncio.Event) -> None:
    """Listen at an address, for connections and for datagrams, until told to stop. Raises OSError if another counter is there."""
    loop = asyncio.get_running_loop()
    # Datagrams first: whoever is answered by the one may rely on the other.
    datagrams, _protocol = await loop.create_datagram_endpoint(
        lambda: Datagrams(count), local_addr=(host, port)
    )
    try:
        server = await asyncio.start_server(
            lambda reader, writer: answer(reader, writer, count), host, port, limit=LONGEST
        )
        async with server:
            await until.wait()
    finally:
        datagrams.close()
