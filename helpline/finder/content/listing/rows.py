"""Listings as the finder shows them: facts in the reader's language, codes for the style sheet, in one fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.languages import names
from helpline.finder.content.filters.facets import Level, facets_at
from helpline.finder.content.listing.confidentiality import ConfidentialityCard
from helpline.finder.content.listing.contacts import Contact, Contacts, PointCodes, contact
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.state import ShownState
from helpline.records import facts
from helpline.records.alerts import reliable
from helpline.records.facts import OnCard
from helpline.records.order import RowGroup, group_of, in_order, kind_of
from helpline.records.programmes import ContactPoint, Programme, is_said_of, location_name, region_name
from helpline.records.programmes import grouped as group_locations
from helpline.records.texts import ProgrammeText
from helpline.vocabulary import codes
from helpline.vocabulary.codes import ANYWHERE, Audience, Cost, NotFor, Reach, YesNo, language_names
from helpline.vocabulary.wording import first_sentence, host

ADULT = 18


@dataclass(frozen=True, slots=True)
class ShownAudience:
    """The audience of a service, and the people whom it excludes.

    `not_for_words`: exclusions in its text.
    """

    programme: Programme
    not_for_words: str = ""

    @property
    def people(self) -> str:
        programme = self.programme
        people, years = capfirst(names.joined(Audience.in_words(programme.audiences))), age(programme)
        if people and years:
            # Translators: the audience of a service, and its age: “Family and friends, aged 18 or over”
            return _("%(people)s, %(years)s") % {"people": people, "years": years}
        return people or capfirst(years)

    @property
    def not_for(self) -> str:
        return names.joined(turned_away(self.programme))


def age(programme: Programme) -> str:
    low, high = programme.minimum_age, programme.maximum_age
    if low and high:
        return _("aged %(low)s to %(high)s") % {"low": low, "high": high}
    if low:
        return _("aged %(low)s or over") % {"low": low}
    return _("aged up to %(high)s") % {"high": high} if high else ""


def turned_away(programme: Programme) -> Iterator[str]:
    """Yield the people whom it does not accept, including those outside its ages."""
    low, high = programme.minimum_age, programme.maximum_age
    if low and not (NotFor.UNDER_18 in programme.not_for and low <= ADULT):
        yield _("people under %(age)s") % {"age": low}
    yield from (str(NotFor(code).label) for code in programme.not_for)
    if high and NotFor.ADULTS not in programme.not_for:
        yield _("people over %(age)s") % {"age": high}


@dataclass(frozen=True, slots=True)
class LocationInRow:
    """One of the locations of a programme, within its row: only what differs from it."""

    programme: Programme
    state: ShownState
    region: str  # codes
    contacts: tuple[Contact, ...]  # those with other targets than the contacts of the whole
    codes: Sequence[PointCodes]
    checked: str  # empty if it is the same as for the whole

    @classmethod
    def of(cls, location: Programme, whole: Programme, known: Contacts, reading: FinderReading) -> LocationInRow:
        state, region = ShownState.of(location, reading), reading.regions.codes_of(location)
        checked = state.checked if location.checked_on != whole.checked_on else ""
        if location.is_closed:  # it has no codes and no links
            return cls(location, state, region, (), (), checked)
        offered = Contacts.of(location, state, reading)
        targets = {way.target for way in known.ways} | {("", "", whole.website, "")}
        other = tuple(way for way in offered.ways if any(way.target) and way.target not in targets)
        return cls(location, state, region, other, offered.codes, checked)

    @property
    def name(self) -> str:
        return location_name(self.programme)

    @property
    def operator(self) -> str:
        return operator_name(self.programme)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListingRow:
    """Listing, ready to be rendered in the active language: its programme, and the parts for its template."""

    programme: Programme
    text: ProgrammeText | None  # its words in the language of the page
    state: ShownState
    audience: ShownAudience
    contacts: Contacts
    confidentiality: ConfidentialityCard
    locations: tuple[LocationInRow, ...]
    reading: FinderReading

    @property
    def codes(self) -> dict[str, str]:
        """Return its codes, by facet of listings."""
        return {facet.code: facet.codes_of(self.programme) for facet in facets_at(Level.LISTING)}

    @property
    def points(self) -> list[PointCodes]:
        """Return the codes of its contact points and of those of its locations, each once."""
        inside = (code for location in self.locations for code in location.codes)
        return list(dict.fromkeys((*self.contacts.codes, *inside)))

    @property
    def region(self) -> str:
        """Return the codes of its region, or an empty string if it has none."""
        return self.reading.regions.codes_of(self.programme)

    @property
    def group(self) -> RowGroup:
        return group_of(self.programme)

    @property
    def is_answer(self) -> bool:
        """Return whether people can turn to it now, as far as is known."""
        return self.group is not RowGroup.DOUBT and not self.programme.is_closed and reliable(self.programme)

    @property
    def operator(self) -> str:
        """Return the operator, by its name in the language of the page if it has one."""
        called = operator_name(self.programme)
        return called if called != self.programme.name else ""

    @property
    def meta(self) -> Iterator[str]:
        """Yield what to compare services by: the part of the country, the languages, the cost, anonymity."""
        anywhere = ANYWHERE in self.programme.countries
        if self.group is RowGroup.COUNTRIES or (self.group is RowGroup.DOUBT and not anywhere):
            yield self.place
        if self.where:
            yield self.where
        if spoken := self.spoken:
            yield spoken
        yield from self.tags

    @property
    def spoken(self) -> str:
        """Return the languages of all contacts together, or an empty string if it is only the reader's own."""
        languages = {code for point in self.contacts.points for code in point.languages}
        return "" if languages == {get_language()} else language_names(languages) or _("Language not known")

    @property
    def main(self) -> Contact:
        """Return the way to make contact that the card offers first: a person who answers, if there is one."""
        ranked = sorted(zip(self.contacts.points, self.contacts.made, strict=True), key=lambda pair: kind_of(pair[0]))
        best = next((way.target for _point, way in ranked if any(way.target)), None)
        ways = self.contacts.ways
        first = ways[0] if ways else contact(self.programme, ContactPoint(), hidden=self.state.hides_contact)
        return next((way for way in ways if way.target == best), first)

    @property
    def when(self) -> Iterator[str]:
        """Yield the channel of the main way, its hours and its remarks."""
        way = self.main
        if way.channels:
            yield way.channels
        if (
            self.contacts.languages is None
            and way.languages
            and len({each.languages for each in self.contacts.ways}) > 1
        ):
            yield way.languages
        if hours := way.hours_there or (_("opening hours not known") if self.may_be_open(way) else ""):
            yield hours
        yield from way.remarks

    def may_be_open(self, way: Contact) -> bool:
        """Return whether a person answers this way, by phone or by one of its channels."""
        made = zip(self.contacts.points, self.contacts.made, strict=True)
        return bool(way.uri) or any(self.contacts.may_be_open(point) for point, one in made if one.target == way.target)

    @property
    def other_ways(self) -> list[tuple[Contact, list[str]]]:
        """Return the other ways, each with its channels, and its languages if they differ."""
        main, differ = self.main, len({each.languages for each in self.contacts.ways}) > 1
        return [
            (way, [part for part in (way.channels, *also, way.languages if differ else "") if part])
            for way, also in self.contacts.links
            if way.target != main.target
        ]

    @property
    def other_hours(self) -> Iterator[tuple[str, str]]:
        """Yield (channels, hours) of the ways whose hours differ from those of the main one."""
        main = self.main
        for way in self.contacts.ways:
            said = [way.hours_there if way.hours_there != main.hours_there else "", *way.remarks]
            if way.target != main.target and (words := " · ".join(filter(None, said))):
                yield way.channels, words

    @property
    def has_course(self) -> bool:
        """Return whether anything is known about what happens."""
        text = self.text
        known = text and (self.rest or text.answers or text.contact)
        return bool(known or self.contacts.also or self.contacts.abroad or any(True for _hours in self.other_hours))

    @property
    def secret(self) -> str:
        """Return what the service passes on, in one or two sentences; the law of the country is in the card."""
        card = self.confidentiality
        asked = self.programme.anonymous == YesNo.NO
        return " ".join(filter(None, [card.anonymity if asked else "", card.tells]))

    @property
    def rest(self) -> str:
        """Return its description after the first sentence."""
        return self.text.summary.strip()[len(self.lead) :].strip() if self.text else ""

    @property
    def is_cost_known(self) -> bool:
        return self.programme.cost != Cost.UNKNOWN

    @property
    def unknown(self) -> str:
        """Return what is not known about it, in one sentence."""
        audience = self.audience
        missing = (
            (not self.contacts.points or not self.confidentiality.sees, _("what they can see about you")),
            (not (self.confidentiality.law or self.confidentiality.by_law), _("the law that applies")),
            (not audience.people, _("who it is for")),
            (not audience.not_for and not audience.not_for_words, _("who it is not for")),
            (not self.is_cost_known, _("the cost")),
        )
        things = [words for is_missing, words in missing if is_missing]
        return _("We do not know: %(things)s.") % {"things": names.joined(things)} if things else ""

    @property
    def place(self) -> str:
        """Return the names of its countries: "Austria and Germany"."""
        return names.joined(
            sorted((codes.country_name(code) for code in self.programme.countries), key=names.sort_key)
        ) or _("Place not known")

    @property
    def where(self) -> str:
        """Return the names of its regions.

        If a regional programme does not name it, return the label of its reach.
        """
        programme = self.programme
        if ANYWHERE in programme.countries:
            return ""
        regional = programme.reach == Reach.REGIONAL
        return region_name(programme) or (str(Reach(programme.reach).label) if regional else "")

    @property
    def cost(self) -> str:
        return str(Cost(self.programme.cost).label)

    @property
    def tags(self) -> Iterator[str]:
        """Yield its cost and whether people can stay anonymous, if known, as many people look for these first."""
        if self.is_cost_known:
            yield self.cost
        if self.programme.anonymous == YesNo.YES:
            yield _("anonymous")

    @property
    def more(self) -> Iterator[tuple[str, str]]:
        return more(self.programme)

    @property
    def lead(self) -> str:
        """Return the first sentence of its description."""
        return first_sentence(self.text.summary) if self.text else ""

    @property
    def unreviewed(self) -> str:
        """Return the remark on a text that two people have not approved."""
        return _("Not yet reviewed.") if self.text and not self.text.live else ""

    @property
    def host(self) -> str:
        return host(self.programme.website)

    @property
    def website_apart(self) -> bool:
        """Return whether the website needs a separate link, as no contact leads there."""
        website = self.programme.website
        return bool(website) and all(way.url != website for way in (self.main, *self.contacts.ways))

    @property
    def discloses(self) -> bool:
        """Return whether a website it links to discloses its visitors to others."""
        urls = (self.programme.website, *(way.url for way in self.contacts.ways))
        return any(url in self.reading.disclosing for url in urls)

    @property
    def open_locations(self) -> int:
        return sum(not location.state.closed for location in self.locations)

    @property
    def location_regions(self) -> str:
        """Return the codes of the regions of its locations, separated by spaces, starting with that of the country."""
        return " ".join(dict.fromkeys(code for location in self.locations for code in location.region.split()))


def operator_name(programme: Programme) -> str:
    """Return the operator by its name in the language of its prefetched text, or else as the listing names it."""
    return next((text.operator for text in programme.texts.all() if text.operator), programme.operator)


def listing_rows(programmes: Iterable[Programme], reading: FinderReading) -> list[ListingRow]:
    """Return all listings in order, the best answer first."""
    ordered = in_order(programmes, reading.today)
    return [row(programme, reading, locations) for programme, locations in grouped(ordered)]


def grouped(programmes: Iterable[Programme]) -> list[tuple[Programme, tuple[Programme, ...]]]:
    """Return each programme with a separate row, with the locations in that row by name, closed ones last.

    A programme may have many locations, such as a dozen clinics under one name.
    Each location is a listing: two people approve it, it has its own region, hours and contact points, and it can close
    alone.
    Readers who chose a country would scroll past the same text a dozen times.
    So a location is shown in the row of its programme, unless that row would make a false statement about the location,
    or hide it from people whom it fits.
    """
    return group_locations(programmes, fits)


def fits(location: Programme, whole: Programme) -> bool:
    """Return whether the row of the whole is correct for this location, and has the same audience."""
    return is_said_of(location, whole) and all(
        set(facet.codes_of(location).split()) == set(facet.codes_of(whole).split())
        for facet in facets_at(Level.LISTING)
    )


def row(programme: Programme, reading: FinderReading, locations: Iterable[Programme] = ()) -> ListingRow:
    """Return a listing as the finder shows it.

    `locations` are shown in its row, which is also found by their codes.
    """
    text = next(iter(programme.texts.all()), None)
    state = ShownState.of(programme, reading)
    contacts = Contacts.of(programme, state, reading)
    return ListingRow(
        programme=programme,
        text=text,
        state=state,
        audience=ShownAudience(programme, text.not_for if text else ""),
        contacts=contacts,
        confidentiality=ConfidentialityCard(programme, contacts.points, reading),
        locations=tuple(LocationInRow.of(location, programme, contacts, reading) for location in locations),
        reading=reading,
    )


def more(programme: Programme) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of the facts that have a line on the card and are known, in the active language."""
    for fact in facts.for_model(Programme):
        if fact.card is OnCard.LINE and (said := fact.in_words(getattr(programme, fact.name))):
            yield capfirst(fact.label), said
