"""Liveness and readiness of each process, on a separate port."""

import contextlib
import http.client
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from core.background import processes, stopping
from operations.monitoring import health
from operations.monitoring.health import GroupPulse, Listener, LoopPulse, RequestInHand
from operations.monitoring.metrics import BoundedQuestion, TimedOutError
from tests.factories.core import OutgoingMailFactory
from tests.support.server import free_port

MARK = "canary-7f3a"
MISSING = "Only 1 of 2 processes of this site show signs of life."


@contextlib.contextmanager
def listening(process: str, pulse: Any, port: int = 0) -> Iterator[Listener]:
    """Run a listener that answers, without its companion thread."""
    made = Listener(process, pulse, address=("127.0.0.1", port or free_port()))
    server = made.take_port()
    assert server is not None
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield made
        server.shutdown()


def ask(made: Listener, path: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection(*made.address, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), dict(answer.getheaders())


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run checks in the thread of the test, which sees what the test has written."""
    monkeypatch.setattr(BoundedQuestion, "answer", lambda question: question.ask())
    monkeypatch.setattr(health, "_migrated", True)


class TestPort:
    def test_answers_two_addresses_and_logs_no_request(self, capfd):
        with listening("worker", LoopPulse()) as made:
            status, body, headers = ask(made, f"/healthz?q={MARK}", cookie=MARK, referer=MARK)
            head = ask(made, "/healthz", "HEAD")
            wrong = ((f"/{MARK}", "GET"), ("/metrics", "GET"), ("/healthz", "POST"), ("/", "GET"))
            others = [ask(made, path, method) for path, method in wrong]

        assert (status, body) == (200, "ok\n")
        assert {name.lower() for name in headers} == {"content-type", "content-length", "cache-control"}
        assert head == (200, "", headers)
        assert [(status, body) for status, body, _headers in others] == [(404, "not found\n")] * 4
        assert capfd.readouterr() == ("", "")

    def test_refuses_what_is_no_request_without_repeating_it(self, capfd):
        with (
            listening("worker", LoopPulse()) as made,
            socket.create_connection(made.address, timeout=5) as raw,
        ):
            raw.sendall(f"{MARK} \x16\x03 nonsense HTTP/9\r\n\r\n".encode())
            answer = raw.recv(1000).decode()

        assert answer == "not found\n"
        assert capfd.readouterr() == ("", "")

    def test_is_closed_by_default(self, settings, monkeypatch):
        monkeypatch.setattr(health, "Listener", None)  # nothing may be made
        settings.HEALTH = {**settings.HEALTH, "port": 0}

        assert health.monitor_site(print) is print
        health.accompany(processes.WORKER)

    def test_is_opened_by_what_runs_for_ever(self, settings, monkeypatch):
        received: list[tuple[str, Any]] = []
        monkeypatch.setattr(health, "listen", lambda name, pulse: received.append((name, type(pulse))))
        monkeypatch.setattr("operations.monitoring.alerts.threading.Thread.start", lambda thread: None)
        monkeypatch.setattr("core.background.worker.work", lambda **options: None)
        settings.HEALTH, settings.SITE = {**settings.HEALTH, "port": 1}, "private"

        call_command("worker")
        call_command("worker", "--batch")
        processes.started(processes.SCHEDULER)
        wrapped = health.monitor_site(lambda environ, start: [b"page"])

        assert list(wrapped({}, None)) == [b"page"]
        assert received == [("worker", LoopPulse), ("scheduler", LoopPulse), ("private", GroupPulse)]


class TestLoop:
    @pytest.fixture
    def later(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
        """Return a function that lets the loop have stood still for so many seconds."""
        return lambda seconds: monkeypatch.setattr(
            processes, "_turned_at", {threading.get_ident(): time.monotonic() - seconds}
        )

    def test_that_stands_still_is_found(self, later):
        later(16 * 60)

        with listening("scheduler", LoopPulse()) as made:
            status, body, _headers = ask(made, "/healthz")

        assert (status, body) == (503, "The loop has not turned for 16 minutes: restart this process.\n")

    @pytest.mark.parametrize("work", [processes.turn, stopping.requested], ids=["a turn", "a step of long work"])
    def test_lives_as_long_as_it_works(self, later, work: Callable[[], object]):
        later(16 * 60)

        work()

        assert LoopPulse().problem() == ""


class TestSite:
    """A site is several processes, one of which answers for all."""

    def group(self, monkeypatch: pytest.MonkeyPatch, *, expected: int = 2, busy: float = 0.0) -> GroupPulse:
        pulse = GroupPulse(expected=expected, in_hand=lambda: busy)
        monkeypatch.setattr(pulse, "began", time.monotonic() - health.TIMEOUT - 1)
        return pulse

    @pytest.mark.parametrize(
        ("datagram", "problem"),
        [
            (b"[1234, 0.5]", ""),
            *((nonsense, MISSING) for nonsense in (b"", b"{}", b"[[], 1]")),
            (b"[1234, 301]", "1 of 2 processes have been at one request for more than 5 minutes."),
        ],
    )
    def test_lives_if_all_of_them_show_signs_of_life(self, monkeypatch, datagram: bytes, problem: str):
        pulse = self.group(monkeypatch, busy=0.1)

        pulse.receive(datagram)

        assert pulse.problem() == problem

    def test_misses_one_that_hangs(self, monkeypatch):
        pulse = self.group(monkeypatch)
        pulse.receive(b"[1234, 0]")

        pulse.received[1234] = (time.monotonic() - health.TIMEOUT - 1, 0.0)

        assert pulse.problem() == MISSING

    def test_waits_for_the_others_after_it_has_taken_over(self, monkeypatch):
        pulse = self.group(monkeypatch)

        pulse.take_over()

        assert pulse.problem() == ""

    def test_measures_the_time_of_a_request_and_forgets_it(self):
        seen: list[float] = []

        def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            seen.append(watched.seconds())
            raise ValueError

        watched = RequestInHand(application)
        with pytest.raises(ValueError, match=r"^$"):
            watched({}, None)

        assert 0 < seen[0] < 5
        assert watched.seconds() == 0

    def test_is_reported_by_the_first_process_on_the_port(self, monkeypatch):
        monkeypatch.setattr(health.os, "getpid", lambda: 4321)
        first, second = self.group(monkeypatch), self.group(monkeypatch, busy=7.0)
        with listening("private", first) as made, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
            ear.bind(made.own_address())
            late = Listener("private", second, address=made.address)
            assert late.take_port() is None
            second.beat(late.own_address())
            made.receive(ear)

        assert first.received[4321][1] == 7.0

    def test_is_taken_over_when_the_one_that_answers_has_gone(self, monkeypatch):
        port = free_port()
        monkeypatch.setattr(health, "BEAT", 0.02)
        with listening("private", self.group(monkeypatch), port):
            heir = Listener("private", self.group(monkeypatch, expected=1), address=("127.0.0.1", port))
            threading.Thread(target=heir.run, daemon=True).start()
            time.sleep(0.05)

        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                assert ask(heir, "/healthz")[:2] == (200, "ok\n")
                break
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def test_an_address_that_cannot_be_used_is_an_error(self):
        with pytest.raises(OSError, match="assign"):
            Listener("private", LoopPulse(), address=("203.0.113.7", free_port())).take_port()

    def test_listens_to_ipv6_too(self):
        made = Listener("worker", LoopPulse(), address=("::", free_port()))
        server = made.take_port()

        assert server is not None
        server.server_close()
        assert made.own_address() == ("::1", made.address[1])


class TestServiceManager:
    def test_gets_a_signal_of_health_and_may_be_gone(self, tmp_path, monkeypatch):
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        health.notify("WATCHDOG=1")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(tmp_path / "notify"))

            health.notify("WATCHDOG=1")

            assert manager.recv(100) == b"WATCHDOG=1"


@pytest.mark.django_db
class TestReadiness:
    def ready(self, process: str) -> tuple[int, str]:
        status, _kind, body = Listener(process, LoopPulse(), address=("127.0.0.1", 1)).readyz()
        return status, body

    @pytest.mark.parametrize("process", ["public", "private", "worker", "scheduler"])
    def test_is_given_when_all_is_there(self, at_once, process: str):
        assert self.ready(process) == (200, "ok\n")

    @pytest.mark.parametrize(("process", "status"), [("public", 200), ("both", 200), ("private", 503), ("worker", 503)])
    def test_without_a_database_is_that_of_the_public_site_alone(self, at_once, monkeypatch, process, status):
        def unavailable() -> str:
            raise OperationalError("secret words")

        monkeypatch.setattr(health, "database", unavailable)

        assert self.ready(process) == (status, f"{health.DATABASE_UNAVAILABLE}\n")

    def test_waits_for_tables_of_this_version(self, at_once, monkeypatch):
        monkeypatch.setattr(health, "_migrated", False)
        assert self.ready("private") == (200, "ok\n")

        monkeypatch.setattr(health, "_migrated", False)
        monkeypatch.setattr(health, "pending_migrations", lambda: ["one"])

        assert self.ready("public") == (503, f"{health.NOT_MIGRATED}\n")

    def test_waits_for_static_files_on_a_site(self, at_once, monkeypatch, settings):
        settings.SITE = "public"
        monkeypatch.setattr(health, "staticfiles_storage", type("Empty", (), {"hashed_files": {}}))

        assert self.ready("public") == (503, f"{health.NOT_COLLECTED}\n")

    def test_of_the_worker_ends_when_mail_is_stuck(self, at_once):
        long_ago = timezone.now() - timedelta(minutes=16)
        refused = OutgoingMailFactory(created_at=long_ago, due_at=timezone.now() + timedelta(hours=2))
        assert self.ready("worker") == (200, "ok\n")

        refused.stalled = True
        refused.save()

        assert self.ready("worker") == (503, f"{health.MAIL_STUCK}\n")
        assert self.ready("private") == (200, "ok\n")

    def test_has_a_timeout_and_runs_once_at_a_time(self, monkeypatch):
        asked, go_on = [], threading.Event()

        def hang() -> str:
            asked.append(os.getpid())
            go_on.wait(10)
            return ""

        monkeypatch.setattr(health, "PATIENCE", 0.05)
        monkeypatch.setattr(health, "database", hang)
        made = Listener("private", LoopPulse(), address=("127.0.0.1", 1))

        answers = [made.readyz()[::2] for _ in range(3)]
        go_on.set()

        assert answers == [(503, f"{health.DATABASE_UNAVAILABLE}\n")] * 3
        assert len(asked) == 1

    def test_a_question_gives_back_what_it_raised(self):
        def fail() -> str:
            raise KeyError("odd")

        with pytest.raises(KeyError, match="odd"):
            BoundedQuestion(fail, seconds=5).answer()
        with pytest.raises(TimedOutError):
            BoundedQuestion(lambda: time.sleep(0.2), seconds=0.01).answer()
