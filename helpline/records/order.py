"""The one order of listings: finder, page and handout of a country, embedded list, search, open API for one country.

People in need call the first number that fits.
So the services of the reader's country come before those of several countries, and these before those that work from
anywhere.
Within these groups, a person who answers comes before an answer in writing, a place to go to, and self-help.
Only answers in a language that the reader understands count: a chat in Finnish is no answer for an English reader.
The language of the page decides after that, never across groups.
A number that stands above is no second answer: a service with the same number comes after those with another way to
make contact.
Listings that may no longer exist are no answer: they come last, in a separate group.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum
from operator import itemgetter

from django.utils.translation import get_language

from core.languages import names
from helpline.records.alerts import reliable, usable
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.visibility import Freshness, hides_contact
from helpline.vocabulary import codes
from helpline.vocabulary.codes import ANYWHERE, WORRIED, Alert, Channel, Confidentiality, NotFor, Reach, YesNo


class RowGroup(IntEnum):
    """Group of listings, in the order in which they are shown."""

    COUNTRY = 0
    COUNTRIES = 1
    ANYWHERE = 2
    DOUBT = 3


class AnswerKind(IntEnum):
    """Kind of answer that a contact point gives, best first."""

    PERSON = 0
    WRITTEN = 1
    IN_PERSON = 2
    ALONE = 3
    NONE = 4


KINDS = {
    Channel.PHONE: AnswerKind.PERSON,
    Channel.CHAT: AnswerKind.PERSON,
    Channel.SMS: AnswerKind.PERSON,
    Channel.VIDEO: AnswerKind.PERSON,
    Channel.EMAIL: AnswerKind.WRITTEN,
    Channel.POST: AnswerKind.WRITTEN,
    Channel.FACE_TO_FACE: AnswerKind.IN_PERSON,
    Channel.ONLINE_SELF_HELP: AnswerKind.ALONE,
    Channel.APP: AnswerKind.ALONE,
}
# A service that is known to keep what it hears secret comes before one of which that is not known.
SECRECY = {Confidentiality.SECRECY: 0, Confidentiality.CONFIDENTIAL: 1}

# The first parts of the key of a listing: its group, its countries, and whether it can be used now.
USABLE = 5


def group_of(programme: Programme) -> RowGroup:
    if programme.alert == Alert.IN_DOUBT:
        return RowGroup.DOUBT
    if ANYWHERE in programme.countries:
        return RowGroup.ANYWHERE
    return RowGroup.COUNTRY if len(programme.countries) == 1 else RowGroup.COUNTRIES


def kind_of(point: ContactPoint) -> AnswerKind:
    """Return the kind of answer of a contact point.

    A call without a known number begins on a website, so it comes after those that need one step.
    """
    kind = KINDS.get(Channel(point.channel), AnswerKind.NONE) if point.channel else AnswerKind.NONE
    by_number = point.channel in {Channel.PHONE, Channel.SMS}
    return AnswerKind.WRITTEN if by_number and not point.number else kind


def usable_points(programme: Programme) -> list[ContactPoint]:
    """Return the contact points that its alert leaves usable."""
    return [point for point in programme.contact_points.all() if usable(programme, point)]


def best_kind(programme: Programme) -> AnswerKind:
    return min(map(kind_of, usable_points(programme)), default=AnswerKind.NONE)


def understood_kind(programme: Programme) -> AnswerKind:
    """Return the best kind of answer in a language that readers of the active one understand.

    In a country where theirs is an official language, only that one counts: French readers in Switzerland are not sent
    to a line in German.
    Elsewhere the official languages of the country count too, and English for what works from anywhere.
    """
    understood = {get_language()}
    official = {code for country in programme.countries for code in names.languages_of_country(country)}
    if not official & understood:
        understood |= official or {"en"}
    points = (
        point
        for point in usable_points(programme)
        if not point.languages or understood & {*point.languages} or any(map(point.interprets, understood))
    )
    return min(map(kind_of, points), default=AnswerKind.NONE)


def in_order(programmes: Iterable[Programme], today: dt.date) -> list[Programme]:
    """Return the programmes in the order in which readers of the active language see them, regardless of their choices.

    A programme whose best answer is a number of another one above it in one of its countries, as when several courses
    are booked through one helpline, comes after the others there that can be used.
    So the order of one country does not depend on the programmes of others.
    """
    ordered = [(sort_key(programme, today), programme) for programme in programmes]
    ordered.sort(key=itemgetter(0))
    seen: dict[str, set[str]] = defaultdict(set)  # the countries in which a number stands above
    placed = []
    for key, programme in ordered:
        numbers = {point.number for point in usable_points(programme) if kind_of(point) is AnswerKind.PERSON}
        repeats = bool(numbers) and all(seen[number] & {*programme.countries} for number in numbers)
        for number in numbers - {""}:  # a chat has no number
            seen[number].update(programme.countries)
        placed.append(((*key[:USABLE], repeats), programme))
    return [programme for _key, programme in sorted(placed, key=itemgetter(0))]


def sort_key(programme: Programme, today: dt.date) -> tuple[object, ...]:
    """Return the key by which listings are sorted before repeated numbers are moved.

    In a group, listings that cannot be used now come last, and those with an upper age that most worried adults exceed.
    If a person answers in the reader's language at two services, the order is: one that does not exclude those who
    have acted, for the whole country, checked in time, for people who are worried about themselves, known to keep
    secret what they hear, anonymous, the newest check, the name.
    """
    standing: Freshness = programme.freshness(today)
    points = list(programme.contact_points.all())
    group, kind = group_of(programme), understood_kind(programme)
    worried = not WORRIED.isdisjoint(programme.audiences)
    return (
        group,
        []
        if group in {RowGroup.ANYWHERE, RowGroup.DOUBT}
        else sorted(map(names.sort_key, map(codes.country_name, programme.countries))),
        programme.is_closed or hides_contact(programme, today),
        programme.is_closed,
        not reliable(programme),
        worried and programme.maximum_age is not None,
        kind,
        not any(get_language() in point.languages for point in points),
        best_kind(programme) if kind is AnswerKind.NONE else kind,
        NotFor.HAS_ACTED in programme.not_for,
        programme.reach == Reach.REGIONAL,
        int(standing) if standing.sinks else 0,
        not worried,
        SECRECY.get(Confidentiality(programme.confidentiality), len(SECRECY)),
        programme.anonymous != YesNo.YES,
        -programme.checked_on.toordinal() if programme.checked_on else 0,
        names.sort_key(programme.name),
        str(programme.uuid),
    )
