"""Measure the table of translations: the time to open it, to record a changed sentence, and to send what is ticked.

    python bench/translations.py [--languages 24]

Runs in a temporary folder, with the settings of the demonstration.
Each figure is given for 50 pages with 20 materials and for 500 pages with 200 materials: the ratio is the extra cost of
the larger table.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import scratch  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from wagtail.models import Locale

GOAL = "1 s"
ROUNDS = 3


class Size(NamedTuple):
    pages: int
    materials: int


FEW, MANY = Size(50, 20), Size(500, 200)


def seconds(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the time of the quickest of some rounds, which excludes other load on the machine."""
    found = []
    for _round in range(rounds):
        started = time.perf_counter()
        action()
        found.append(time.perf_counter() - started)
    return min(found)


def measure(languages: int = 24, *, few: Size = FEW, many: Size = MANY) -> str:
    """Return the table.

    Replaces all pages: use only with a scratch database.
    """
    from django.conf import settings
    from django.test import Client

    from tests.factories.users import UserFactory

    locales = build_languages(languages)
    page = build_page(locales)
    client = Client(headers={"host": settings.PRIVATE_HOST})
    client.force_login(UserFactory(is_superuser=True))
    took: dict[Size, dict[str, float]] = {}
    for size in (few, many):
        fill(size, page, locales)
        took[size] = {
            "the table opens": seconds(lambda: open_table(client)),
            "50 rows are sent to all languages: the answer": seconds(lambda: send(client), 1),
            "a sentence is changed: published, and out of date": seconds(lambda: change(page, locales), 1),
        }
    rows = [Row(what, took[few][what], took[many][what], "s", GOAL) for what in took[few]]
    return table(rows, first=f"{few.pages} + {few.materials}", second=f"{many.pages} + {many.materials}")


def build_languages(number: int) -> list[Locale]:
    from django.conf import settings
    from wagtail.models import Locale

    from core.models import LanguageState

    codes = [code for code in settings.LANGUAGE_TABLE if code != settings.LANGUAGE_CODE][:number]
    for code in (settings.LANGUAGE_CODE, *codes):
        locale, _made = Locale.objects.get_or_create(language_code=code)
        LanguageState.objects.update_or_create(locale=locale, defaults={"state": LanguageState.State.PUBLIC})
    return list(Locale.objects.filter(language_code__in=codes))


def build_page(locales: list[Locale]) -> Any:
    """Build a page with ten texts, translated into every language.

    Returns it.
    """
    from wagtail.models import Page

    from tests.factories.core import HomePageFactory, StandardPageFactory
    from tests.translating.conftest import translated

    Page.objects.filter(depth__gt=1).delete()
    home = HomePageFactory(parent=Page.objects.get(depth=1))
    text = "".join(f"<p>Sentence number {number} of a page that is translated.</p>" for number in range(10))
    page = StandardPageFactory(parent=home, slug="page", body=[("text", text)])
    for each in (home, page):
        for locale in locales:
            translated(each, locale)
    return page


def fill(size: Size, page: Any, locales: list[Locale]) -> None:
    """Fill the table with rows of the size of real ones."""
    from translating.models import Cell, CellState, Subject, TranslationRun

    TranslationRun.objects.all().delete()
    Subject.objects.exclude(key=str(page.translation_key)).delete()
    subjects = [
        Subject(kind=kind, key=f"{kind}-{number}", source_pk=page.pk,
                title=f"{kind} {number}", path=page.path, words=300)
        for kind, count in (("pages", size.pages), ("materials", size.materials))
        for number in range(count)
    ]  # fmt: skip
    stored = Subject.objects.bulk_create(subjects)
    states = [each for each in CellState if each != CellState.NOT_WANTED]
    Cell.objects.bulk_create(
        [
            Cell(subject=subject, locale=locale, state=states[number % len(states)], total=20, left=5, words_left=60)
            for subject in stored
            for number, locale in enumerate(locales)
        ],
        batch_size=2000,
    )  # fmt: skip


def open_table(client: Any) -> None:
    answer = client.get("/admin/translations/")
    if answer.status_code != 200:
        raise RuntimeError(f"The table answers {answer.status_code}.")


def send(client: Any) -> None:
    """Tick fifty rows in all languages, and send what is missing."""
    from translating.models import Subject

    rows = Subject.objects.filter(kind="pages").values_list("pk", flat=True)[:50]
    answer = client.post("/admin/translations/", {"do": "send", "row": list(rows)})
    if "runs" not in answer.get("Location", ""):
        raise RuntimeError("Nothing was sent.")


def change(page: Any, locales: list[Locale]) -> None:
    """Publish another sentence, and see that every language is out of date."""
    from translating import states
    from translating.models import Cell

    page.introduction = f"{page.introduction} One more sentence, written at {time.perf_counter()}."
    page.save_revision().publish()
    states.write_noted()
    stale = Cell.objects.filter(subject__key=str(page.translation_key), state="stale").count()
    if stale != len(locales):
        raise RuntimeError(f"{stale} languages are out of date.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", type=int, default=24)
    chosen = parser.parse_args()
    with scratch.site():
        print(f"\n{measure(chosen.languages)}\n\n{machine()}")


if __name__ == "__main__":
    main()
