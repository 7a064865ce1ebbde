"""The outbox with real workers: several in parallel, and one that is killed during a delivery."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from django.core.mail import EmailMessage
from django.db import connection

from config.settings.base import ROOT
from core.background import locks
from core.mail import delivery, outbox
from core.models import OutgoingMail
from tests.support.mail import MailServer, serving
from tests.support.server import process_environment

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _queue_in_the_database(settings) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


@pytest.fixture
def worker() -> Iterator[Callable[[MailServer], subprocess.Popen[bytes]]]:
    """Return a function that starts a worker, which runs all waiting tasks and ends."""
    started: list[subprocess.Popen[bytes]] = []

    def start(server: MailServer) -> subprocess.Popen[bytes]:
        mail = {
            "WAYMARK_MAIL_HOST": "127.0.0.1",
            "WAYMARK_MAIL_PORT": str(server.port),
            "WAYMARK_MAIL_TLS": "0",
        }
        started.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "worker", "--batch"],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=process_environment(**mail),
            )
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def send(*names: str) -> None:
    for name in names:
        outbox.send(EmailMessage("Subject", "Words.", to=[f"{name}@example.org"]))


class TestSeveralWorkers:
    def test_deliver_each_mail_once(self, worker):
        names = [f"person-{n}" for n in range(10)]
        send(*names)

        with serving(MailServer()) as server:
            for process in [worker(server), worker(server)]:
                assert process.wait(120) == 0

        assert sorted(server.recipients) == [f"{name}@example.org" for name in names]
        assert not OutgoingMail.objects.exists()

    def test_do_not_wait_for_each_other(self):
        """A message queued during a delivery is sent by the delivering worker, even if another was notified."""
        send("first")
        with serving(MailServer(waits_at="DATA")) as server:
            one = threading.Thread(target=self.deliver)
            one.start()
            assert server.reached.wait(60)
            send("second")

            delivery.run()
            assert server.recipients == ["first@example.org"]
            server.go_on.set()
            one.join(60)

        assert server.recipients == ["first@example.org", "second@example.org"]

    def deliver(self) -> None:
        try:
            delivery.run()
        finally:
            connection.close()


class TestKilledWorker:
    def killed(self, worker: Callable[[MailServer], subprocess.Popen[bytes]], server: MailServer) -> None:
        process = worker(server)
        assert server.reached.wait(120)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        server.go_on.set()
        with connection.cursor() as cursor:  # PostgreSQL releases the lock after a short delay
            cursor.execute("SELECT pg_advisory_lock(%s)", [locks.key(delivery.LOCK)])
            cursor.execute("SELECT pg_advisory_unlock(%s)", [locks.key(delivery.LOCK)])

    def test_leaves_the_mail_to_the_next(self, worker):
        send("ana")
        with serving(MailServer(waits_at="RCPT")) as server:
            self.killed(worker, server)
            assert server.taken == []

            delivery.run()

            assert server.recipients == ["ana@example.org"]

    def test_before_it_noted_that_the_server_had_the_mail_has_it_delivered_a_second_time(self, worker):
        """SMTP cannot report whether the server has the mail.

        Receivers recognise the duplicate by its Message-ID.
        """
        send("ana")
        with serving(MailServer(waits_at="DATA")) as server:
            self.killed(worker, server)

            delivery.run()

            assert server.recipients == ["ana@example.org", "ana@example.org"]
            assert len(set(server.numbers)) == 1
