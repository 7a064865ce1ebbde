"""Measure how fast one process, and one per core, render the site, and how long publishing in 27 languages takes.

    python bench/rendering.py [--pages 1000] [--demonstration]

Runs in a temporary folder, with the settings of the demonstration.
The site is a generated tree of pages, or with `--demonstration` what `make demo` loads (which takes a minute longer).
Each figure is given in seconds of wall-clock time and of processor time, which includes worker processes but not the
database.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import scratch  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from home.models import StandardPage

TEXT = "<p>" + "Words that an author wrote with care, and that a visitor reads. " * 12 + "</p>"


class EnoughError(Exception):
    """The part to measure is done."""


class Took(NamedTuple):
    """Durations in seconds."""

    clock: float
    processor: float


def timed(action: Callable[[], object]) -> Took:
    clock, processor = time.perf_counter(), sum(os.times()[:4])
    action()
    return Took(time.perf_counter() - clock, sum(os.times()[:4]) - processor)


def measure(pages: int, *, languages: int = 27, demonstration: bool = False) -> list[str]:
    """Return the tables.

    Replaces all pages: use only with a scratch database.
    """
    translated = build(pages, languages)
    about = translated[0]
    found = [publishing(translated)]
    if demonstration:
        load_demonstration()
    found.append(whole_site(about if not demonstration else None))
    return found


def build(pages: int, languages: int) -> list[StandardPage]:
    """Build a home page and a page below it in each language, and `pages` more below that in English.

    Returns the page in each language.
    """
    from django.conf import settings
    from django.db import transaction
    from wagtail.models import Locale, Page, Site

    from core.models import LanguageState
    from home.models import HomePage, StandardPage
    from prerender import services
    from prerender.models import PendingChange

    def add(parent: Page, slug: str) -> StandardPage:
        body = [{"type": "text", "value": TEXT}] * 8
        page = StandardPage(title=slug, slug=slug, locale=parent.locale, introduction="Words.", body=body)
        parent.add_child(instance=page)
        page.save_revision().publish()
        return page

    codes = list(settings.LANGUAGE_TABLE)[:languages]
    with transaction.atomic():
        Page.objects.filter(depth__gt=1).delete()
        for code in codes:
            locale, _ = Locale.objects.get_or_create(language_code=code)
            LanguageState.objects.update_or_create(locale=locale, defaults={"state": "public"})
        home = HomePage(title="Home", slug="home", locale=Locale.objects.get(language_code="en"))
        Page.objects.get(depth=1).add_child(instance=home)
        Site.objects.update_or_create(
            is_default_site=True,
            defaults={
                "hostname": settings.PUBLIC_HOST,
                "port": urlsplit(settings.PUBLIC_URL).port,
                "root_page": home,
            },
        )
        about = add(home, "about")
        translations = []
        for code in codes[1:]:
            locale = Locale.objects.get(language_code=code)
            home.copy_for_translation(locale).save_revision().publish()
            translations.append(about.copy_for_translation(locale))
        for number in range(pages):
            about.refresh_from_db()
            add(about, f"page-{number}")
        PendingChange.objects.all().delete()
    about.refresh_from_db()
    services.render_all()
    return [about, *translations]


def load_demonstration() -> None:
    from django.core.management import call_command
    from wagtail.models import Locale, Page

    from demo.content import LANGUAGES

    Page.objects.filter(depth__gt=1).delete()
    Locale.objects.exclude(language_code__in=LANGUAGES).delete()
    call_command("load_demo", stdout=io.StringIO())


def publishing(translations: list[StandardPage]) -> str:
    """Measure from the commit to the public folder, without and with the pages that show the changed one."""
    from django.db import transaction

    from prerender import services
    from prerender.models import PendingPath

    def publish(some: list[StandardPage], words: str) -> None:
        with transaction.atomic():
            for page in some:
                page.refresh_from_db()
                page.introduction = words
                page.save_revision().publish()

    def until_public() -> None:
        """Render the pages themselves, and stop before those that only show them."""

        def enough(outcome: object) -> None:
            if not PendingPath.objects.filter(urgency=PendingPath.Urgency.NOW).exists():
                raise EnoughError

        with contextlib.suppress(EnoughError):
            services.render_due(progress=enough)

    rows = []
    for words, count in (("First.", len(translations)), ("Second.", 4), ("Third.", len(translations))):
        saved = timed(lambda words=words, count=count: publish(translations[:count], words))
        public, rest = timed(until_public), timed(services.render_due)
        goal = {4: "1 s"}.get(count, "3 s")
        first = "first published" if words == "First." else "changed"
        name = f"one page {first} in {count} languages: public"
        rows.append(Row(name, public.processor, public.clock, "s", goal))
        rows.append(Row("  publishing it, before that", saved.processor, saved.clock, "s"))
        rows.append(Row("  what shows it, after that", rest.processor, rest.clock, "s"))
    return table(rows, first="processor", second="clock")


def whole_site(page: StandardPage | None) -> str:
    """Measure every address, by one process and by several, with no changes and with every page changed."""
    from django.test import override_settings

    from home.models import StandardPage
    from prerender import services
    from prerender.models import PrerenderedPath

    services.render_all()
    total = PrerenderedPath.objects.count()
    several = max(2, os.cpu_count() or 2)
    rows = []
    for what in ("nothing changed", "every page changed"):
        sides = []
        for processes in (1, several):
            if what != "nothing changed" and page is not None:
                StandardPage.objects.update(introduction=f"All new, rendered by {processes}.")
            services.WORTH_OTHERS = min(300, total)
            with override_settings(PRERENDER_PROCESSES=processes):
                sides.append(timed(services.render_all))
        each = [Took(took.clock * 1000 / total, took.processor * 1000 / total) for took in sides]
        rows.append(
            Row(
                f"{total:,} addresses, {what}: clock",
                each[0].clock,
                each[1].clock,
                "ms",
                "15 ms each, on two cores",
            )
        )
        rows.append(Row("  processor, without the database", each[0].processor, each[1].processor, "ms"))
    return table(rows, first="one process", second=f"{several} processes")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--demonstration", action="store_true", help="render what `make demo` loads")
    chosen = options.parse_args()
    with scratch.site():
        for prerendered in measure(chosen.pages, demonstration=chosen.demonstration):
            print(f"\n{prerendered}", flush=True)
        print(f"\n{machine()}")


if __name__ == "__main__":
    main()
