"""Visibility of listings.

It is decided only here, once in Python and once in SQL.
A listing is *public* when two people have approved it and it is on the list.
Closed ones are public too, because they are shown as closed.
It is *shown* when this site shows it: the demonstration also shows unchecked listings and texts, under its banner.
No production site does (`config/settings/production.py` refuses to start as the demonstration).
It is *known* when it is or once was public, so that old links work.

Its contact details are *hidden* while it is closed, and when its check is so long overdue that they are *stale*.
A country's emergency number never goes stale: people who need it are worse off without it than with one that was
checked last year.

The law of a country is a listing too.
It has no contact details, and while it is stale, it is not shown.

A programme without a known number, address or website cannot be reached, so it is not shown.

Each `is_…` and `hides_…` takes anything that has the fields of a listing, and each `…_q` is the same rule as a query
condition.

Freshness is safety: a listing whose check is overdue first warns staff, then moves down the list, then hides its
number.
The steps are counted from the day on which the next check was due.
"""

import datetime as dt
from enum import IntEnum
from typing import Protocol

from django.conf import settings
from django.db.models import DateField, Exists, ExpressionWrapper, F, Manager, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual

from helpline.vocabulary.codes import CLOSED_STATUSES, LineKind, Status

CHECK_EVERY = dt.timedelta(days=182)
SINKS_AFTER = dt.timedelta(days=30)
HIDES_AFTER = dt.timedelta(days=90)


class Freshness(IntEnum):
    """Reliability of a listing, best first."""

    FRESH = 0  # checked, and the next check is not due
    DUE = 1  # a check is due: staff are warned, visitors see no difference
    SUNK = 2  # shown below those that were checked in time
    HIDDEN = 3  # its numbers and addresses are no longer shown
    UNCHECKED = 4  # never checked: shown only in the demonstration, below all others

    @property
    def sinks(self) -> bool:
        return self >= Freshness.SUNK


def due_on(checked_on: dt.date) -> dt.date:
    """Return the default date of the next check."""
    return checked_on + CHECK_EVERY


def freshness(checked_on: dt.date | None, next_check_due: dt.date | None, today: dt.date) -> Freshness:
    """Return the freshness of a listing on a given day."""
    if checked_on is None:
        return Freshness.UNCHECKED
    late = today - (next_check_due or due_on(checked_on))
    if late >= HIDES_AFTER:
        return Freshness.HIDDEN
    if late >= SINKS_AFTER:
        return Freshness.SUNK
    return Freshness.DUE if late >= dt.timedelta() else Freshness.FRESH


# Not on the list, even if it was approved.
UNLISTED = frozenset({Status.DRAFT, Status.DELISTED})


class ListingFields(Protocol):
    """Anything that has the fields of a listing."""

    status: str
    live: bool
    first_published_at: dt.datetime | None
    checked_on: dt.date | None
    next_check_due: dt.date | None


class Reachable(Protocol):
    website: str
    contact_points: Manager[Model]


class Publishable(Protocol):
    live: bool


def shows_unchecked() -> bool:
    """Return whether this site shows unchecked listings, which only the demonstration does."""
    return bool(settings.DEMO)


# --- Which listings -------------------------------------------------------------------------------


def is_public(listing: ListingFields) -> bool:
    return listing.live and listing.status not in UNLISTED


def public_q() -> Q:
    return Q(live=True) & ~Q(status__in=UNLISTED)


def is_shown(listing: ListingFields) -> bool:
    return listing.status != Status.DELISTED if shows_unchecked() else is_public(listing)


def shown_q() -> Q:
    return ~Q(status=Status.DELISTED) if shows_unchecked() else public_q()


def is_known(listing: ListingFields) -> bool:
    return shows_unchecked() or listing.first_published_at is not None


def known_q() -> Q:
    return Q() if shows_unchecked() else Q(first_published_at__isnull=False)


# The fields of a contact point by which people can make contact.
LEADS = ("number", "email", "url", "address")


def is_reachable(programme: Reachable) -> bool:
    """Return whether a programme has any means of contact."""
    points = programme.contact_points.all()
    return bool(programme.website) or any(getattr(point, name) for point in points for name in LEADS)


def reachable_q(points: QuerySet[Model]) -> Q:
    """Return the condition of `is_reachable`. `points` are all contact points."""
    leads = Q()
    for name in LEADS:
        leads |= ~Q(**{name: ""})
    return ~Q(website="") | Q(Exists(points.filter(leads, programme=OuterRef("pk"))))


def text_public_q(prefix: str = "") -> Q:
    """Return the condition for texts that two people have approved. `prefix` is the lookup to them: `texts__`."""
    return Q(**{f"{prefix}live": True})


def visible_text_q() -> Q:
    """Return the condition for texts that this site shows, including unreviewed ones in the demonstration."""
    return Q() if shows_unchecked() else text_public_q()


def is_visible_text(text: Publishable) -> bool:
    """Return whether this site shows a text."""
    return shows_unchecked() or text.live


# --- Their contact details ------------------------------------------------------------------------


def is_closed(listing: ListingFields) -> bool:
    return listing.status in CLOSED_STATUSES


def closed_q() -> Q:
    return Q(status__in=CLOSED_STATUSES)


def is_stale(listing: ListingFields, today: dt.date) -> bool:
    """Return whether its check is so long overdue that its contact details are hidden."""
    if getattr(listing, "kind", "") == LineKind.EMERGENCY:
        return False
    return freshness(listing.checked_on, listing.next_check_due, today) is Freshness.HIDDEN


def stale_q(today: dt.date, *, has_kind: bool) -> Q:
    """Return the condition of `is_stale`.

    `has_kind`: whether the rows are support lines.
    A programme is never an emergency number.
    """
    due = Coalesce("next_check_due", ExpressionWrapper(F("checked_on") + CHECK_EVERY, DateField()))
    stale = Q(checked_on__isnull=False) & Q(LessThanOrEqual(due, today - HIDES_AFTER))
    return stale & ~Q(kind=LineKind.EMERGENCY) if has_kind else stale


def hides_contact(listing: ListingFields, today: dt.date) -> bool:
    """Return whether everything that people could dial or write to is hidden."""
    return is_closed(listing) or is_stale(listing, today)
