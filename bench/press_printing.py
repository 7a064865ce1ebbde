"""How long it takes from publishing to the public folder, and how fast the whole site is printed.

    python bench/press_printing.py [--pages 1000]

In process, with the database and settings of the demonstration in a folder of its own, on one core but for the compression.
Quote the figures with the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = "<p>" + "Words that somebody wrote with care, and that somebody else reads. " * 12 + "</p>"


def measure(pages: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import transaction
    from wagtail.models import Locale, Page, Site

    from core.models import LanguageState
    from home.models import HomePage, StandardPage
    from press import addresses, services
    from press.files import Folder
    from press.models import PendingChange, Printed

    def timed(what: str, goal: str, action: object, count: int = 1) -> None:
        started = time.perf_counter()
        action()  # type: ignore[operator]
        took = time.perf_counter() - started
        each = f"{took / count * 1000:6.1f} ms each" if count > 1 else ""
        print(f"{what:<66}{took:8.2f} s  {each:<16} (goal: {goal})", flush=True)

    def add(parent: Page, slug: str) -> StandardPage:
        body = [{"type": "text", "value": TEXT}] * 8
        page = StandardPage(title=slug, slug=slug, locale=parent.locale, introduction="Words.", body=body)
        parent.add_child(instance=page)
        page.save_revision().publish()
        return page

    codes = list(settings.LANGUAGE_TABLE)[:27]
    with transaction.atomic():
        Page.objects.filter(depth__gt=1).delete()
        for code in codes:
            locale, _ = Locale.objects.get_or_create(language_code=code)
            LanguageState.objects.update_or_create(locale=locale, defaults={"state": "public"})
        home = HomePage(title="Home", slug="home", locale=Locale.objects.get(language_code="en"))
        Page.objects.get(depth=1).add_child(instance=home)
        Site.objects.update_or_create(
            is_default_site=True,
            defaults={"hostname": "localhost", "port": int(settings.PORT), "root_page": home},
        )
        about = add(home, "about")
        translations = []
        for code in codes[1:]:
            other = home.copy_for_translation(Locale.objects.get(language_code=code))
            other.save_revision().publish()
            translated = about.copy_for_translation(Locale.objects.get(language_code=code))
            translations.append(translated)
        for number in range(pages):
            add(about, f"page-{number}")
        PendingChange.objects.all().delete()
    services.print_all()

    def publish(some: list[StandardPage], words: str) -> None:
        """Publish pages in one transaction, and print until each of them is in the folder; what shows them comes after."""
        with transaction.atomic():
            for page in some:
                page.introduction = words
                page.save_revision().publish()

        def enough(outcome: object) -> None:
            files = [Folder().file(addresses.of_page(page)[0].path) for page in some]
            if all(file.exists() and words in file.read_text() for file in files):
                raise StopIteration

        with contextlib.suppress(StopIteration):
            services.print_due(progress=enough)

    everybody = [about, *translations]
    timed("one page first published in 27 languages", "5 s", lambda: publish(everybody, "First."))
    timed("and everything around it that shows it", "none", services.print_due)
    timed("one page changed in 4 languages", "1 s", lambda: publish(everybody[:4], "Second."))
    timed("and everything around it that shows it", "none", services.print_due)
    timed("one page changed in 27 languages", "5 s", lambda: publish(everybody, "Third."))
    services.print_due()
    total = Printed.objects.count()
    timed(
        f"the whole site printed, nothing changed ({total} addresses)",
        "12,000 in 300 s: 25 ms each",
        services.print_all,
        total,
    )
    StandardPage.objects.update(introduction="All new.")
    timed("the whole site printed, every page changed", "the same", services.print_all, total)
    print(
        f"\nmachine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    )


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=1000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as scratch:
        Path(scratch).chmod(0o755)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "WAYMARK_DEMO": "1",
            "WAYMARK_VAR": scratch,
            "PORT": "8000",
        }
        for command in (["migrate"], ["createcachetable"], ["collectstatic", "--noinput"]):
            subprocess.run([sys.executable, "manage.py", *command, "--verbosity", "0"], cwd=ROOT, check=True)
        measure(chosen.pages)


if __name__ == "__main__":
    main()
