"""The ways to reach a listing, as they are shown and as the style sheet and the script know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from helpline.finder.content import alerts
from helpline.finder.content.facets import Level, at
from helpline.records.contact_points import ContactPoint
from helpline.vocabulary import hours
from helpline.vocabulary.codes import Channel, Cost, YesNo, language_names
from helpline.vocabulary.wording import host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from helpline.finder.content.timetable import Timetables
    from helpline.records.programmes import Programme


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
    timetable: str  # its number on the page (`Timetables`)
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointCodes:
    """What can be asked of a contact point: all of it must be met by one and the same."""

    codes: tuple[tuple[str, str], ...]  # of each facet of a contact point
    timetable: str


def remote_first(points: Iterable[ContactPoint]) -> list[ContactPoint]:
    """What can be used from afar before what somebody has to travel to; otherwise as the editor put them."""
    return sorted(points, key=lambda point: point.channel == Channel.FACE_TO_FACE)


def points(
    programme: Programme,
    contact_points: Iterable[ContactPoint],
    timetables: Timetables | None,
    *,
    hidden: bool,
) -> tuple[PointCodes, ...]:
    """Each contact point as codes, none twice; one without any for a listing of which no way to make contact is known."""
    made = (
        PointCodes(asked(programme, point), timetable(programme, point, timetables, hidden=hidden))
        for point in contact_points
    )
    return tuple(dict.fromkeys(made)) or (PointCodes(asked(programme, ContactPoint()), ""),)


def asked(programme: Programme, point: ContactPoint) -> tuple[tuple[str, str], ...]:
    """The codes of a contact point, for each facet that is asked of one."""
    return tuple((facet.code, facet.of(programme, point)) for facet in at(Level.POINT, scripted=False))


def timetable(
    programme: Programme, point: ContactPoint, timetables: Timetables | None, *, hidden: bool
) -> str:
    """The number of its timetable; none where nobody should rely on it."""
    if timetables is None or hidden or not alerts.keeps_hours(programme, point):
        return ""
    return timetables.number(point.opening_hours, point.timezone)


def contacts(
    programme: Programme,
    contact_points: Iterable[ContactPoint],
    timetables: Timetables | None,
    *,
    hidden: bool,
) -> tuple[Contact, ...]:
    """The ways to make contact. Where numbers are hidden, or there is none, the website stands in for them."""
    made = [contact(programme, point, timetables, hidden=hidden) for point in contact_points]
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


def contact(
    programme: Programme, point: ContactPoint, timetables: Timetables | None = None, *, hidden: bool
) -> Contact:
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
        if point.opening_hours and not hours.is_always_open(point.opening_hours)
        else "",
        timetable=timetable(programme, point, timetables, hidden=hidden),
        remarks=tuple(remarks(programme, point)) if phone else (),
    )


def abroad(point: ContactPoint) -> str:
    """What to dial from another country, as people write it; empty where that is not known to work."""
    if point.phone is None:
        return ""
    if point.number_from_abroad:
        return point.number_from_abroad
    return "" if point.from_abroad == YesNo.NO else point.phone.international()


def remarks(programme: Programme, point: ContactPoint) -> Iterator[str]:
    """What somebody may want to know before they dial."""
    if point.cost not in {Cost.UNKNOWN, programme.cost}:
        yield _("Cost of the contact: %(cost)s.") % {"cost": Cost(point.cost).label}
    if point.from_abroad == YesNo.NO and not point.number_from_abroad:
        yield _("Cannot be reached from abroad.")
    if point.on_bill == YesNo.YES:
        yield _("Appears on the phone bill.")
    if point.on_bill == YesNo.NO:
        yield _("Does not appear on the phone bill.")
    if point.answerphone == YesNo.YES:
        yield _("An answerphone may answer: you need not leave a message.")
    if point.interpreter == YesNo.YES:
        yield _("An interpreter can be called in.")
