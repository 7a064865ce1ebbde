"""The port on which a process says how it is: `/healthz`, `/readyz`, and in the clock `/metrics`.

It is not the port of a door. There is no cookie and no log, and what is asked is never repeated. It listens in a thread of its own, which never
waits for the database longer than `readiness` and `metrics` do.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import socketserver
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings

from core.background.processes import CLOCK, COUNTER, WORKER
from operations.watching.liveness import BEAT, GroupPulse, LoopPulse, RequestInHand
from operations.watching.metrics import CONTENT_TYPE, Metrics
from operations.watching.readiness import ProcessReadiness

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = "text/plain; charset=utf-8"
OK = "ok\n"

type Answer = tuple[int, str, str]  # status, type, body


class Pulse(Protocol):
    def take_over(self) -> None: ...
    def problem(self) -> str: ...


class HealthHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    server: HealthServer
    protocol_version = "HTTP/1.0"
    timeout = 5  # seconds, for the whole of a request

    def do_GET(self) -> None:
        answer = self.server.answers.get(self.path.partition("?")[0])
        status, kind, body = answer() if answer else (404, TEXT, "not found\n")
        self.reply(status, kind, body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def reply(self, status: int, kind: str, body: str) -> None:
        content = body.encode()
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a request that is none, or has another method, without repeating any of it."""
        self.command = "GET"
        self.reply(404 if code == 501 else code, TEXT, "not found\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name)
        """Write nothing."""


class HealthServer(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_port = False

    def __init__(self, address: tuple[str, int], answers: dict[str, Callable[[], Answer]]) -> None:
        self.answers = answers
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, HealthHandler)

    def server_bind(self) -> None:
        # Not that of HTTPServer, which asks a name server for our name.
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write nothing: whoever asked has gone away."""


class Listener:
    """Answers for one process, or for the group that it belongs to."""

    def __init__(self, process: str, pulse: Pulse, *, address: tuple[str, int]) -> None:
        self.pulse, self.address = pulse, address
        self.readiness = ProcessReadiness(process)
        self.answers: dict[str, Callable[[], Answer]] = {"/healthz": self.healthz, "/readyz": self.readyz}
        if process == CLOCK:
            self.answers["/metrics"] = self.metrics
            self.measured = Metrics()

    def healthz(self) -> Answer:
        problem = self.pulse.problem()
        return (503, TEXT, f"{problem}\n") if problem else (200, TEXT, OK)

    def readyz(self) -> Answer:
        ready, problem = self.readiness.problem()
        return 200 if ready else 503, TEXT, f"{problem}\n" if problem else OK

    def metrics(self) -> Answer:
        return 200, CONTENT_TYPE, self.measured.text()

    def run(self) -> None:
        """Answer for ever, as soon as the port is free. Until then tell whoever has it that this process lives."""
        waited = threading.Event()
        while (server := self.take_port()) is None:
            if isinstance(self.pulse, GroupPulse):
                self.pulse.beat(self.own_address())
            waited.wait(BEAT / 2)
        with server:
            threading.Thread(target=self.keep, name="pulse", daemon=True).start()
            server.serve_forever(poll_interval=BEAT)

    def take_port(self) -> HealthServer | None:
        """Return a server on the port; None while another process has it. Raises OSError if the address cannot be used at all."""
        try:
            server = HealthServer(self.address, self.answers)
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise
            return None
        self.address = (self.address[0], server.server_address[1])
        self.pulse.take_over()
        return server

    def own_address(self) -> tuple[str, int]:
        loopback = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104
        return loopback.get(self.address[0], self.address[0]), self.address[1]

    def keep(self) -> None:
        """Hear the others of the group, and tell the service manager that all is well as long as it is."""
        host, port = self.own_address()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as ear:
            ear.bind((host, port))
            while True:
                self.hear(ear)
                if not self.pulse.problem():
                    notify("WATCHDOG=1")

    def hear(self, ear: socket.socket) -> None:
        heard, _, _ = select.select([ear], [], [], BEAT)
        if heard and isinstance(self.pulse, GroupPulse):
            self.pulse.hear(ear.recv(100))
        elif heard:
            ear.recv(100)


def notify(message: str) -> None:
    """Tell systemd, if it has started us and wants to know (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.sendto(message.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def listen(process: str, pulse: Pulse) -> None:
    """Start the listener of this process, if there is a port for it."""
    if settings.HEALTH_PORT:
        listener = Listener(process, pulse, address=(settings.HEALTH_HOST, settings.HEALTH_PORT))
        threading.Thread(target=listener.run, name="health", daemon=True).start()


def accompany(process: str) -> None:
    """Start the listener of the worker, the clock or the counter."""
    if process in {WORKER, CLOCK, COUNTER}:
        listen(process, LoopPulse())


def watch_door(application: Callable[..., Any]) -> Callable[..., Any]:
    """Start the listener of a door. Returns the application to serve: the same one, if nobody asks for health."""
    if not settings.HEALTH_PORT:
        return application
    watched = RequestInHand(application)
    listen(settings.DOOR, GroupPulse(expected=settings.WORKERS, in_hand=watched.seconds))
    return watched
