"""The contact points of a listing, as shown to readers and as codes for the style sheet and the script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.languages.names import joined
from helpline.finder.content.filters.facets import Level, facets_at
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.state import ShownState
from helpline.records.alerts import usable
from helpline.records.order import AnswerKind, kind_of
from helpline.records.programmes import ContactPoint, Programme
from helpline.vocabulary import hours, phones
from helpline.vocabulary.codes import Channel, Cost, YesNo, language_names
from helpline.vocabulary.phones import Phone, PhoneError
from helpline.vocabulary.wording import host, interpreting

NOT_KNOWN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Way to make contact.

    Channels that lead to the same place are merged into one.
    """

    channels: str
    number: str
    abroad: str  # the number to dial from another country
    abroad_remark: str  # its charges, or that the number probably does not work from there
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

    @property
    def hours_there(self) -> str:
        """Return its opening hours, with the place whose time is meant."""
        place = " " + _("(time in %(city)s)") % {"city": self.city} if self.hours and self.city else ""
        return self.hours + place

    @property
    def is_plain(self) -> bool:
        """Return whether it has no facts besides its channel and its target."""
        return not (self.hours or self.timetable or self.remarks)

    @property
    def target(self) -> tuple[str, str, str, str]:
        """Return its target: URI, email, URL, postal address."""
        return self.uri, self.email, self.url, self.address


@dataclass(frozen=True, slots=True)
class PointCodes:
    """Codes by which a contact point is matched.

    One and the same point must meet every choice.
    """

    codes: tuple[tuple[str, str], ...]  # (facet, its codes), for each facet of contact points
    timetable: str  # its index, or `NOT_KNOWN` if a person answers at hours that are not known


@dataclass(frozen=True)
class Contacts:
    """All contact points of a listing: the ways to make contact, and the codes by which it is found."""

    programme: Programme
    points: list[ContactPoint]  # first what can be used from home
    timetables: list[str]  # the index of that of each point on the page; empty if its hours cannot be relied on
    hidden: bool

    @classmethod
    def of(cls, programme: Programme, state: ShownState, reading: FinderReading) -> Contacts:
        points = sorted(programme.contact_points.all(), key=lambda point: point.channel == Channel.FACE_TO_FACE)
        timetables = [reading.timetable(point) if state.keeps_hours(point) else "" for point in points]
        return cls(programme, points, timetables, state.hides_contact)

    @property
    def codes(self) -> list[PointCodes]:
        """Return the codes of its contact points, each once.

        A listing without any has those of one empty point.
        """
        timed = [
            (point, number or (NOT_KNOWN if self.may_be_open(point) else ""))
            for point, number in zip(self.points, self.timetables, strict=True)
        ] or [(ContactPoint(), "")]
        return list(dict.fromkeys(PointCodes(point_codes(self.programme, point), number) for point, number in timed))

    def may_be_open(self, point: ContactPoint) -> bool:
        """Return whether a person answers here, and no hours of the listing are known."""
        if self.hidden or point.opening_hours or any(self.timetables):
            return False
        return usable(self.programme, point) and kind_of(point) is AnswerKind.PERSON

    @cached_property
    def made(self) -> list[Contact]:
        """Return one contact for each contact point."""
        timed = zip(self.points, self.timetables, strict=True)
        return [contact(self.programme, point, number, hidden=self.hidden) for point, number in timed]

    @cached_property
    def ways(self) -> tuple[Contact, ...]:
        """Return the ways to make contact.

        Those that differ only in their channels have the same target, and are merged.
        Unusable ones are left out, unless there are no others.
        """
        alike: dict[Contact, list[str]] = {}
        for one in [one for one in self.made if any(one.target)] or self.made:
            alike.setdefault(replace(one, channels=""), []).append(one.channels)
        return tuple(
            replace(one, channels=joined(dict.fromkeys(filter(None, channels)))) for one, channels in alike.items()
        )

    @property
    def links(self) -> list[tuple[Contact, tuple[str, ...]]]:
        """Return the ways, each with other channels of the same link that have no other facts."""
        kept: dict[Contact, tuple[str, ...]] = {}
        for way in self.ways:
            first = next((each for each in kept if each.target == way.target and each.languages == way.languages), None)
            if first is not None and way.url and way.is_plain:
                kept[first] += (way.channels,)
            else:
                kept[way] = ()
        return list(kept.items())

    @property
    def languages(self) -> str | None:
        """Return the languages of all contacts, if they are the same.

        Returns an empty string if it is the reader's language, and None if they differ or are unknown.
        """
        spoken = {way.languages for way in self.ways}
        if len(spoken) != 1 or spoken == {""}:
            return None
        return "" if all(point.languages == [get_language()] for point in self.points) else spoken.pop()

    @property
    def also(self) -> str:
        """Return the channels that are offered without a number or an address: "In person"."""
        leads: dict[str, bool] = {}
        for point, way in zip(self.points, self.made, strict=True):
            leads[point.channel] = leads.get(point.channel, False) or any(way.target)
        return joined(str(Channel(channel).label) for channel, known in leads.items() if channel and not known)

    @property
    def abroad(self) -> list[tuple[str, str]]:
        """Return the numbers to dial from another country, each with a remark.

        If none is known to work from there, return the doubt alone.
        """
        told = [(way.abroad, _("at the price of an ordinary call") if way.abroad_remark else "") for way in self.ways]
        known = [number for number in told if number[0]]
        doubted = any(way.abroad_remark for way in self.ways)
        return list(dict.fromkeys(known)) or ([("", _("Probably not."))] if doubted else [])


def point_codes(programme: Programme, point: ContactPoint) -> tuple[tuple[str, str], ...]:
    """Return (facet, codes) of a contact point, for each facet of contact points that needs no script."""
    return tuple((facet.code, facet.codes_of(programme, point)) for facet in facets_at(Level.POINT, scripted=False))


def contact(programme: Programme, point: ContactPoint, timetable: str = "", *, hidden: bool) -> Contact:
    phone = None if hidden else point.phone
    email = "" if hidden else point.email
    url = "" if phone or email else point.url or programme.website
    return Contact(
        channels=str(Channel(point.channel).label) if point.channel else "",
        number=(point.number_written or phone.national()) if phone else "",
        abroad=abroad(point, phone) if phone else "",
        abroad_remark=abroad_remark(point, phone) if phone else "",
        uri=phone.uri if phone else "",
        email=email,
        url=url,
        host=host(url),
        address=point.address,
        languages=spoken(point),
        hours="" if hidden else hours.in_words(point.opening_hours),
        city=hours.city(point.timezone)
        if point.opening_hours and not hours.is_always_open(point.opening_hours)
        else "",
        timetable=timetable,
        remarks=tuple(remarks(programme, point)) if phone else (),
    )


def spoken(point: ContactPoint) -> str:
    """Return the languages in which it answers, and that of the page if it needs an interpreter for it."""
    own = get_language() or ""
    if own in point.languages or not point.interprets(own):
        return language_names(point.languages)
    here = {"language": language_names([own]), "languages": language_names(point.languages)}
    if not point.languages:
        return _("%(language)s with an interpreter") % here
    return _("%(languages)s; %(language)s with an interpreter") % here


def abroad(point: ContactPoint, phone: Phone) -> str:
    """Return the number to dial from another country, as people write it.

    Returns an empty string if it does not work from there, or probably not.
    """
    if point.number_from_abroad:
        number = from_abroad(point)
        return number.international() if number else point.number_from_abroad
    return phone.international() if point.works_from_abroad else ""


def abroad_remark(point: ContactPoint, phone: Phone) -> str:
    """Return the charges of its number from abroad, or that it probably has none."""
    if point.number_from_abroad:
        number = from_abroad(point)
        return _("From abroad it costs what an ordinary call costs.") if number and number.is_ordinary() else ""
    if point.from_abroad == YesNo.UNKNOWN and phone.is_domestic() and phone.international():
        return _("Probably not from abroad.")
    return ""


def from_abroad(point: ContactPoint) -> Phone | None:
    try:
        return phones.parse(point.number_from_abroad)
    except PhoneError:
        return None


def remarks(programme: Programme, point: ContactPoint) -> Iterator[str]:
    """Yield remarks that people may want to read before they dial."""
    if point.cost not in {Cost.UNKNOWN, programme.cost}:
        yield _("Cost of the contact: %(cost)s.") % {"cost": Cost(point.cost).label}
    short = point.phone is not None and not point.phone.international()
    if not point.number_from_abroad and (point.from_abroad == YesNo.NO or short):
        yield _("Cannot be reached from abroad.")
    if point.on_bill == YesNo.YES:
        yield _("Appears on the phone bill.")
    if point.on_bill == YesNo.NO:
        yield _("Does not appear on the phone bill.")
    if point.answerphone == YesNo.YES:
        yield _("You may reach an answerphone. You do not have to leave a message.")
    if point.interpreter == YesNo.YES:
        yield interpreting(point.interpreter_languages, point.interpreter_count)
