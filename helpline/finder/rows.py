"""Listings as the finder shows them: facts in the reader's language, tokens for the style sheet, one fixed order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import names
from helpline import codes, hours
from helpline.codes import (
    ANYWHERE,
    Alert,
    Audience,
    Channel,
    Cost,
    NotFor,
    Reach,
    Status,
    YesNo,
)
from helpline.finder.card import Card, card
from helpline.finder.crisis import host, language_names
from helpline.finder.stylesheet import pair

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

    from helpline.listings.freshness import Freshness
    from helpline.models import ContactPoint, Programme, ProgrammeText


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to make contact; several channels that lead to the same place are one."""

    channels: str
    number: str
    abroad: str
    uri: str
    email: str
    url: str
    host: str
    address: str
    languages: str
    hours: str
    city: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One listing, ready to be printed in the active language."""

    uuid: str
    countries: str
    audiences: str
    tokens: str
    place: str
    name: str
    operator: str
    where: str
    state: str
    alert: str
    alert_note: str
    for_whom: str
    not_for: str
    not_for_words: str
    cost: str
    anonymous: str  # the code
    card: Card
    contacts: tuple[Contact, ...]
    hidden: bool
    website: str
    host: str
    summary: str
    contact: str
    answers: str
    checked: str
    source: str
    tells: bool  # whether a website that it leads to tells others who opens it

    @property
    def website_apart(self) -> bool:
        """Whether the website is a link of its own: no way to make contact leads there already."""
        return bool(self.website) and all(contact.url != self.website for contact in self.contacts)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand under the name of one place (or of several, where a listing works in several)."""

    place: str
    rows: tuple[Row, ...]


def groups(programmes: Iterable[Programme], today: dt.date, telling: Collection[str] = ()) -> list[Group]:
    """All listings in their order, under the names of their places."""
    ordered = sorted(programmes, key=lambda programme: order(programme, today))
    rows = [row(programme, today, telling) for programme in ordered]
    return [Group(place, tuple(found)) for place, found in groupby(rows, key=lambda one: one.place)]


def order(programme: Programme, today: dt.date) -> tuple[object, ...]:
    """Open before closed, what can be used from afar first, checked before overdue; then place, newest check, name."""
    standing: Freshness = programme.freshness(today)
    days_ago = (today - programme.checked_on).days if programme.checked_on else 0
    return (
        programme.is_closed,
        not programme.is_remote(),
        int(standing) if standing.sinks else 0,
        ANYWHERE in programme.countries,
        names.in_order(place(programme)),
        days_ago,
        names.in_order(programme.name),
        str(programme.uuid),
    )


def place(programme: Programme) -> str:
    """Where it works, by name: "Austria, Germany"."""
    return ", ".join(
        sorted((codes.country_name(code) for code in programme.countries), key=names.in_order)
    ) or _("Place not known")


def contact_tokens(points: Iterable[ContactPoint]) -> str:
    """What the style sheet asks of a listing: the languages, the channels and their pairs, of one contact point each."""
    tokens: dict[str, None] = {}
    for point in points:
        for language in point.languages:
            tokens[language] = None
            if point.channel:
                tokens[pair(language, point.channel)] = None
        if point.channel:
            tokens[point.channel] = None
    return " ".join(sorted(tokens))


def row(programme: Programme, today: dt.date, telling: Collection[str] = ()) -> Row:
    points = remote_first(programme.contact_points.all())
    texts = list(programme.texts.all())
    text: ProgrammeText | None = texts[0] if texts else None
    hidden = programme.freshness(today).hides_numbers or programme.is_closed
    ways = contacts(programme, points, hidden=hidden)
    return Row(
        uuid=str(programme.uuid),
        countries=" ".join(programme.countries),
        audiences=" ".join(programme.audiences),
        tokens=contact_tokens(points),
        place=place(programme),
        name=programme.name,
        operator=programme.operator if programme.operator != programme.name else "",
        where=region(programme),
        state=state(programme),
        alert=str(Alert(programme.alert).label) if programme.alert else "",
        alert_note=programme.alert_note,
        for_whom=_listed(
            [*(str(Audience(code).label) for code in programme.audiences), *filter(None, [age(programme)])]
        ),
        not_for=_listed(str(NotFor(code).label) for code in programme.not_for),
        not_for_words=text.not_for if text else "",
        cost=str(Cost(programme.cost).label),
        anonymous=programme.anonymous,
        card=card(programme, points),
        contacts=ways,
        hidden=hidden and not programme.is_closed,
        website=programme.website,
        host=host(programme.website),
        summary=text.summary if text else "",
        contact=text.contact if text else "",
        answers=text.answers if text else "",
        checked=checked(programme.checked_on),
        source=host(programme.checked_source) or programme.checked_source or host(programme.source_url),
        tells=any(url in telling for url in (programme.website, *(way.url for way in ways))),
    )


def remote_first(points: Iterable[ContactPoint]) -> list[ContactPoint]:
    """What can be used from afar before what somebody has to travel to; otherwise as the editor put them."""
    return sorted(points, key=lambda point: point.channel == Channel.FACE_TO_FACE)


def checked(on: dt.date | None) -> str:
    return (
        _("Last checked: %(day)s") % {"day": date_format(on, "DATE_FORMAT")} if on else _("Not checked yet")
    )


def region(programme: Programme) -> str:
    """The part of the country, as it is called there; the programme's reach where it has no name."""
    if programme.region:
        return programme.region
    return str(Reach(programme.reach).label) if programme.reach == Reach.REGIONAL else ""


def state(programme: Programme) -> str:
    if programme.status == Status.CLOSED_UNTIL:
        if programme.closed_until:
            return _("Closed until %(day)s") % {"day": date_format(programme.closed_until, "DATE_FORMAT")}
        return _("Closed for a time")
    return _("Closed") if programme.status == Status.CLOSED else ""


def age(programme: Programme) -> str:
    low, high = programme.minimum_age, programme.maximum_age
    if low and high:
        return _("from %(low)s to %(high)s years of age") % {"low": low, "high": high}
    if low:
        return _("from %(low)s years of age on") % {"low": low}
    return _("up to %(high)s years of age") % {"high": high} if high else ""


def contacts(programme: Programme, points: list[ContactPoint], *, hidden: bool) -> tuple[Contact, ...]:
    """The ways to make contact. Where numbers are hidden, or there is none, the website stands in for them."""
    made = [contact(programme, point, hidden=hidden) for point in points]
    # Without the channels' names they are alike where they lead to the same place: then they are told together.
    alike: dict[tuple[object, ...], list[Contact]] = {}
    for one in made:
        key = tuple(getattr(one, name) for name in Contact.__slots__ if name != "channels")
        alike.setdefault(key, []).append(one)
    return tuple(
        Contact(
            channels=", ".join(dict.fromkeys(one.channels for one in same if one.channels)),
            **{name: getattr(same[0], name) for name in Contact.__slots__ if name != "channels"},
        )
        for same in alike.values()
    )


def contact(programme: Programme, point: ContactPoint, *, hidden: bool) -> Contact:
    phone = None if hidden else point.phone
    email = "" if hidden else point.email
    url = "" if phone or email else point.url or programme.website
    return Contact(
        channels=str(Channel(point.channel).label) if point.channel else "",
        number=(point.number_written or phone.national()) if phone else "",
        abroad=abroad(point) if phone else "",
        uri=phone.uri if phone else "",
        email=email,
        url=url,
        host=host(url),
        address=point.address,
        languages=language_names(point.languages),
        hours="" if hidden else hours.in_words(point.opening_hours),
        city=hours.city(point.timezone)
        if point.opening_hours and not hours.always(point.opening_hours)
        else "",
        remarks=tuple(remarks(programme, point)) if phone else (),
    )


def abroad(point: ContactPoint) -> str:
    """What to dial from another country, as people write it; empty where that is not known to work."""
    if point.from_abroad == YesNo.NO or point.phone is None:
        return ""
    return point.number_from_abroad or point.phone.international()


def remarks(programme: Programme, point: ContactPoint) -> Iterable[str]:
    """What somebody may want to know before they dial."""
    if point.cost not in {Cost.UNKNOWN, programme.cost}:
        yield _("Cost of the contact: %(cost)s.") % {"cost": Cost(point.cost).label}
    if point.from_abroad == YesNo.NO:
        yield _("Cannot be reached from abroad.")
    if point.on_bill == YesNo.YES:
        yield _("Appears on the phone bill.")
    if point.on_bill == YesNo.NO:
        yield _("Does not appear on the phone bill.")
    if point.answerphone == YesNo.YES:
        yield _("An answerphone may answer: you need not leave a message.")
    if point.interpreter == YesNo.YES:
        yield _("An interpreter can be called in.")


def _listed(words: Iterable[str]) -> str:
    text = ", ".join(words)
    return text[:1].upper() + text[1:]
