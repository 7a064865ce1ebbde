"""Measure a launch: from its go-live time until every language of a campaign is public, with its files, feeds and kits.

    python bench/launch.py [--languages 24]

Runs in a temporary folder, with the settings of the demonstration, and with a scheduler and a worker in separate
processes, as every site has them.
Measures when the first and the last of these addresses had its file, after the go-live time, for a campaign in two
languages and in all.
The feeds exist before: for them, it is the time when the last one named the campaign.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import scratch  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FEW = 2
# Seconds that the campaign is still under embargo when all is ready: more than a busy machine takes to save it.
AHEAD = 5.0
# Seconds after which a launch has failed.
PATIENCE = 300


def measure(languages: int = 24, *, few: int = FEW, alone: bool = False) -> str:
    """Return the table.

    Replaces all pages: use only with a scratch database.

    `alone`: do in this process what the scheduler and the worker do.
    """
    took = {number: launch(number, alone=alone) for number in {few, languages}}
    rows = [Row(what, took[few][what], took[languages][what], "s", goal) for what, goal in GOALS.items()]
    return table(rows, first=f"{few} languages", second=f"{languages} languages")


GOALS = {
    "the first page, kit or file is public, after the minute": "10 s",
    "the last one is public, after the minute": "10 s",
    "from the first to the last": "5 s",
    "the last feed names the campaign, after the minute": "10 s",
    "of this, publishing": "",
}


def launch(languages: int, *, alone: bool) -> dict[str, float]:
    """Launch a campaign in so many languages, and return how long each part took, in seconds."""
    from django.db import transaction
    from django.db.models import Max
    from django.utils import timezone

    from campaigns.models import LaunchedPage
    from core.uploads import first_pages
    from prerender import services as prerender
    from prerender.store.files import FileStore

    hour = timezone.now() + timedelta(days=1)
    with transaction.atomic():
        campaign = build(languages, hour)
    prerender.render_all()
    # Do the jobs of a new scheduler, and the work that follows, now: otherwise they would run at the go-live time.
    while documents := [*first_pages.due()]:
        for document in documents:
            first_pages.draw(document)
    with processes(alone=alone):
        render_lists()
        settle(alone=alone)
        hour = bring_forward(campaign, timezone.now() + timedelta(seconds=AHEAD))
        names = [FileStore().file(path) for path in addresses(campaign)]
        feeds = [FileStore().file(path) for path in feeds_of(campaign)]
        # On a slow machine the go-live time may have come meanwhile.
        if any(0 < written(name) < hour.timestamp() for name in names):
            raise RuntimeError("Something was public before its go-live time.")
        while (left := (hour - timezone.now()).total_seconds()) > 0:
            time.sleep(left)
        settle(alone=alone, until=lambda: all(written(name) > hour.timestamp() for name in [*names, *feeds]))
    times = [written(name) - hour.timestamp() for name in names]
    first, last = min(times), max(times)
    told = max(written(name) for name in feeds) - hour.timestamp()
    pages = LaunchedPage.objects.aggregate(at=Max("published_at"))
    published = (pages["at"] - hour).total_seconds()
    return dict(zip(GOALS, (first, last, last - first, told, published), strict=True))


def written(file: Path) -> float:
    """Return when a file was put in place; 0 if it is not there."""
    return file.stat().st_ctime if file.is_file() else 0.0


@contextmanager
def processes(*, alone: bool) -> Iterator[None]:
    """Have a scheduler and a worker run during the block."""
    commands = [] if alone else ["scheduler", "worker"]
    started = [
        subprocess.Popen([sys.executable, "manage.py", command], cwd=ROOT, stdout=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def settle(*, alone: bool, until: Callable[[], bool] | None = None) -> None:
    """Wait until scheduler and worker are idle, or, alone, do their work.

    Raises RuntimeError if that does not end.
    """
    from core import scheduler
    from prerender import services as prerender

    if alone:
        scheduler.tick()
        prerender.render_due()
    since = time.monotonic()
    while not (until or nothing_is_left)():
        if alone or time.monotonic() > since + PATIENCE:
            raise RuntimeError("Scheduler and worker have not done what they should.")
        time.sleep(0.05)


def render_lists() -> None:
    """Have the lists of campaigns rendered once more.

    A worker that has been running for a while has loaded every catalogue.
    """
    from prerender import tasks
    from prerender.models import PendingPath, PrerenderedPath

    lists = PrerenderedPath.objects.filter(path__endswith="/campaigns/")
    PendingPath.objects.bulk_create([PendingPath(path=each.path, kind=each.kind, source=each.source) for each in lists])
    tasks.render_everywhere()


def nothing_is_left() -> bool:
    from django_tasks_db.models import DBTaskResult

    from core import scheduler
    from core.models import JobRun
    from prerender.models import PendingChange, PendingPath

    done = JobRun.objects.exclude(finished_at=None).count() >= len(scheduler.declared())
    waiting = DBTaskResult.objects.ready() | DBTaskResult.objects.running()
    return done and not (waiting.exists() or PendingPath.objects.exists() or PendingChange.objects.exists())


def build(number: int, hour: Any) -> Any:
    """Build a campaign with a poster in each language, which waits for its go-live time.

    Returns its original page.
    """
    from django.conf import settings
    from wagtail.models import Locale, Page, Site

    from campaigns.models import Material
    from core.models import LanguageState
    from tests.factories.campaigns import CampaignIndexPageFactory, CampaignPageFactory, MaterialFactory
    from tests.factories.core import HomePageFactory

    Page.objects.filter(depth__gt=1).delete()
    Material.objects.all().delete()
    home = HomePageFactory(parent=Page.objects.get(depth=1))
    Site.objects.create(root_page=home, hostname=settings.PUBLIC_HOST, is_default_site=True)
    index = CampaignIndexPageFactory(parent=home)
    page = CampaignPageFactory(parent=index, slug="launch", full=True, embargo=hour)
    others = [code for code in settings.LANGUAGE_TABLE if code != settings.LANGUAGE_CODE]
    codes = [settings.LANGUAGE_CODE, *others][:number]
    for code in codes:
        locale, _made = Locale.objects.get_or_create(language_code=code)
        LanguageState.objects.update_or_create(locale=locale, defaults={"state": LanguageState.State.PUBLIC})
        if code != settings.LANGUAGE_CODE:
            for each in (home, index, page):
                copied = each.copy_for_translation(locale, copy_parents=False)
                copied.save_revision().publish()
    MaterialFactory(campaign=page, languages=codes)
    return page


def bring_forward(page: Any, hour: Any) -> Any:
    """Move the launch of a campaign to a go-live time, as an editor would.

    Returns the go-live time.
    """
    from campaigns.launches import services

    page.refresh_from_db()
    page = page.get_latest_revision_as_object()
    page.embargo = hour
    page.save_revision().publish()
    for revision in services.misscheduled():
        services.reschedule(revision=revision)
    return hour


def addresses(page: Any) -> Iterator[str]:
    """Yield the addresses that are to be public with a campaign: pages, files and kits."""
    from campaigns.materials.kits import EVERYBODY, kit_path
    from campaigns.models import CampaignPage, MaterialFile

    for each in CampaignPage.objects.filter(translation_key=page.translation_key).select_related("locale"):
        yield each.path_at_public
        yield kit_path(each, EVERYBODY)
    for file in MaterialFile.objects.filter(material__campaign_key=page.translation_key):
        yield file.document.url


def feeds_of(page: Any) -> Iterator[str]:
    """Yield the feeds that name a campaign.

    They exist before, and change.
    """
    from campaigns.following import feeds
    from campaigns.models import CampaignPage

    for each in CampaignPage.objects.filter(translation_key=page.translation_key).select_related("locale"):
        yield from feeds.feed_paths("campaigns", each.language)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", type=int, default=24)
    chosen = parser.parse_args()
    with scratch.site():
        print(f"\n{measure(chosen.languages)}\n\n{machine()}")


if __name__ == "__main__":
    main()
