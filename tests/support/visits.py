"""Visits of every kind, with marks in everything that a visitor sends; and where the marks are found afterwards."""

import contextlib
import http.client
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.server import SiteServer

MARK = "canary8x3"
ADDRESS = "203.0.113.77"
MARKED = {
    "User-Agent": f"{MARK}-agent",
    "Referer": f"https://{MARK}-referrer.example/",
    "Accept-Language": f"{MARK}-language",
    "Cookie": f"a={MARK}-cookie",
    "X-Forwarded-For": f"{ADDRESS}, {MARK}-address",
    "X-Request-Id": f"{MARK}-id",
    "Accept-Encoding": "br",
}
# Requests of browsers and programs: name, method, path, further headers.
# Each path gets a query with a mark.
RENDERED, COUNTED = "/en/page-1/", "/en/help/"
REQUESTS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("a page with what a platform appends", "GET", f"/en/page-1/?utm_source={MARK}", {}),
    ("a search with what a platform appends", "GET", f"/en/search/?fbclid={MARK}", {}),
    ("a page", "GET", "/en/page-1/", {}),
    ("its head", "HEAD", "/en/page-1/", {}),
    ("a page that is counted", "GET", COUNTED, {}),
    ("a page that is known already", "GET", "/en/page-1/", {"If-None-Match": "", "Accept-Encoding": "identity"}),
    ("a page in gzip", "GET", "/en/page-1/", {"Accept-Encoding": "gzip"}),
    ("a page as it is", "GET", "/en/page-1/", {"Accept-Encoding": "identity"}),
    ("a part of a page", "GET", "/en/page-1/", {"Range": "bytes=0-9"}),
    ("a page without its slash", "GET", "/en/page-1", {}),
    ("a page that has moved", "GET", "/en/page-0/", {}),
    ("a help page that is not there", "GET", f"/en/help/{MARK}-path/", {}),
    ("a page that is not there", "GET", f"/en/{MARK}-path/", {}),
    ("an address without language", "GET", f"/{MARK}-path", {}),
    ("a language that does not exist", "GET", "/" + MARK * 100 + "/", {}),
    ("the private site's address", "GET", f"/admin/{MARK}-path/", {}),
    ("a picture that is not there", "GET", f"/media/images/{MARK}-path.webp", {}),
    ("an upload", "GET", f"/media/original_images/{MARK}-path.jpg", {}),
    ("a static file that is not there", "GET", f"/static/{MARK}-path.css", {}),
    ("a document that is not there", "GET", f"/documents/1/{MARK}-path.pdf", {}),
    ("a file of the renderer", "GET", f"/.prerender/{MARK}", {}),
    ("a search", "GET", "/en/search/", {}),
    ("a search far too long", "GET", f"/en/search/?more={MARK * 300}", {}),
    ("a search on a page that cannot be", "GET", "/en/search/?page=" + "9" * 30, {}),
    ("a search for nothing at all", "GET", "/en/search/?q=%00", {}),
    ("the sitemap", "GET", "/sitemap.xml", {}),
    ("the robots' file", "GET", "/robots.txt", {}),
    ("a crash", "GET", "/crash/", {}),
    ("a crash in the database", "GET", "/crash/database/", {}),
    ("POST", "POST", "/en/page-1/", {}),
    ("PUT", "PUT", "/en/page-1/", {}),
    ("DELETE", "DELETE", "/en/page-1/", {}),
    ("OPTIONS", "OPTIONS", "/en/page-1/", {"Origin": f"https://{MARK}.example"}),
    ("TRACE", "TRACE", "/en/page-1/", {}),
    ("an invented method", "CANARY8X3", "/en/page-1/", {}),
    ("another host", "GET", "/en/page-1/", {"Host": f"{MARK}-host.example"}),
    ("no host at all", "GET", "/en/page-1/", {"Host": f"{MARK} host"}),
    ("a host that a proxy is said to have seen", "GET", "/admin/", {"X-Forwarded-Host": f"{MARK}.example"}),
    ("bytes that are no text", "GET", f"/en/%FF{MARK}/", {}),
    ("a byte that is nothing", "GET", f"/en/%00{MARK}/", {}),
    ("a way out of the folder", "GET", f"/en/../../{MARK}/", {}),
    ("another protocol", "GET", "/en/", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": MARK}),
)  # fmt: skip
LINE = MARK.encode()
HEAD = b"Host: localhost\r\nUser-Agent: " + LINE + b"-agent\r\n"
# Requests that no browser sends: name, bytes.
RAW: tuple[tuple[str, bytes], ...] = (
    ("no request", LINE + b" nonsense\r\n\r\n"),
    ("another version", b"GET /" + LINE + b" HTTP/9.9\r\n" + HEAD + b"\r\n"),
    ("an address far too long", b"GET /" + LINE * 20_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n"),
    ("a header far too long", b"GET / HTTP/1.1\r\nX-Long: " + LINE * 20_000 + b"\r\n" + HEAD + b"\r\n"),
    ("a body far too long", b"POST /en/ HTTP/1.1\r\nContent-Length: 3600000\r\n" + HEAD + b"\r\n" + LINE * 400_000),
    ("a page asked for with a body",
        b"GET /" + LINE + b"/ HTTP/1.1\r\nContent-Length: 9000\r\n" + HEAD + b"\r\n" + LINE * 1000),
    ("a body that is shorter than it says", b"POST / HTTP/1.1\r\nContent-Length: 900\r\n" + HEAD + b"\r\n" + LINE),
    ("a length that is none", b"GET / HTTP/1.1\r\nContent-Length: -" + LINE + b"\r\n" + HEAD + b"\r\n"),
    ("pieces that are none", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HEAD + b"\r\n" + LINE + b"\r\n"),
    ("an absolute address", b"GET http://" + LINE + b".example/ HTTP/1.1\r\n" + HEAD + b"\r\n"),
    ("a tunnel", b"CONNECT " + LINE + b".example:443 HTTP/1.1\r\n" + HEAD + b"\r\n"),
    ("a head that does not end", b"GET /" + LINE + b" HTTP/1.1\r\n" + HEAD),
    ("a reader who goes away", b"GET /crash/slowly/?q=" + LINE + b" HTTP/1.1\r\n" + HEAD + b"\r\n"),
)  # fmt: skip
KINDS = len(REQUESTS) + len(RAW)


def ask(front: SiteServer, method: str, path: str, headers: dict[str, str] | None = None) -> int:
    """Return the status of one marked request, or 0 if the connection was closed without one."""
    if path not in {RENDERED, COUNTED}:  # it takes no query, and would only go on without
        path += f"{'&' if '?' in path else '?'}q={MARK}-query"
    try:
        answer = front.request(method, path, headers={**MARKED, **(headers or {})})
    except (OSError, http.client.HTTPException):
        return 0
    return answer.status


def say(front: SiteServer, sent: bytes, *, waits: float) -> int:
    """Send these bytes and return the status that arrives within `waits` seconds, or 0; then close the connection."""
    with contextlib.suppress(OSError), front.open_socket() as connection:
        with contextlib.suppress(OSError):  # refused before all was sent: the status is there to be read
            connection.sendall(sent)
        connection.settimeout(waits)
        status = connection.recv(4096).split(b" ")[1:2]
        return int(status[0]) if status and status[0].isdigit() else 0
    return 0


def visit(front: SiteServer, *, waits: float = 0.2) -> dict[str, int]:
    """Make one request of each kind, and return the status of each."""
    tag = front.get("/en/page-1/", headers={**MARKED, "Accept-Encoding": "identity"}).header("ETag") or ""
    found = {
        name: ask(front, method, path, {key: value or tag for key, value in headers.items()})
        for name, method, path, headers in REQUESTS
    }
    return found | {name: say(front, sent, waits=waits) for name, sent in RAW}


def hits(*places: Path, marks: Sequence[str] = (MARK, ADDRESS)) -> list[str]:
    """Return the files of any kind that contain a mark."""
    wanted = [argument for mark in marks for argument in ("-e", mark)]
    done = subprocess.run(["grep", "-rlia", *wanted, *map(str, places)], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()
