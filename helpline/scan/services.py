"""The writes of the privacy scan: findings, judgements of staff, and the resulting grade.

A scan changes no listing.
Visitors only see a notice beside a link, which follows from the newest scan that is fresh enough and from the
judgements of staff (`in_force`).
"""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.background.locks import advisory_lock
from core.http import public_url
from core.outgoing.internet import FetchError, FetchProblem
from helpline.approval.rule import User
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.scan import page, report, rules
from helpline.scan.models import FRESH, Judgement, ListedSite, Scan
from helpline.scan.report import in_force
from helpline.scan.visit import Visitor

LOCK = "privacy-scan"
INTERVAL = dt.timedelta(days=30)
# The time to the next scan, after each failure in a row.
BACK_OFF = [dt.timedelta(days=days) for days in (1, 3, 7, 14)]


class ScanRunningError(Exception):
    """Raised if another process is scanning a website, as only one may at a time."""


def next_due(failures: int, now: dt.datetime) -> dt.datetime:
    """Return the time of the next scan, with growing intervals while a website fails, up to the normal one."""
    if failures == 0 or failures > len(BACK_OFF):
        return now + INTERVAL
    return now + BACK_OFF[failures - 1]


# --- Scanning -------------------------------------------------------------------------------------


def default_visitor() -> Visitor:
    return Visitor(contact=f"{public_url('/')}; {settings.DEFAULT_FROM_EMAIL}")


def scan(site: ListedSite, *, visitor: Visitor | None = None) -> Scan:
    """Scan a website and store what was found.

    Raises ScanRunningError.
    No transaction is open while the website is visited, only an advisory lock that lets one process scan at a time.
    """
    with advisory_lock(LOCK) as held:
        if not held:
            raise ScanRunningError
        now = timezone.now()
        try:
            look = (visitor or default_visitor()).visit(site.url)
        except FetchError as reason:
            made = Scan(site=site, at=now, problem=reason.problem, detail=reason.detail)
        else:
            found = rules.findings(look)
            made = Scan(
                site=site,
                at=now,
                grade=rules.grade(found),
                findings=[finding.as_json() for finding in found],
                final_url=look.final.url,
                numbers=page.on_page(look.page),
            )
        _store(made)
        return made


@transaction.atomic
def _store(made: Scan) -> None:
    # The last listing that named it may have gone while it was being scanned.
    site = ListedSite.objects.select_for_update().filter(pk=made.site_id).first()
    if site is None:
        return
    made.save()
    old = site.scans.values_list("pk", flat=True)[Scan.KEPT :]
    Scan.objects.filter(pk__in=list(old)).delete()
    down = bool(made.problem) and FetchProblem(made.problem).is_down
    failures = site.failures + 1 if down else 0
    ListedSite.objects.filter(pk=site.pk).update(
        tried_at=made.at, problem=made.problem, failures=failures, due_at=next_due(failures, made.at)
    )
    if made.grade:
        ListedSite.objects.filter(pk=site.pk).update(missed=report.missed_by(site))
    regrade(site)


# --- What follows from it -------------------------------------------------------------------------


def newest_seen(site: ListedSite, now: dt.datetime | None = None) -> Scan | None:
    """Return the newest scan that saw a page, unless it is too old."""
    now = now or timezone.now()
    return site.scans.exclude(grade="").filter(at__gt=now - FRESH).first()


@transaction.atomic
def regrade(site: ListedSite) -> None:
    """Recompute a website's grade and notice.

    Call `save()`, which invalidates pages, only if visitors see a difference.
    """
    site = ListedSite.objects.select_for_update().get(pk=site.pk)
    newest = newest_seen(site)
    standings = in_force(newest, site.judgements.all())
    counting = [standing.finding for standing in standings if standing.counts]
    grade = rules.grade(counting) if newest or counting else ""
    ListedSite.objects.filter(pk=site.pk).update(
        grade=grade,
        graded_at=newest.at if newest else None,
        to_judge=any(standing.to_judge for standing in standings),
    )
    discloses = any(finding.rule.discloses for finding in counting)
    if discloses != site.tells_others:
        site.tells_others = discloses
        site.save(update_fields=["tells_others"])
    Programme.objects.filter(website=site.url).exclude(scan_grade=grade).update(scan_grade=grade)


def copy_grade(listing: Programme | SupportLine) -> None:
    """Copy the grade of a programme's current website to the programme."""
    if isinstance(listing, Programme):
        grade = ListedSite.objects.filter(url=listing.website).values_list("grade", flat=True).first() or ""
        Programme.objects.filter(pk=listing.pk).exclude(scan_grade=grade).update(scan_grade=grade)


def outdated() -> list[ListedSite]:
    """Return the websites whose last good scan is too old to rely on, so that their notice is removed.

    For the scheduler.
    """
    return list(ListedSite.objects.outdated(timezone.now()))


@transaction.atomic
def judge(*, site: ListedSite, rule: str, verdict: str, reason: str, by: User | None) -> Judgement:
    """Record a verdict on a finding, with a reason.

    One person is enough, as no fact of a listing changes.
    Raises ValueError.
    """
    reason = reason.strip()
    if rule not in rules.BY_CODE or verdict not in Judgement.Verdict.values or not reason:
        raise ValueError("A judgement needs a known rule, a known verdict and a reason.")
    newest = newest_seen(site)
    facts = next((finding.facts for finding in (newest.found() if newest else []) if finding.rule.code == rule), ())
    made = Judgement.objects.create(
        site=site,
        rule=rule,
        verdict=verdict,
        reason=reason,
        by_id=None if by is None else by.pk,
        facts=list(facts),
    )
    regrade(site)
    return made
