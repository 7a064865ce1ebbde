"""Health of a process: whether it lives and can do its work, and the port of its health checks.

The worker, the scheduler and the collector have one loop each (`core.background.processes`).
A site is a group of processes behind one address, and health checks cover each of them: the first to take the port
responds for the group, and the others send it a heartbeat twice in `BEAT` seconds, with the time that they have spent
on the current request.
The heartbeat is a datagram to the same port.
If the responding process is killed, another takes the port; if it hangs, requests to the port time out, which is a
failed check.

`/healthz`, `/readyz`, and in the scheduler `/metrics`: it is not the port of a site.
There is no cookie and no log, and responses do not repeat the request.
It listens in a separate thread, which waits for the database no longer than the time limit of its checks.
"""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, InterfaceError, connection

from core.background import processes
from core.background.processes import COLLECTOR, SCHEDULER, WORKER
from core.monitoring.metrics import oldest_mail
from operations.monitoring.metrics import (
    CONTENT_TYPE,
    BoundedQuestion,
    Metrics,
    TimedOutError,
    is_storage_unavailable,
)
from operations.upgrading import pending_migrations

BEAT = 4.0  # seconds
# After this time without a heartbeat a process counts as stuck: granian needs up to ten seconds to replace one that was
# killed.
TIMEOUT = 20.0
# nginx gives up after a minute: after five, no client waits for the response any more.
LONGEST_REQUEST = 5 * 60.0


class LoopPulse:
    """The worker, the scheduler or the collector."""

    def take_over(self) -> None:
        """Respond from now on: a single process has no heartbeats to wait for."""

    def problem(self) -> str:
        """Return the problem of this process, as a sentence; empty if it lives."""
        if (stalled := processes.since_turn()) > processes.LONGEST_TURN:
            return f"The loop has not turned for {stalled / 60:.0f} minutes: restart this process."
        return ""


class RequestInHand:
    """Wraps a WSGI application, and measures the time spent on the current request.

    It stores nothing of the request.
    """

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
    """The processes of a site.

    `expected`: how many there are to be.
    """

    def __init__(self, *, expected: int, in_hand: Callable[[], float]) -> None:
        self.expected, self.in_hand = expected, in_hand
        self.began = time.monotonic()
        # When a datagram of each process last arrived, and how many seconds it had spent on its request.
        self.received: dict[int, tuple[float, float]] = {}

    def take_over(self) -> None:
        """Respond for the group from now on.

        The others have to notice first.
        """
        self.began = time.monotonic()

    def beat(self, address: tuple[str, int]) -> None:
        """Send a heartbeat to the process that responds for the group."""
        with suppress(OSError), socket.socket(_family(address), socket.SOCK_DGRAM) as sender:
            sender.sendto(json.dumps([os.getpid(), self.in_hand()]).encode(), address)

    def receive(self, datagram: bytes) -> None:
        """Record a heartbeat.

        Anything else is ignored.
        """
        try:
            pid, seconds = json.loads(datagram)
            self.received[int(pid)] = (time.monotonic(), float(seconds))
        except (ValueError, TypeError):
            return

    def problem(self) -> str:
        """Return the problem of the group, as a sentence; empty if all of it lives."""
        now = time.monotonic()
        self.received[os.getpid()] = (now, self.in_hand())
        self.received = {pid: told for pid, told in self.received.items() if now - told[0] < TIMEOUT}
        stuck = sum(seconds > LONGEST_REQUEST for _at, seconds in self.received.values())
        if stuck:
            return (
                f"{stuck} of {self.expected} processes have been at one "
                f"request for more than {LONGEST_REQUEST / 60:.0f} minutes."
            )
        if len(self.received) < self.expected and now - self.began > TIMEOUT:
            return f"Only {len(self.received)} of {self.expected} processes of this site show signs of life."
        return ""


def _family(address: tuple[str, int]) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


DATABASE_UNAVAILABLE = "The database does not respond."
NOT_MIGRATED = "The tables are not those of this version: run manage.py upgrade."
NOT_COMPARED = "The tables are still being compared with this version: ask again."
NOT_COLLECTED = "The static files are not collected: run manage.py collectstatic."
MAIL_STUCK = "Mail has been held up for more than 15 minutes: Reports → Mail in the admin says why."
STORAGE_UNAVAILABLE = (
    "The storage for pictures and files does not respond: nothing can be uploaded, and all else goes on."
)
MAIL_WAITS = 15 * 60  # seconds
# Seconds to wait for a response.
PATIENCE = 1.0

_migrated = False


def static_files() -> str:
    # The storage of production has the names of all collected files; the others collect none.
    return "" if getattr(staticfiles_storage, "hashed_files", True) else NOT_COLLECTED


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def migrations() -> str:
    global _migrated
    if not _migrated:
        _migrated = not pending_migrations()
    return "" if _migrated else NOT_MIGRATED


def outbox() -> str:
    return MAIL_STUCK if oldest_mail() > MAIL_WAITS else ""


def storage() -> str:
    return STORAGE_UNAVAILABLE if is_storage_unavailable() else ""


class ProcessReadiness:
    """Readiness of a process.

    The public site needs no database: prerendered pages are served from files.

    A process stays in service while the storage of uploads is unavailable: it is so for all machines, and they can do
    everything else.
    """

    def __init__(self, process: str) -> None:
        self.serves_files = process in {"public", "both"}
        self.serves_site = bool(settings.SITE)
        self.questions = [
            (BoundedQuestion(database, seconds=PATIENCE), DATABASE_UNAVAILABLE),
            # The first time it reads all migrations.
            (BoundedQuestion(migrations, seconds=PATIENCE), NOT_COMPARED),
        ]
        self.storage = None if process == "public" else BoundedQuestion(storage, seconds=PATIENCE)
        if process == WORKER:
            self.questions.append((BoundedQuestion(outbox, seconds=PATIENCE), DATABASE_UNAVAILABLE))

    def problem(self) -> tuple[bool, str]:
        """Return whether the process is ready, with the problem if it is not."""
        if self.serves_site and (missing := static_files()):
            return False, missing
        problem = next((found for ask, late in self.questions if (found := answer(ask, late))), "")
        if not problem and self.storage is not None:
            return True, answer(self.storage, STORAGE_UNAVAILABLE)
        return not problem or (self.serves_files and problem == DATABASE_UNAVAILABLE), problem


def answer(question: BoundedQuestion[str], late: str) -> str:
    """Return the result of a check; `late` if it timed out."""
    try:
        return question.answer()
    except TimedOutError:
        return late
    except (DatabaseError, InterfaceError):
        return DATABASE_UNAVAILABLE


TEXT = "text/plain; charset=utf-8"
OK = "ok\n"

type Answer = tuple[int, str, str]  # status, type, body


class Pulse(Protocol):
    def take_over(self) -> None: ...
    def problem(self) -> str: ...


class HealthHandler(BaseHTTPRequestHandler):
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
        """Refuse an invalid request, or one with another method, without repeating any of it."""
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
        # Not that of HTTPServer, which looks up our host name in the DNS.
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: the client has closed the connection."""


class Listener:
    """Responds to health checks for one process, or for the group that it belongs to."""

    def __init__(self, process: str, pulse: Pulse, *, address: tuple[str, int]) -> None:
        self.pulse, self.address = pulse, address
        self.readiness = ProcessReadiness(process)
        self.answers: dict[str, Callable[[], Answer]] = {"/healthz": self.healthz, "/readyz": self.readyz}
        if process == SCHEDULER:
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
        """Respond for ever, as soon as the port is free.

        Until then send heartbeats to the process that has it.
        """
        waited = threading.Event()
        while (server := self.take_port()) is None:
            if isinstance(self.pulse, GroupPulse):
                self.pulse.beat(self.own_address())
            waited.wait(BEAT / 2)
        with server:
            threading.Thread(target=self.keep, name="pulse", daemon=True).start()
            server.serve_forever(poll_interval=BEAT)

    def take_port(self) -> HealthServer | None:
        """Return a server on the port; None while another process has it.

        Raises OSError if the address cannot be used at all.
        """
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
        """Receive heartbeats of the group, and notify the service manager while all is well."""
        host, port = self.own_address()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as listener_socket:
            listener_socket.bind((host, port))
            while True:
                self.receive(listener_socket)
                if not self.pulse.problem():
                    notify("WATCHDOG=1")

    def receive(self, listener_socket: socket.socket) -> None:
        received, _, _ = select.select([listener_socket], [], [], BEAT)
        if received and isinstance(self.pulse, GroupPulse):
            self.pulse.receive(listener_socket.recv(100))
        elif received:
            listener_socket.recv(100)


def notify(message: str) -> None:
    """Notify systemd, if it has started this process (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.sendto(message.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def listen(process: str, pulse: Pulse) -> None:
    """Start the listener of this process, if there is a port for it."""
    if settings.HEALTH["port"]:
        listener = Listener(process, pulse, address=(settings.HEALTH["host"], settings.HEALTH["port"]))
        threading.Thread(target=listener.run, name="health", daemon=True).start()


def accompany(process: str) -> None:
    """Start the listener of the worker, the scheduler or the collector."""
    if process in {WORKER, SCHEDULER, COLLECTOR}:
        listen(process, LoopPulse())


def monitor_site(application: Callable[..., Any]) -> Callable[..., Any]:
    """Start the listener of a site.

    Returns the application to serve: the same one, if health checks are off.
    """
    if not settings.HEALTH["port"]:
        return application
    watched = RequestInHand(application)
    listen(settings.SITE, GroupPulse(expected=settings.HEALTH["processes"], in_hand=watched.seconds))
    return watched
