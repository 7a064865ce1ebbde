"""Misbehaving websites on this machine, under invented names, at the usual ports, with and without encryption.

The scan refuses every address of this machine.
Tests give it a network in which names lead here.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import trustme

from core.outgoing.fetch import Limits
from core.outgoing.internet import Internet
from helpline.scan.visit import Visitor

HERE = "127.0.0.1"
HOST = "service.example"
GOOD_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Strict-Transport-Security": "max-age=31536000",
    "Content-Security-Policy": "default-src 'self'",
    "Referrer-Policy": "no-referrer",
}
GOOD_PAGE = """<!doctype html><html lang="en"><head><title>Support</title><link rel="stylesheet" href="/style.css">
<script src="/site.js"></script></head><body><h1>We listen</h1><img src="/garden.jpg" alt="">
<p>Call <a href="tel:+493023125000">030 23125000</a> or write to <a href="mailto:us@service.example">us</a>.</p>
<p><a href="https://elsewhere.example/">A link</a> asks for nothing until somebody follows it.</p></body></html>"""

type Answer = tuple[int, dict[str, str], str | bytes] | Callable[[BaseHTTPRequestHandler], None]


def page(html: str = GOOD_PAGE, status: int = 200, **headers: str | None) -> Answer:
    """Return a page as a careful website sends it, except for the headers that are given (`None` leaves one out)."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {**GOOD_HEADERS, **given}
    return status, {name: value for name, value in sent.items() if value is not None}, html


def redirect(to: str, status: int = 301) -> Answer:
    return status, {"Location": to}, ""


def spoiled(head: str = "", body: str = "") -> str:
    """Return the good page with something added that spoils it."""
    return GOOD_PAGE.replace("</head>", f"{head}</head>").replace("</body>", f"{body}</body>")


class Websites:
    """All websites of a test: what they answer, by address, and the requests that they got, in order."""

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.good = self._certificate(self.authority, HOST, "www.service.example", "other.example")
        self.servers = {"http": self._serve("http"), "https": self._serve("https")}
        self.reset()

    def reset(self) -> None:
        """Behave well again, and forget all requests."""
        self.answers: dict[str, Answer] = {
            f"http://{HOST}/": redirect(f"https://{HOST}/"),
            f"https://{HOST}/": page(),
        }
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.elsewhere: dict[str, list[str]] = {}  # names that lead to other addresses
        self.closed: set[str] = set()  # schemes for which nothing listens
        self.lookups: list[str] = []
        self.paused: list[float] = []
        self.tls = self.good

    def certify(self, *names: str, authority: trustme.CA | None = None) -> None:
        """Show a certificate for these names from now on, by an authority that the scan trusts or by another."""
        self.tls = self._certificate(authority or self.authority, *names)

    @staticmethod
    def _certificate(authority: trustme.CA, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        return context

    def internet(self) -> Internet:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return Internet(resolve=self.resolve, may_connect=HERE.__eq__, tls=context)

    def resolve(self, host: str, port: int) -> list[tuple[str, int]]:
        self.lookups.append(host)
        scheme = "https" if port == 443 else "http"
        port = 1 if scheme in self.closed else self.servers[scheme].server_address[1]
        return [(address, port) for address in self.elsewhere.get(host, [HERE])]

    def visitor(self, **limits: Any) -> Visitor:
        """Return the visitor of the scan for these websites: without pauses, and with time enough on a slow machine."""
        given = {"request_seconds": 30.0, "site_seconds": 60.0, **limits}
        return Visitor(
            contact="https://www.example.org/; waymark@example.org",
            internet=self.internet(),
            limits=Limits(**given),
            pause=self.paused.append,
        )

    def close(self) -> None:
        for server in self.servers.values():
            server.shutdown()
            server.server_close()

    @staticmethod
    def reply(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if callable(answer):
            answer(handler)
            return
        status, headers, body = answer
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body.encode() if isinstance(body, str) else body)

    def _serve(self, scheme: str) -> ThreadingHTTPServer:
        websites = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                if scheme == "https":
                    self.request = websites.tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self) -> None:
                with suppress(OSError):
                    super().finish()
                if scheme == "https":
                    self.request.close()

            def do_GET(self) -> None:
                url = f"{scheme}://{self.headers['Host']}{self.path}"
                websites.asked.append(url)
                websites.headers.append(dict(self.headers))
                with suppress(OSError):
                    websites.reply(self, websites.answers.get(url, (404, {}, "")))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                websites.forms.append(dict(parse_qsl(body.decode())))
                self.do_GET()

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *args: Any) -> None:
                """Stay quiet: a client that rejects the certificate hangs up."""

        server = Server((HERE, 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server


@pytest.fixture(scope="session")
def _websites() -> Iterator[Websites]:
    made = Websites()
    yield made
    made.close()


@pytest.fixture
def websites(_websites: Websites) -> Websites:
    """Websites on this machine that behave well until a test says otherwise."""
    _websites.reset()
    return _websites
