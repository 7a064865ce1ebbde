"""The contact points of a listing, as shown to readers and as codes for the style sheet and the script."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.languages.names import joined
from helpline.finder.content import alerts
from helpline.finder.content.facets import Level, facets_at
from helpline.records.contact_points import ContactPoint
from helpline.vocabulary import hours
from helpline.vocabulary.codes import Channel, Cost, YesNo, language_names
from helpline.vocabulary.wording import host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from helpline.finder.content.timetable import Timetables
    from helpline.records.programmes import Programme
    from helpline.vocabulary.phones import Phone


# Hours of at most as many letters ("at any hour") stand beside the way to make contact, and are repeated.
SHORT_HOURS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A way to make contact; channels that lead to the same place are merged into one."""

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
    timetable: str  # index of its timetable on the page (`Timetables`); empty if there is none
    remarks: tuple[str, ...]
    same_hours: bool = False  # as said of the contact before it

    @property
    def hours_there(self) -> str:
        """Its opening hours, with the place whose time is meant."""
        place = " " + _("(time in %(city)s)") % {"city": self.city} if self.hours and self.city else ""
        return self.hours + place

    @property
    def short_hours(self) -> str:
        """What can be said of its hours in the space beside a button."""
        if self.same_hours:
            # Translators: of a way to make contact, after another one with these opening hours
            return _("same hours")
        if not self.hours:
            return _("opening hours not known") if self.uri else ""
        return self.hours_there if self.is_short else ""

    @property
    def long_hours(self) -> str:
        """Hours that need a line of their own."""
        return "" if self.is_short or self.same_hours else self.hours_there

    @property
    def is_short(self) -> bool:
        return len(self.hours_there) <= SHORT_HOURS

    @property
    def is_plain(self) -> bool:
        """Whether nothing is known of it but what it is and where it leads."""
        return not (self.hours or self.timetable or self.remarks)

    @property
    def target(self) -> tuple[str, str, str, str]:
        """Where it leads: URI, email, URL, postal address."""
        return self.uri, self.email, self.url, self.address


@dataclass(frozen=True, slots=True)
class PointCodes:
    """The codes by which a contact point is matched: one and the same point must meet every choice."""

    codes: tuple[tuple[str, str], ...]  # (facet, its codes), for each facet of contact points
    timetable: str


def remote_first(points: Iterable[ContactPoint]) -> list[ContactPoint]:
    """Put what can be used remotely before what people have to travel to; otherwise keep the editor's order."""
    return sorted(points, key=lambda point: point.channel == Channel.FACE_TO_FACE)


def points(
    programme: Programme,
    contact_points: Iterable[ContactPoint],
    timetables: Timetables | None,
    *,
    hidden: bool,
) -> tuple[PointCodes, ...]:
    """Return the contact points as codes, deduplicated; one empty point for a listing without any."""
    made = (
        PointCodes(point_codes(programme, point), timetable(programme, point, timetables, hidden=hidden))
        for point in contact_points
    )
    return tuple(dict.fromkeys(made)) or (PointCodes(point_codes(programme, ContactPoint()), ""),)


def point_codes(programme: Programme, point: ContactPoint) -> tuple[tuple[str, str], ...]:
    """Return (facet, codes) of a contact point, for each facet of contact points that needs no script."""
    return tuple(
        (facet.code, facet.codes_of(programme, point)) for facet in facets_at(Level.POINT, scripted=False)
    )


def timetable(
    programme: Programme, point: ContactPoint, timetables: Timetables | None, *, hidden: bool
) -> str:
    """Return the index of its timetable; empty if its hours cannot be relied on."""
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
    """Return the ways to make contact. Where numbers are hidden or missing, the website takes their place.

    What cannot be used is left out, unless there is nothing else.
    """
    made = [contact(programme, point, timetables, hidden=hidden) for point in contact_points]
    made = [one for one in made if any(one.target)] or made
    # Contacts that differ in nothing but their channels lead to the same place, and are merged.
    alike: dict[tuple[object, ...], list[Contact]] = {}
    for one in made:
        key = tuple(getattr(one, name) for name in Contact.__slots__ if name != "channels")
        alike.setdefault(key, []).append(one)
    return tuple(
        hours_once(
            replace(same[0], channels=joined(dict.fromkeys(one.channels for one in same if one.channels)))
            for same in alike.values()
        )
    )


def hours_once(found: Iterable[Contact]) -> Iterator[Contact]:
    """Yield the contacts, but with hours that the one before it has, too, said once."""
    said = ""
    for one in found:
        yield replace(one, same_hours=one.hours_there == said and not one.is_short)
        said = one.hours_there


def by_link(found: Iterable[Contact]) -> list[tuple[Contact, tuple[str, ...]]]:
    """Return the contacts, each with other channels that the same link leads to, if nothing else is known of them."""
    kept: dict[Contact, tuple[str, ...]] = {}
    for one in found:
        first = next(
            (each for each in kept if each.target == one.target and each.languages == one.languages), None
        )
        if first is not None and one.url and one.is_plain:
            kept[first] += (one.channels,)
        else:
            kept[one] = ()
    return list(kept.items())


def contact(
    programme: Programme, point: ContactPoint, timetables: Timetables | None = None, *, hidden: bool
) -> Contact:
    phone = None if hidden else point.phone
    email = "" if hidden else point.email
    url = "" if phone or email else point.url or programme.website
    return Contact(
        channels=str(Channel(point.channel).label) if point.channel else "",
        number=(point.number_written or phone.national()) if phone else "",
        abroad=abroad(point, phone) if phone else "",
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


def abroad(point: ContactPoint, phone: Phone) -> str:
    """Return what to dial from another country, as people write it; empty if it is known not to work from there."""
    if point.number_from_abroad:
        return point.number_from_abroad
    return "" if point.from_abroad == YesNo.NO else phone.international()


def remarks(programme: Programme, point: ContactPoint) -> Iterator[str]:
    """Yield what people may want to know before they dial."""
    if point.cost not in {Cost.UNKNOWN, programme.cost}:
        yield _("Cost of the contact: %(cost)s.") % {"cost": Cost(point.cost).label}
    if point.from_abroad == YesNo.NO and not point.number_from_abroad:
        yield _("Cannot be reached from abroad.")
    if point.on_bill == YesNo.YES:
        yield _("Appears on the phone bill.")
    if point.on_bill == YesNo.NO:
        yield _("Does not appear on the phone bill.")
    if point.answerphone == YesNo.YES:
        yield _("You may reach an answerphone. You do not have to leave a message.")
    if point.interpreter == YesNo.YES:
        yield _("An interpreter can be called in.")
