"""A launch whose processes are killed: `kill -9` at six points, each in the real scheduler or the real worker.

Readers always see all languages of a campaign or none.
The next scheduler and the next worker finish the launch, and nothing happens twice.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from wagtail.models import PageLogEntry

from campaigns.following.feeds import feed_paths
from campaigns.materials.kits import EVERYBODY, kit_path
from campaigns.models import CampaignPage, Launch, MaterialFile, ToolkitPage
from core.models import OutgoingMail
from demo.models import Mail
from prerender.models import PendingChange, PendingPath
from prerender.store import repair
from tests.factories.campaigns import (
    CampaignPageFactory,
    LaunchContactFactory,
    MaterialFactory,
    ToolkitPageFactory,
)
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.forks import Forks, dying, forking
from tests.support.publishing import move_launches
from tests.support.scheduler import only_due
from tests.support.server import Servers, SiteServer, environment

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

CODES = ("en", "de", "ar")
LETTERS = ["edith@example.org", "press@lantern.example"]
SCHEDULER, WORKER = ("scheduler", "--once"), ("worker", "--batch")

# The jobs for a launch, and for recovery from a killed process: queued tasks and emails need them, too.
DUE = {"launches", "publish", "prerender", "mail"}

# A process that does the work of the scheduler and the worker.
COMMANDS = """
from django.core.management import call_command

for command in {commands}:
    call_command(*command)
"""


class Point(NamedTuple):
    """A point where a process dies: in the first or a later call of a function."""

    place: str
    number: int = 1
    is_committed: bool = True  # whether the launch is committed by then


POINTS = {
    "when some languages are published": Point("core.scheduler.scheduled_publishing.publish", 3, is_committed=False),
    "between two letters": Point("core.mail.outbox.queue", 2, is_committed=False),
    "after the commit, before the renderer was told": Point("prerender.changes.purge_and_announce"),
    "when pages are rendered, before they are in place": Point("prerender.services.store_batch"),
    "when some pages are in place": Point("prerender.store.files.FileStore._place", 3),
    "when all are in place, before that is written down": Point("prerender.rendering.batches.record"),
}


@pytest.fixture
@cached_fixture
def waiting(site_server, campaigns, in_language) -> CampaignPage:
    """A campaign in three languages, each with a toolkit and a poster, scheduled for tomorrow, prerendered."""
    editor = UserFactory(email=LETTERS[0], is_superuser=True)
    page = CampaignPageFactory(
        parent=campaigns, slug="spring", title="Spring", full=True, embargo=timezone.now() + timedelta(days=1)
    )
    page.save_revision(user=editor, log_action=True).publish(user=editor)
    for code in CODES[1:]:
        in_language(page, code)
    ToolkitPageFactory(parent=page)
    MaterialFactory(campaign=page, languages=CODES)
    LaunchContactFactory(campaign=page, email=LETTERS[1])
    return CampaignPage.objects.get(pk=page.pk)


@pytest.fixture
def campaign(waiting) -> Iterator[CampaignPage]:
    Mail.objects.all().delete()
    yield waiting
    Mail.objects.all().delete()


@pytest.fixture(scope="module")
def forks(_servers: Servers, django_db_blocker: DjangoDbBlocker) -> Iterator[Forks]:
    """The processes of the site, which leave their tasks to a worker."""
    with django_db_blocker.unblock():
        own = environment(port=int(os.environ["PORT"]), static=_servers.static, tasks="database")
    with forking(own) as made:
        yield made


def addresses(campaign: CampaignPage) -> list[str]:
    """Return the addresses that become public with the campaign, in each language."""
    pages = CampaignPage.objects.filter(translation_key=campaign.translation_key).select_related("locale")
    found = [path for page in pages for path in (page.path_at_public, kit_path(page, EVERYBODY))]
    found += [toolkit.path_at_public for toolkit in ToolkitPage.objects.select_related("locale")]
    files = MaterialFile.objects.filter(material__campaign_key=campaign.translation_key)
    return found + [file.document.url for file in files.select_related("document")]


def run(forks: Forks, code: str) -> subprocess.CompletedProcess[str]:
    return forks.run("shell", "--no-imports", "-c", code)


def statuses(site: SiteServer, campaign: CampaignPage) -> set[int]:
    return {site.get(path).status for path in addresses(campaign)}


def publications() -> list[int]:
    """Return the number of publications of each page at its go-live time."""
    log = PageLogEntry.objects.filter(action="wagtail.publish.scheduled")
    pages = [*CampaignPage.objects.order_by("pk"), *ToolkitPage.objects.order_by("pk")]
    return [log.filter(page=page.pk).count() for page in pages]


class TestKilled:
    @pytest.mark.parametrize("name", POINTS)
    def test_is_finished_by_the_next_processes_and_nothing_happens_twice(
        self, campaign, site_server: SiteServer, forks: Forks, name
    ):
        point = POINTS[name]
        before = statuses(site_server, campaign)
        move_launches(timezone.now() - timedelta(seconds=1))
        only_due(*DUE)

        died = run(forks, dying(point.place, point.number, SCHEDULER, WORKER))
        public = CampaignPage.objects.public().count()
        finished = run(forks, COMMANDS.format(commands=(SCHEDULER, WORKER)))

        assert before == {404}
        assert died.returncode == -signal.SIGKILL, died.stdout + died.stderr
        assert public == (len(CODES) if point.is_committed else 0)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        assert statuses(site_server, campaign) == {200}
        assert publications() == [1] * (len(CODES) + 1)
        launch = Launch.objects.get()
        assert launch.pages.exclude(published_at=None).count() == len(CODES) + 1
        assert sorted(Mail.objects.values_list("recipients", flat=True)) == LETTERS
        assert not OutgoingMail.objects.exists()
        assert not PendingChange.objects.exists()
        assert not PendingPath.objects.exists()
        for feed in (path for code in CODES for path in feed_paths("campaigns", code)):
            text = site_server.get(feed).text
            assert text.count("<entry>") + text.count("<item>") == 1, feed
        # Compare with a fresh render. Open data differ, as this process counts no visits and the site does.
        assert [each for each in repair.compare() if "/open-data/" not in each.path] == []
