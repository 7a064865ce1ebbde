"""Checks for broken links in public texts.

The worker requests each address once a week, within limits; no request of a visitor triggers a check.
Websites that reject programs, or return an error once, are not reported as dead: people may be able to open them.
"""

import datetime as dt
import ssl

from django.conf import settings
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from campaigns.terms import markup
from campaigns.terms.models import LinkedAddress
from campaigns.terms.public_texts import public_pages
from core.http import public_url
from core.outgoing.fetch import REDIRECTS, Deadline, Limits, absolute, fetch, problem_of
from core.outgoing.internet import FetchError, FetchProblem, Internet, target

INTERVAL = dt.timedelta(days=7)
# After a failure, the next check is earlier: two failures in a row are reported.
AGAIN = dt.timedelta(days=1)
NAME = "WaymarkLinkCheck"
# Maximum number of pages that a report names for one address.
PLACES = 5
LONGEST = 2000


# --- Collecting addresses ---


def update() -> None:
    """Store the addresses that public pages link to, with the pages, and delete unused ones. Run by the scheduler."""
    linked: dict[str, list[dict[str, object]]] = {}
    for page, passages in public_pages():
        for url in dict.fromkeys(
            url
            for each in passages
            if each.is_html
            for url, _text in markup.web_links(each.text)
            if len(url) <= LONGEST
        ):
            places = linked.setdefault(url, [])
            if len(places) < PLACES:
                places.append({"page": page.pk, "title": page.title})
    known = {row.url: row for row in LinkedAddress.objects.all()}
    new = [LinkedAddress(url=url, places=places) for url, places in linked.items() if url not in known]
    LinkedAddress.objects.bulk_create(new, ignore_conflicts=True)
    for url, row in known.items():
        if url not in linked:
            row.delete()
        elif row.places != linked[url]:
            LinkedAddress.objects.filter(pk=row.pk).update(places=linked[url])


def dead_among(urls: list[str]) -> set[str]:
    """Return the addresses that were dead at their last check. One query, no requests."""
    return set(LinkedAddress.objects.dead().with_urls(urls).values_list("url", flat=True)) if urls else set()


# --- Checking ---


def due() -> list[LinkedAddress]:
    """Return at most one address that is due: one at each run of the scheduler spreads the requests."""
    return list(LinkedAddress.objects.due(timezone.now())[:1]) if settings.SCAN_LISTED_SITES else []


def check(address: LinkedAddress, *, internet: Internet | None = None, limits: Limits | None = None) -> None:
    """Check an address and store the result. No transaction is open during the request."""
    problem = ask(address.url, internet=internet or Internet(), limits=limits or Limits())
    down = problem is not None and problem.is_down
    now = timezone.now()
    LinkedAddress.objects.filter(pk=address.pk).update(
        tried_at=now,
        problem=problem or "",
        failures=address.failures + 1 if down else 0,
        due_at=now + (AGAIN if down and not address.failures else INTERVAL),
    )


def ask(url: str, *, internet: Internet, limits: Limits) -> FetchProblem | None:
    """Return the problem with an address, or None. A few requests at most, each reading a single byte."""
    deadline = Deadline(limits.site_seconds)
    agent = f"{NAME}/1.0 (+{public_url('/')}; {settings.DEFAULT_FROM_EMAIL})"
    try:
        where = target(url)
        for _ in range(limits.redirects + 1):
            answer = fetch(where, internet=internet, agent=agent, limits=limits, deadline=deadline, max_bytes=1)
            if answer.status not in REDIRECTS:
                return problem_of(answer.status)
            where = target(absolute(answer.first("location"), where))
    except FetchError as error:
        return error.problem
    except ssl.SSLCertVerificationError:
        return FetchProblem.BROKEN
    return FetchProblem.REDIRECTS


# A queued check that did not run within this time is queued again.
LOST_AFTER = dt.timedelta(days=1)


# The lowest priority: rendering goes first.
@task(priority=-50)
def check_address(key: int) -> None:
    """Check one address."""
    address = LinkedAddress.objects.filter(pk=key).first()
    if address is not None and settings.SCAN_LISTED_SITES:
        check(address)


def queue(address: LinkedAddress) -> None:
    """Queue the check of an address for the worker."""
    LinkedAddress.objects.filter(pk=address.pk).update(due_at=timezone.now() + LOST_AFTER)
    transaction.on_commit(lambda: check_address.enqueue(address.pk))
