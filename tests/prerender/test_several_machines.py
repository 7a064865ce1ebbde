"""Two machines over one database, each with a worker, a scheduler and a folder.

The test is a's private site.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core.mail import outbox
from core.models import JobRun, OutgoingMail
from prerender.models import PendingChange, PendingPath, PrerenderHost, Withdrawal
from prerender.store.files import FileStore
from tests.factories.core import StandardPageFactory
from tests.support.forks import Forks
from tests.support.mail import MailServer, serving
from tests.support.publishing import publish_page
from tests.support.server import SiteServer, collected_static, environment
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def letters() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server


@pytest.fixture
def machines(settings, tmp_path: Path, home, letters: MailServer) -> Iterator[dict[str, SiteServer]]:
    """Machines a and b, which have been there for a while, and share the uploads."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    settings.PRERENDER_HOST, settings.PRERENDER_ROOT = "a", tmp_path / "a" / "prerender"
    PendingChange.objects.all().delete()
    made = {}
    for name in ("a", "b"):
        PrerenderHost.objects.create(name=name)
        (tmp_path / name).mkdir()
        (tmp_path / name / "media").symlink_to(settings.MEDIA_ROOT)
        own = environment(
            port=int(os.environ["PORT"]), static=collected_static(), tasks="database", scratch=tmp_path / name
        )
        own |= {
            "WAYMARK_PRERENDER_HOST": name,
            "WAYMARK_PRERENDER_PROCESSES": "1",
            "WAYMARK_MAIL_HOST": "127.0.0.1",
        }
        own |= {"WAYMARK_MAIL_PORT": str(letters.port), "WAYMARK_MAIL_TLS": "0"}
        made[name] = SiteServer(port=int(os.environ["PORT"]), folder=tmp_path / name, environment=own, forks=Forks(own))
        made[name].start_worker()
        made[name].start_scheduler()
    yield made
    for machine in made.values():
        machine.stop()
        assert machine.forks
        machine.forks.close()


def shows(machine: SiteServer, words: str) -> bool:
    file = FileStore(machine.folder / "prerender").file("/en/about/")
    return file.exists() and words in file.read_text()


class TestSeveralMachines:
    def test_show_and_withdraw_the_same_whichever_is_killed(
        self, machines: dict[str, SiteServer], letters: MailServer, home
    ):
        a, b = machines.values()
        page = StandardPageFactory(parent=home, slug="about", introduction="The first words.")
        publish_page(page)
        names = [f"person-{number}@example.org" for number in range(6)]
        for name in names:
            outbox.send(EmailMessage("Subject", "Words.", to=[name]))
        wait_until(lambda: shows(a, "The first words.") and shows(b, "The first words."))

        # One machine loses its worker, the other its scheduler.
        b.stop("worker", how=signal.SIGKILL)
        a.stop("scheduler", how=signal.SIGKILL)
        killed = timezone.now()
        page.introduction = "The second words."
        publish_page(page)
        wait_until(lambda: shows(a, "The second words."))
        assert shows(b, "The first words.")

        # A withdrawn page is removed from both: for b, its scheduler is enough.
        page.unpublish()
        assert not shows(a, "")
        wait_until(lambda: not shows(b, ""), seconds=20)
        wait_until(lambda: not Withdrawal.objects.exists())

        # Remaining work is done by the running machines, once.
        b.start_worker()
        wait_until(lambda: not PendingPath.everywhere.exists() and not PendingChange.objects.exists())
        wait_until(lambda: JobRun.objects.filter(name="publish", started_at__gt=killed).exists())
        wait_until(lambda: not DBTaskResult.objects.ready().exists() and not DBTaskResult.objects.running().exists())
        assert not shows(a, "")
        assert not shows(b, "")
        assert sorted(letters.recipients) == names
        assert not OutgoingMail.objects.exists()
