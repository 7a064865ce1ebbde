"""Whether the web addresses in public texts lead anywhere. The worker asks each once a week, within limits; no request of a visitor does.

A website that refuses programs, or answers with an error once, is not called dead: people may see it.
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
# After a failure, sooner: two in a row are reported.
AGAIN = dt.timedelta(days=1)
NAME = "WaymarkLinkCheck"
# How many pages a report names for one address.
PLACES = 5
LONGEST = 2000


# --- Which addresses --------------------------------------------------------------------------------------------------------------


def update() -> None:
    """Note the addresses that public pages link to, and where, and forget those that none links to any more. For the scheduler."""
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
    """Return which of these addresses led nowhere when they were last asked. One query; nobody is asked now."""
    return set(LinkedAddress.objects.dead().with_urls(urls).values_list("url", flat=True)) if urls else set()


# --- Asking -----------------------------------------------------------------------------------------------------------------------


def due() -> list[LinkedAddress]:
    """Return the next address that is due, if any: one at each run of the scheduler spreads them out."""
    return list(LinkedAddress.objects.due(timezone.now())[:1]) if settings.SCAN_LISTED_SITES else []


def check(address: LinkedAddress, *, internet: Internet | None = None, limits: Limits | None = None) -> None:
    """Ask whether an address leads anywhere, and note what came of it. No transaction is open meanwhile."""
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
    """Return what is wrong with an address; None if it answers. A handful of requests at most, and of each page a single byte."""
    deadline = Deadline(limits.site_seconds)
    agent = f"{NAME}/1.0 (+{public_url('/')}; {settings.DEFAULT_FROM_EMAIL})"
    try:
        where = target(url)
        for _ in range(limits.redirects + 1):
            answer = fetch(
                where, internet=internet, agent=agent, limits=limits, deadline=deadline, max_bytes=1
            )
            if answer.status not in REDIRECTS:
                return problem_of(answer.status)
            where = target(absolute(answer.first("location"), where))
    except FetchError as error:
        return error.problem
    except ssl.SSLCertVerificationError:
        return FetchProblem.BROKEN
    return FetchProblem.REDIRECTS


# A check that was queued and never ran is queued again.
LOST_AFTER = dt.timedelta(days=1)


# The lowest priority: rendering goes first.
@task(priority=-50)
def check_address(key: int) -> None:
    """Ask whether one address leads anywhere."""
    address = LinkedAddress.objects.filter(pk=key).first()
    if address is not None and settings.SCAN_LISTED_SITES:
        check(address)


def queue(address: LinkedAddress) -> None:
    """Have the worker ask whether an address leads anywhere."""
    LinkedAddress.objects.filter(pk=address.pk).update(due_at=timezone.now() + LOST_AFTER)
    transaction.on_commit(lambda: check_address.enqueue(address.pk))
