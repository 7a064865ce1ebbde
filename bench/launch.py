"""Measure a launch: from the minute until every language of a campaign is public, with its files, feeds and kits.

    python bench/launch.py [--languages 24]

Runs in a temporary folder, with the settings of the demonstration. The clock publishes what is due, and the press prints it, as the clock and
the worker do. Given is when the first and the last of these addresses had its file, after the minute, for a campaign in two languages and in all.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import scratch  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW = 2
# Seconds that the campaign is still under embargo when all is ready: more than a busy machine takes to save it.
AHEAD = 5.0


def measure(languages: int = 24, *, few: int = FEW) -> str:
    """Return the table. Replaces all pages: use only with a scratch database."""
    took = {number: launch(number) for number in (few, languages)}
    rows = [Row(what, took[few][what], took[languages][what], "s", goal) for what, goal in GOALS.items()]
    return table(rows, first=f"{few} languages", second=f"{languages} languages")


GOALS = {
    "the first address is public, after the minute": "10 s",
    "the last address is public, after the minute": "10 s",
    "from the first to the last": "5 s",
    "of this, publishing": "",
}


def launch(languages: int) -> dict[str, float]:
    """Launch a campaign in so many languages, and return how long each part took, in seconds."""
    from django.db import transaction
    from django.utils import timezone

    from core import clock, first_pages
    from press import services as press
    from press.files import Folder

    hour = timezone.now() + timedelta(days=1)
    with transaction.atomic():
        campaign = build(languages, hour)
    press.print_all()
    # Whatever a clock does that has never run, and what follows from it: it would be doing it at the minute.
    while documents := [*first_pages.due()]:
        for document in documents:
            first_pages.draw(document)
    clock.tick()
    press.print_due()
    hour = bring_forward(campaign, timezone.now() + timedelta(seconds=AHEAD))
    names = [Folder().file(path) for path in addresses(campaign)]
    if any(name.is_file() for name in names):
        raise RuntimeError("Something was public before its hour.")
    while (left := (hour - timezone.now()).total_seconds()) > 0:
        time.sleep(left)
    clock.tick()
    published = (timezone.now() - hour).total_seconds()
    press.print_due()
    if missing := [name for name in names if not name.is_file()]:
        raise RuntimeError(f"{len(missing)} of {len(names)} addresses are not public, such as {missing[0]}.")
    written = [name.stat().st_ctime for name in names]
    first, last = min(written) - hour.timestamp(), max(written) - hour.timestamp()
    return dict(zip(GOALS, (first, last, last - first, published), strict=True))


def build(number: int, hour: Any) -> Any:
    """Build a campaign with a poster in each language, which waits for its hour. Returns its original page."""
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
    """Move the launch of a campaign to an hour, as an editor would. Returns the hour."""
    from campaigns import services

    page.refresh_from_db()
    page = page.get_latest_revision_as_object()
    page.embargo = hour
    page.save_revision().publish()
    for revision in services.out_of_step():
        services.keep_in_step(revision=revision)
    return hour


def addresses(page: Any) -> Iterator[str]:
    """Yield what is to be public with a campaign: pages, files and kits. Feeds are there before, and change."""
    from campaigns.models import CampaignPage, MaterialFile
    from campaigns.public.kits import EVERYBODY, kit_path

    for each in CampaignPage.objects.filter(translation_key=page.translation_key).select_related("locale"):
        yield each.path_at_public
        yield kit_path(each, EVERYBODY)
    for file in MaterialFile.objects.filter(material__campaign_key=page.translation_key):
        yield file.document.url


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--languages", type=int, default=24)
    chosen = parser.parse_args()
    with scratch.site():
        print(f"\n{measure(chosen.languages)}\n\n{machine()}")


if __name__ == "__main__":
    main()
