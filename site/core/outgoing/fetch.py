"""A single request, with limits on time and on bytes, both on the wire and decompressed."""

import codecs
import io
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from core.outgoing.internet import FetchError, FetchProblem, Internet, Target

CHUNK = 65_536
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PAGES = "text/html,application/xhtml+xml,text/plain;q=0.5"
# Text encodings that web pages use.
# A page that declares any other only loses its non-ASCII characters.
ENCODINGS = re.compile(
    r"utf-8|utf-16(le|be)?|iso-?8859-\d+|latin-?1|windows-125\d|cp125\d|koi8-[ru]|gb2312|gbk|gb18030|big5"
    r"|euc-(jp|kr)|shift_jis|us-ascii|ascii"
)
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([a-z0-9_-]{1,20})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one visit to a website, for its sake and for this site's."""

    request_seconds: float = 8
    site_seconds: float = 25
    page_bytes: int = 2_000_000
    robots_bytes: int = 500_000  # RFC 9309
    head_bytes: int = 100_000
    redirects: int = 5
    pause_seconds: float = 1  # between two requests
    max_pause_seconds: float = 5  # caps a longer crawl delay in robots.txt


class Deadline:
    """A time limit for work."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises TimeoutError when there are none.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise TimeoutError("too slow")
        return left


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The response of a server."""

    status: int
    headers: tuple[tuple[str, str], ...]  # (name in lower case, value)
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def is_html(self) -> bool:
        kind = self.first("content-type").partition(";")[0].strip().lower()
        return kind in {"text/html", "application/xhtml+xml"}

    def text(self) -> str:
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if self.body.startswith(mark):
                return self.body.decode(name, errors="replace")
        said = CHARSET.search(self.first("content-type")) or CHARSET.search(
            self.body[:2048].decode("ascii", errors="replace")
        )
        name = said.group(1).lower() if said else ""
        if name.startswith("utf-16"):
            name = ""  # a declaration that reads as ASCII cannot be in UTF-16
        return self.body.decode(name if ENCODINGS.fullmatch(name) else "utf-8", errors="replace")


class _Wire(io.RawIOBase):
    """Reads a socket until a deadline, and at most `max_bytes`: no server can trickle data for longer or send more."""

    def __init__(self, connection: socket.socket, deadline: Deadline, max_bytes: int) -> None:
        self._connection, self._deadline, self._bytes_left = connection, deadline, max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.left())
        count = self._connection.recv_into(buffer)
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise HTTPException("too long")
        return count


class _Connection:
    """The part of a socket's interface that `http.client` uses to read a response."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._wire, CHUNK)


def fetch(
    where: Target,
    *,
    internet: Internet,
    agent: str,
    limits: Limits,
    deadline: Deadline,
    max_bytes: int,
    accept: str = PAGES,
    form: Mapping[str, str] | None = None,
) -> Fetched:
    """Request an address and read at most `max_bytes` of the body.

    Send no cookie and no referrer, and follow no redirect.

    With a `form`, the request is a POST of it.

    Raises FetchError, or ssl.SSLCertVerificationError if the certificate is not valid.
    """
    try:
        deadline = Deadline(min(limits.request_seconds, deadline.left()))
        with closing(internet.connect(where, seconds=deadline.left())) as connection:
            connection.settimeout(deadline.left())
            connection.sendall(_request(where, agent, accept, form))
            wire = _Wire(connection, deadline, max_bytes + limits.head_bytes)
            with closing(
                HTTPResponse(_Connection(wire), method="GET")  # type: ignore[arg-type]  # all it uses of a socket
            ) as response:
                response.begin()
                headers = tuple((name.lower(), value.strip()) for name, value in response.getheaders())
                body = _decompressed_body(response, max_bytes) if response.status == 200 else b""
                return Fetched(status=response.status, headers=headers, body=body)
    except ssl.SSLCertVerificationError:
        raise
    except (HTTPException, zlib.error, ValueError) as error:
        raise FetchError(FetchProblem.BROKEN, f"{where.host}: {error}") from None
    except OSError as error:
        raise FetchError(FetchProblem.UNAVAILABLE, f"{where.host}: {error}") from None


def _request(where: Target, agent: str, accept: str, form: Mapping[str, str] | None) -> bytes:
    body = "" if form is None else urlencode(form)
    lines = [
        f"{'GET' if form is None else 'POST'} {where.path} HTTP/1.1",
        f"Host: {where.host}",
        f"User-Agent: {agent}",
        f"Accept: {accept}",
        "Accept-Language: en",
        "Accept-Encoding: gzip",
        "Connection: close",
    ]
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("ascii", errors="ignore")


def _decompressed_body(response: HTTPResponse, max_bytes: int) -> bytes:
    """Return the first `max_bytes` of the body, decompressed chunk by chunk, which cuts off decompression bombs."""
    packing = (response.getheader("content-encoding") or "").strip().lower()
    if packing in {"gzip", "x-gzip"}:
        unpack = zlib.decompressobj(wbits=31)
    elif packing in {"", "identity"}:
        unpack = None
    else:
        raise HTTPException(f"unexpected Content-Encoding: {packing[:20]}")
    body = bytearray()
    while len(body) < max_bytes:
        chunk = response.read1(CHUNK)
        if not chunk:
            break
        body += unpack.decompress(chunk, max_bytes - len(body)) if unpack else chunk
    return bytes(body[:max_bytes])


# --- Responses ----------------------------------------------------------------------------------------------------


def problem_of(status: int) -> FetchProblem | None:
    """Return the problem that a status other than a redirect shows; None for 200."""
    match status:
        case 200:
            return None
        case 404 | 410:
            return FetchProblem.GONE
        case 401 | 403 | 429 | 451:
            return FetchProblem.REFUSED
        case _:
            return FetchProblem.BROKEN


def absolute(location: str, base: Target) -> str:
    """Return the target of a redirect.

    Headers arrive as bytes; non-ASCII in them is taken as unquoted UTF-8.
    Raises FetchError.
    """
    if not location:
        raise FetchError(FetchProblem.BROKEN, "Location")
    try:
        return urljoin(base.url, quote(location.encode("latin-1"), safe="%/:=&?~#+!$,;'@()*[]"))
    except (ValueError, UnicodeError):
        raise FetchError(FetchProblem.ADDRESS, location) from None
