"""Taking a wrong number off everywhere at once: one person, one step, whatever listings have it.

No help page goes with it. Where it was the only crisis line of a country, the pages say that none can be named (`helpline.finder.queries.taken_off`).
Putting a number back takes two people, as showing any listing does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from helpline.governance import alarms, services
from helpline.records import visibility
from helpline.records.contact_points import ContactPoint
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary.codes import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpline.approval.rule import User
    from helpline.records.listings import Listing

# The columns that hold a number, of a support line and of a contact point.
NUMBERS = ("number", "number_from_abroad")


def numbers_of(listing: Programme | SupportLine) -> list[str]:
    """Return the numbers of a listing as they are stored, each once."""
    holders = listing.contact_points.all() if isinstance(listing, Programme) else [listing]
    found = [getattr(each, name) for each in holders for name in NUMBERS]
    return list(dict.fromkeys(filter(None, found)))


@transaction.atomic
def take_off(
    *, listing: Programme | SupportLine, number: str, by: User, reason: str, country: str = ""
) -> list[Listing]:
    """Take a number of a listing off everywhere, and tell those who may approve it. Return the listings that had it, `listing` first.

    A listing that has it is hidden. A line of several countries stays in those where a number that is short, and so another in each
    country, is right. `country`: the one where it is wrong; all those of the listing if it is empty.
    """
    where = {country} if country else set(listing.countries)
    some = bool(country) or is_short(number)
    taken = [listing]
    taken += [each for each in with_number(number, where if some else None, of=listing) if each != listing]
    for each in taken:
        if some and isinstance(each, SupportLine) and not where.issuperset(each.countries):
            services.leave_countries(listing=each, countries=where, by=by, reason=reason)
        else:
            services.hide(listing=each, by=by, reason=reason)
    alarms.tell_of_number(listing, number=number, listings=taken, by=by, reason=reason)
    return taken


def with_number(number: str, where: set[str] | None, *, of: Listing) -> Iterator[Listing]:
    """Yield the listings on show that have a number: in some countries, or in all if `where` is None.

    An emergency number stands, whatever else has it, unless it is what is wrong.
    """
    has_it = Q(number=number) | Q(number_from_abroad=number)
    points = ContactPoint.objects.filter(has_it)
    lines = SupportLine.objects.filter(visibility.shown_q(), has_it)
    programmes = Programme.objects.filter(visibility.shown_q(), pk__in=points.values("programme"))
    if where is not None:
        lines = lines.filter(countries__overlap=[*where])
        programmes = programmes.filter(countries__overlap=[*where])
    if getattr(of, "kind", "") != LineKind.EMERGENCY:
        lines = lines.exclude(kind=LineKind.EMERGENCY)
    yield from lines.order_by("pk")
    yield from programmes.order_by("pk")


def is_short(number: str) -> bool:
    """Whether a number is one that each country gives to somebody else, such as 116123 or 142."""
    return not number.startswith("+")
