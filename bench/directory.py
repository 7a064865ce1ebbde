"""Measure the directory of the network with 1,000 and with 100,000 members.

    python bench/directory.py [--few 1000] [--many 100000]

Runs in a temporary folder, with the settings of the demonstration, its members and its four languages.
Pages are those that readers request, rendered on request: each is requested many times, and p95 is over all of them.
The last rows are one approval, from the decision in the admin until the member's own pages and the directories are
public, and until nothing is left to render; and a member who is hidden, pauses or leaves, until no prerendered page
shows them.
Processor time is that of this process, without the database.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import time
import tracemalloc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import scratch  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from network.models import Member

ASKED = {
    "a country": {"country": "fr"},
    "a country and a field": {"country": "de", "field": "treatment"},
    "two methods of ten groups": {"method": "trials", "role": "researcher", "kind": "person"},
    "a name": {},  # of one of the members
    "a word that very many show": {"q": "prevention"},
    "a word and a country": {"q": "university", "country": "es"},
    "a word that is mistyped": {"q": "evaluaton"},
    "a word that is nothing": {"q": "xylophonist"},
    "the table": {"show": "table"},
    "the map": {"show": "map"},
    "a page far down": {"page": "45"},
}


class Took(NamedTuple):
    """Durations in milliseconds."""

    clock: float
    processor: float


def timed(action: Callable[[], object]) -> Took:
    clock, processor = time.perf_counter(), sum(os.times()[:4])
    action()
    return Took(1000 * (time.perf_counter() - clock), 1000 * (sum(os.times()[:4]) - processor))


def measure(few: int = 1_000, many: int = 100_000, *, rounds: int = 20) -> str:
    """Return the table.

    Replaces all pages: use only with a scratch database.
    """
    first, second = sides(few, many, rounds)
    rows = [Row(name, first[name], second[name], unit, goal) for name, unit, goal in what(first)]
    return table(rows, first=f"{few:,} members", second=f"{many:,} members")


def sides(few: int, many: int, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return the measurements with few members, and with many.

    Replaces all pages: use only with a scratch database.
    """
    from demo.members import load_members

    build()
    found = []
    for count in (few, many):
        load_members(count)
        found.append(figures(rounds))
    return found[0], found[1]


def what(side: dict[str, float]) -> list[tuple[str, str, str]]:
    goals = {
        "p95 of all pages": "100 ms, 5.00 x",
        "one approval until public": "2,000 ms",
        "one member hidden until gone": "60,000 ms",
        "one member paused until gone": "60,000 ms",
        "one member who leaves until gone": "60,000 ms",
        "queries of a page": "1.00 x",
    }
    return [(name, unit(name), goals.get(name, "")) for name in side]


def unit(name: str) -> str:
    """Return the unit of a figure."""
    if name.startswith("queries"):
        return "queries"
    return "MB" if "memory" in name else "ms"


def build() -> None:
    """Build a directory in each language of the demonstration."""
    from django.conf import settings
    from django.db import transaction
    from wagtail.models import Locale, Page, Site

    from core.models import LanguageState
    from demo.content import LANGUAGES
    from home.models import HomePage
    from network.models import DirectoryPage
    from prerender.models import PendingChange

    with transaction.atomic():
        Page.objects.filter(depth__gt=1).delete()
        for code in LANGUAGES:
            locale, _ = Locale.objects.get_or_create(language_code=code)
            LanguageState.objects.update_or_create(locale=locale, defaults={"state": "public"})
        home = HomePage(title="Home", slug="home", locale=Locale.objects.get(language_code=LANGUAGES[0]))
        Page.objects.get(depth=1).add_child(instance=home)
        Site.objects.update_or_create(
            is_default_site=True,
            defaults={
                "hostname": settings.PUBLIC_HOST,
                "port": urlsplit(settings.PUBLIC_URL).port,
                "root_page": home,
            },
        )
        directory = DirectoryPage(title="Network", slug="network", locale=home.locale)
        home.add_child(instance=directory)
        directory.save_revision().publish()
        for code in LANGUAGES[1:]:
            locale = Locale.objects.get(language_code=code)
            home.copy_for_translation(locale).save_revision().publish()
            directory.copy_for_translation(locale).save_revision().publish()
        PendingChange.objects.all().delete()


def figures(rounds: int) -> dict[str, float]:
    """Return the measurements with the present members: names with milliseconds, megabytes, or numbers of queries."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from network.directory.member_index import MemberIndexKeeper
    from network.models import Member

    # There are no marker files of addresses that answer a query.
    settings.RENDER_ON_REQUEST = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE network_member, network_memberwords")
    client = Client(headers={"host": settings.PUBLIC_HOST})

    def ask(query: dict[str, str]) -> None:
        answer = client.get("/en/network/", query or {"page": "1"})
        assert answer.status_code == 200, answer.status_code  # noqa: S101

    found: dict[str, float] = {}
    every: list[Took] = []
    asked: list[int] = []
    example = Member.objects.with_page().order_by("uuid")[0]
    for name, query in (ASKED | {"a name": {"q": example.name.split()[-1]}}).items():
        ask(query)
        with counted() as queries:
            ask(query)
        asked.append(len(queries))
        took = [timed(lambda query=query: ask(query)) for _round in range(rounds)]
        every += took
        found[name] = statistics.median(each.clock for each in took)
    found["p95 of all pages"] = p95([each.clock for each in every])
    found["p95 of all pages, processor"] = p95([each.processor for each in every])
    found["queries of a page"] = max(asked)
    keeper = MemberIndexKeeper()
    tracemalloc.start()
    keeper.current()
    found["memory of a process"] = tracemalloc.get_traced_memory()[0] / 1_000_000
    keeper.known_words()
    found["memory, with the words"] = tracemalloc.get_traced_memory()[0] / 1_000_000
    tracemalloc.stop()
    found["a process reads who there is"] = timed(lambda: MemberIndexKeeper().current()).clock
    return found | approval(keeper)


@contextlib.contextmanager
def counted() -> Iterator[list[str]]:
    """Yield a list that grows by each query."""
    from django.db import connection

    queries: list[str] = []

    def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
        queries.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield queries


def p95(durations: list[float]) -> float:
    return sorted(durations)[int(0.95 * len(durations))]


def approval(keeper: object) -> dict[str, float]:
    """Measure one approval while the pages of all others are rendered."""
    from django.db import transaction

    from demo.content import LANGUAGES
    from network.models import Member
    from network.review import services as review
    from prerender import services
    from prerender.models import PendingChange, PendingPath, PrerenderedPath
    from users.models import User

    pretend_everything_is_rendered()
    by, _made = User.objects.get_or_create(email="bench@example.org", defaults={"is_superuser": True})
    took: dict[str, Took] = {}
    for _attempt in range(2):  # the first fills the caches of a process
        member = Member.objects.with_page().order_by("?")[0]
        Member.objects.filter(pk=member.pk).update(state=Member.State.IN_REVIEW)
        PrerenderedPath.objects.filter(path__contains=str(member.uuid)).delete()
        PendingChange.objects.all().delete()
        PendingPath.objects.all().delete()
        took["one approval in the admin"] = timed(lambda member=member: review.approve(member=member, by=by))
        with transaction.atomic():
            took["and a process follows it"] = timed(keeper.current)  # type: ignore[attr-defined]
        took["and it is rendered until public"] = timed(until_public)
        took["and until nothing is left"] = timed(services.render_due)
        own = PrerenderedPath.objects.filter(path__contains=str(member.uuid)).exclude(rendered_at=None)
        assert own.count() == len(LANGUAGES), own  # noqa: S101
    private, public = took["one approval in the admin"], took["and it is rendered until public"]
    found = {name: each.clock for name, each in took.items()}
    found["one approval until public"] = private.clock + public.clock
    found["one approval until public, processor"] = private.processor + public.processor
    found |= {
        "one member hidden until gone": until_gone(member, partial(review.hide, by=by)),
        **{name: until_gone(other, act) for name, act, other in withdrawals()},
    }
    return found


def withdrawals() -> Iterator[tuple[str, Callable[..., object], Member]]:
    """Yield the ways in which members can remove themselves, each with a member who has a page."""
    from network.members import services as members
    from network.models import Member

    names = {
        "one member paused until gone": members.pause,
        "one member who leaves until gone": members.leave,
    }
    for name, act in names.items():
        yield name, act, Member.objects.with_page().order_by("?")[0]


def until_gone(member: Member, act: Callable[..., object]) -> float:
    """Return the milliseconds until no page of theirs is rendered."""
    from prerender import services
    from prerender.models import PrerenderedPath

    own = PrerenderedPath.objects.filter(path__contains=str(member.uuid)).exclude(rendered_at=None)
    assert own.exists()  # noqa: S101
    took = timed(lambda: act(member=member)).clock + timed(services.render_due).clock
    assert not own.exists()  # noqa: S101
    return took


def until_public() -> None:
    """Render everything but the sitemap, which is not urgent."""
    from prerender import services
    from prerender.models import PendingPath

    class EnoughError(Exception):
        pass

    def stop(outcome: object) -> None:
        if not PendingPath.objects.exclude(urgency=PendingPath.Urgency.WHOLE_SITE).exists():
            raise EnoughError

    with contextlib.suppress(EnoughError):
        services.render_due(progress=stop)


def pretend_everything_is_rendered() -> None:
    """Write down the page of every member in every language, without a file."""
    from django.utils import timezone

    from core.languages import tree
    from network.models import DirectoryPage
    from prerender.models import Kind, PrerenderedPath

    for page in DirectoryPage.objects.select_related("locale"):
        own, source = tree.page_path(page), str(page.pk)
        rows = (
            PrerenderedPath(path=f"{own}{below}", kind=Kind.PAGE, source=source, rendered_at=timezone.now())
            for below in page.prerendered_paths()
        )
        PrerenderedPath.objects.bulk_create(rows, batch_size=5000, ignore_conflicts=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    options = parser.parse_args()
    with scratch.site():
        print(measure(options.few, options.many))
    print(machine())
