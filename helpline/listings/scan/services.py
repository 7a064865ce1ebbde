"""Every write of the privacy scan: what is looked at, what was found, and what people make of it.

A scan changes no listing. What visitors see of it, the notice beside a link, follows from the newest scan that is fresh enough and
from the judgements of staff (`in_force`).
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.doors import public_url
from helpline.codes import CLOSED_STATUSES
from helpline.listings.scan import numbers, report, rules
from helpline.listings.scan.problems import Problem, Unseen
from helpline.listings.scan.report import addresses_of
from helpline.listings.scan.standing import in_force
from helpline.listings.scan.visit import Visitor
from helpline.models.contacts import ContactPoint
from helpline.models.programmes import Programme
from helpline.models.scans import FRESH, Judgement, ListedSite, Scan
from helpline.models.support_lines import SupportLine

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = int.from_bytes(b"wayscan", "big")
EVERY = dt.timedelta(days=30)
# After each failure in a row.
BACK_OFF = [dt.timedelta(days=days) for days in (1, 3, 7, 14)]
# Nobody's impatience sends more requests than this.
AGAIN_AFTER = dt.timedelta(minutes=10)
# A scan that was queued and never came is queued again.
LOST_AFTER = dt.timedelta(days=1)


class Busy(Exception):  # noqa: N818  (a state of the scan, not a fault)
    """Another process looks at a website: one at a time."""


class TooSoon(Exception):  # noqa: N818  (nothing went wrong)
    """The website was looked at a moment ago."""


class SwitchedOff(Exception):  # noqa: N818  (nothing went wrong)
    """The operator does not want this site to make requests of its own."""


# --- Which websites there are ---------------------------------------------------------------------------------------------------


def gather() -> None:
    """Know the websites that open listings lead the public to, and forget those that no listing names any more. For the clock."""
    known = set(ListedSite.objects.values_list("url", flat=True))
    listed = set(_listed())
    ListedSite.objects.bulk_create(
        [ListedSite(url=url) for url in sorted(listed - known)], ignore_conflicts=True
    )
    anywhere = set(_in_any_listing())
    for site in ListedSite.objects.led_to_by(known - anywhere):
        site.delete()


def _listed() -> Iterator[str]:
    for model in (Programme, SupportLine):
        shown = model.objects.shown(demo=settings.DEMO).exclude(status__in=CLOSED_STATUSES)
        yield from shown.exclude(website="").values_list("website", flat=True)
        if model is Programme:
            points = ContactPoint.objects.filter(programme__in=shown).exclude(url="")
            yield from points.values_list("url", flat=True)


def _in_any_listing() -> Iterator[str]:
    for rows, column in (
        (Programme.objects, "website"),
        (SupportLine.objects, "website"),
        (ContactPoint.objects, "url"),
    ):
        yield from rows.exclude(**{column: ""}).values_list(column, flat=True).distinct()


def note_published(sender: Any, instance: Any, **kwargs: Any) -> None:
    """A listing was published: look at the websites that nobody has looked at yet. Connected to Wagtail's signal."""
    if not isinstance(instance, Programme | SupportLine):
        return
    for url in addresses_of(instance):
        site, made = ListedSite.objects.get_or_create(url=url)
        if made and settings.SCAN_LISTED_SITES:
            queue(site)
    keep_grade(instance)


# --- When ----------------------------------------------------------------------------------------------------------------------


def due() -> list[ListedSite]:
    """The one website whose turn it is. One at a time, and one each time that the clock asks: so they are spread out."""
    return list(ListedSite.objects.due(timezone.now())[:1]) if settings.SCAN_LISTED_SITES else []


def queue(site: ListedSite) -> None:
    """Have it looked at in the background."""
    from helpline.listings.scan.tasks import scan_site

    ListedSite.objects.filter(pk=site.pk).update(due_at=timezone.now() + LOST_AFTER)
    transaction.on_commit(lambda: scan_site.enqueue(site.pk))


def ask_again(site: ListedSite) -> None:
    """Somebody at the desk wants it looked at now. Raises TooSoon, or SwitchedOff."""
    if not settings.SCAN_LISTED_SITES:
        raise SwitchedOff
    if site.tried_at and site.tried_at > timezone.now() - AGAIN_AFTER:
        raise TooSoon
    queue(site)


def next_time(failures: int, now: dt.datetime) -> dt.datetime:
    """When to look again. A website that fails is asked less and less often, until it is asked as often as any other."""
    if failures == 0 or failures > len(BACK_OFF):
        return now + EVERY
    return now + BACK_OFF[failures - 1]


# --- Looking -------------------------------------------------------------------------------------------------------------------


def default_visitor() -> Visitor:
    return Visitor(contact=f"{public_url('/')}; {settings.SCAN_CONTACT}")


def scan(site: ListedSite, *, visitor: Visitor | None = None) -> Scan:
    """Look at a website and write down what was found. Raises Busy.

    Nothing of the database is held while the website is asked, but for a lock that lets one process look at a time.
    """
    with _alone():
        now = timezone.now()
        try:
            look = (visitor or default_visitor()).visit(site.url)
        except Unseen as reason:
            made = Scan(site=site, at=now, problem=reason.problem, detail=reason.detail)
        else:
            found = rules.findings(look)
            made = Scan(
                site=site,
                at=now,
                grade=rules.grade(found),
                findings=[finding.as_json() for finding in found],
                final_url=look.final.url,
                numbers=numbers.on_page(look.page),
            )
        _keep(made)
        return made


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Busy
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@transaction.atomic
def _keep(made: Scan) -> None:
    # While it was looked at, nobody may have listed it any more.
    site = ListedSite.objects.select_for_update().filter(pk=made.site_id).first()
    if site is None:
        return
    made.save()
    old = site.scans.values_list("pk", flat=True)[Scan.KEPT :]
    Scan.objects.filter(pk__in=list(old)).delete()
    down = bool(made.problem) and Problem(made.problem).is_down
    failures = site.failures + 1 if down else 0
    ListedSite.objects.filter(pk=site.pk).update(
        tried_at=made.at, problem=made.problem, failures=failures, due_at=next_time(failures, made.at)
    )
    if made.grade:
        ListedSite.objects.filter(pk=site.pk).update(missed=report.missed_by(site))
    settle(site)


# --- What follows from it ------------------------------------------------------------------------------------------------------


def newest_seen(site: ListedSite, now: dt.datetime | None = None) -> Scan | None:
    """The newest scan that saw a page, unless it is too old."""
    now = now or timezone.now()
    return site.scans.exclude(grade="").filter(at__gt=now - FRESH).first()


@transaction.atomic
def settle(site: ListedSite) -> None:
    """Work out grade and notice anew. The row is saved, and the press told, only where visitors see a difference."""
    site = ListedSite.objects.select_for_update().get(pk=site.pk)
    newest = newest_seen(site)
    standings = in_force(newest, site.judgements.all())
    counting = [standing.finding for standing in standings if standing.counts]
    grade = rules.grade(counting) if newest or counting else ""
    ListedSite.objects.filter(pk=site.pk).update(
        grade=grade,
        graded_at=newest.at if newest else None,
        to_judge=any(standing.waits for standing in standings),
    )
    tells = any(finding.rule.tells for finding in counting)
    if tells != site.tells_others:
        site.tells_others = tells
        site.save(update_fields=["tells_others"])
    Programme.objects.filter(website=site.url).exclude(scan_grade=grade).update(scan_grade=grade)


def keep_grade(listing: Programme | SupportLine) -> None:
    """Give a programme the grade of the website that it names now."""
    if isinstance(listing, Programme):
        grade = ListedSite.objects.filter(url=listing.website).values_list("grade", flat=True).first() or ""
        Programme.objects.filter(pk=listing.pk).exclude(scan_grade=grade).update(scan_grade=grade)


def outdated() -> list[ListedSite]:
    """Websites whose last good scan is too old to say anything: their notice goes. For the clock."""
    return list(ListedSite.objects.outdated(timezone.now()))


@transaction.atomic
def judge(*, site: ListedSite, rule: str, verdict: str, reason: str, by: Any) -> Judgement:
    """Say what to do with a finding, and why. One person is enough: it changes no fact of a listing. Raises ValueError."""
    reason = reason.strip()
    if rule not in rules.BY_CODE or verdict not in Judgement.Verdict.values or not reason:
        raise ValueError("A judgement is about a rule, and has a reason.")
    newest = newest_seen(site)
    facts = next(
        (finding.facts for finding in (newest.found() if newest else []) if finding.rule.code == rule), ()
    )
    made = Judgement.objects.create(
        site=site, rule=rule, verdict=verdict, reason=reason, by=by, facts=list(facts)
    )
    settle(site)
    return made
