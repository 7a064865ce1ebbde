"""Listings as the finder shows them: facts in the reader's language, codes for the style sheet, in one fixed order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.languages import names
from helpline.finder.content import alerts, grouping
from helpline.finder.content.contacts import (
    Contact,
    PointCodes,
    by_link,
    contact,
    contacts,
    points,
    remote_first,
)
from helpline.finder.content.coverage import WORRIED
from helpline.finder.content.disclosure import NOTES_IN, Disclosure, card
from helpline.finder.content.facets import Level, facets_at
from helpline.finder.content.regions import Regions
from helpline.finder.content.whom import for_whom, not_for
from helpline.records import facts
from helpline.records.facts import OnCard
from helpline.records.places import name_of_place
from helpline.records.programmes import Programme
from helpline.records.visibility import hides_contact
from helpline.vocabulary import codes
from helpline.vocabulary.codes import ANYWHERE, Alert, Channel, Cost, Reach, Status, YesNo
from helpline.vocabulary.wording import first_sentence, host

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator

    from helpline.finder.content.laws import Laws
    from helpline.finder.content.timetable import Timetables
    from helpline.records.contact_points import ContactPoint
    from helpline.records.freshness import Freshness
    from helpline.records.texts import ProgrammeText


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInRow:
    """One of the places of a programme, within its row: only what differs from it."""

    uuid: str
    region: str  # codes
    name: str
    operator: str
    state: str
    checked: str
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRow:
    """A listing, ready to be rendered in the active language."""

    uuid: str
    codes: dict[str, str]  # by facet of listings
    region: str  # codes; empty if it is in none
    points: tuple[PointCodes, ...]
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
    tags: tuple[str, ...]  # what many people look for first, in a word each
    languages: (
        str | None
    )  # of all contacts, if they have the same; empty if it is the reader's, and goes without saying
    also: str  # channels that nothing in `contacts` leads to
    abroad: tuple[str, ...]  # numbers to dial from another country
    more: tuple[tuple[str, str], ...]  # (name, value) of further facts
    card: Disclosure
    contacts: tuple[Contact, ...]
    hidden: bool
    website: str
    host: str
    summary: str
    contact: str
    answers: str
    unreviewed: str  # said of words that two people have not approved
    checked: str
    checked_on: str  # ISO date, to sort by; empty if it was never checked
    source: str
    discloses: bool  # whether a website it links to discloses its visitors to others
    places: tuple[PlaceInRow, ...] = ()

    def __hash__(self) -> int:
        """Hash by identifier: what is rendered from a row is memoised while pages are printed in a batch."""
        return hash(self.uuid)

    @property
    def open_places(self) -> int:
        return sum(not place.state for place in self.places)

    @property
    def places_regions(self) -> str:
        """The codes of the regions in which it has places, separated by spaces, first that of the country."""
        return " ".join(dict.fromkeys(code for place in self.places for code in place.region.split()))

    @property
    def lead(self) -> str:
        """Return one line of what it is: the first sentence."""
        return first_sentence(self.summary)

    @property
    def ways(self) -> list[tuple[Contact, tuple[str, ...]]]:
        return by_link(self.contacts)

    @property
    def website_apart(self) -> bool:
        """Whether the website needs a separate link, since no contact leads there."""
        return bool(self.website) and all(contact.url != self.website for contact in self.contacts)


def listing_rows(
    programmes: Iterable[Programme],
    today: dt.date,
    disclosing: Collection[str] = (),
    *,
    timetables: Timetables | None = None,
    laws: Laws | None = None,
    regions: Regions | None = None,
) -> list[ListingRow]:
    """Return all listings in order, the best answer first. With `timetables`, they say when they are open.

    `laws`: those of their countries, for what they do not say themselves. `regions`: those that can be chosen.
    """
    ordered = sorted(programmes, key=lambda programme: sort_key(programme, today))
    return [
        row(programme, today, disclosing, timetables=timetables, places=places, laws=laws, regions=regions)
        for programme, places in grouping.grouped(ordered)
    ]


def sort_key(programme: Programme, today: dt.date) -> tuple[object, ...]:
    """Return the key by which listings are sorted for readers of the active language, whatever they choose.

    First what can be reached and is open; then what speaks the reader's language; then what works in a whole country before what works in
    a part of it or anywhere; then what was checked in time, the newest check first. Where all that is equal: what is for people who are
    worried about themselves, what can be called or written to, what can be used from home, the name.
    """
    standing: Freshness = programme.freshness(today)
    points = list(programme.contact_points.all())
    return (
        hides_contact(programme, today),
        programme.is_closed,
        not alerts.reliable(programme),
        not any(get_language() in point.languages for point in points),
        span(programme),
        int(standing) if standing.sinks else 0,
        -programme.checked_on.toordinal() if programme.checked_on else 0,
        WORRIED.isdisjoint(programme.audiences),
        programme.anonymous != YesNo.YES,
        not any(point.number or point.email for point in points),
        not programme.is_remote(),
        names.sort_key(programme.name),
        str(programme.uuid),
    )


def span(programme: Programme) -> int:
    """Return 0 if it works in a whole country, 1 in a part of one, 2 anywhere."""
    if ANYWHERE in programme.countries:
        return 2
    return int(programme.reach == Reach.REGIONAL)


def place(programme: Programme) -> str:
    """Return the names of the countries where it works: "Austria and Germany"."""
    return names.joined(
        sorted((codes.country_name(code) for code in programme.countries), key=names.sort_key)
    ) or _("Place not known")


def row(
    programme: Programme,
    today: dt.date,
    disclosing: Collection[str] = (),
    *,
    timetables: Timetables | None = None,
    laws: Laws | None = None,
    regions: Regions | None = None,
    places: Iterable[Programme] = (),
) -> ListingRow:
    """Return a listing as the finder shows it. `places` are read in its row, and the row is found by what any of them offers."""
    contact_points = remote_first(programme.contact_points.all())
    texts = list(programme.texts.all())
    text: ProgrammeText | None = texts[0] if texts else None
    hidden = hides_contact(programme, today)
    ways = contacts(programme, contact_points, timetables, hidden=hidden)
    regions = regions or Regions()
    return ListingRow(
        uuid=str(programme.uuid),
        region=regions.codes_of(programme),
        codes={facet.code: facet.codes_of(programme) for facet in facets_at(Level.LISTING)},
        points=tuple(
            dict.fromkeys(
                (
                    *points(programme, contact_points, timetables, hidden=hidden),
                    *points_of(places, today, timetables),
                )
            )
        ),
        place=place(programme),
        name=programme.name,
        operator=programme.operator if programme.operator != programme.name else "",
        where=region(programme),
        state=state(programme),
        alert=str(Alert(programme.alert).label) if programme.alert else "",
        alert_note=programme.alert_note if get_language() == NOTES_IN else "",
        for_whom=for_whom(programme),
        not_for=not_for(programme),
        not_for_words=text.not_for if text else "",
        cost=str(Cost(programme.cost).label),
        tags=tuple(tags(programme)),
        languages=common_languages(contact_points, ways),
        also=also(programme, contact_points, hidden=hidden) if any(way.target for way in ways) else "",
        abroad=tuple(dict.fromkeys(way.abroad for way in ways if way.abroad)),
        more=tuple(more(programme)),
        card=card(programme, contact_points, laws),
        contacts=ways,
        hidden=hidden and not programme.is_closed,
        website=programme.website,
        host=host(programme.website),
        summary=text.summary if text else "",
        contact=text.contact if text else "",
        answers=text.answers if text else "",
        unreviewed=_("Nobody has reviewed these words yet.") if text and not text.live else "",
        checked=checked(programme.checked_on),
        checked_on=programme.checked_on.isoformat() if programme.checked_on else "",
        source=host(programme.checked_source) or programme.checked_source or host(programme.source_url),
        discloses=any(url in disclosing for url in (programme.website, *(way.url for way in ways))),
        places=tuple(
            place_in_row(place, programme, ways, today, timetables, region=regions.codes_of(place))
            for place in places
        ),
    )


def points_of(
    places: Iterable[Programme], today: dt.date, timetables: Timetables | None
) -> Iterator[PointCodes]:
    """Yield the contact points of places that are open."""
    for each in places:
        if not each.is_closed:
            ways = each.contact_points.all()
            yield from points(each, ways, timetables, hidden=hides_contact(each, today))


def place_in_row(
    place: Programme,
    whole: Programme,
    known: Iterable[Contact],
    today: dt.date,
    timetables: Timetables | None,
    *,
    region: str,
) -> PlaceInRow:
    """Return one of the places of a programme, without the ways to make contact that are `known` of the whole."""
    targets = {way.target for way in known} | {("", "", whole.website, "")}
    ways = contacts(
        place, remote_first(place.contact_points.all()), timetables, hidden=hides_contact(place, today)
    )
    return PlaceInRow(
        uuid=str(place.uuid),
        region=region,
        name=name_of_place(place),
        operator=place.operator,
        state=state(place),
        checked=checked(place.checked_on) if place.checked_on != whole.checked_on else "",
        contacts=()
        if place.is_closed
        else tuple(way for way in ways if any(way.target) and way.target not in targets),
    )


def common_languages(contact_points: Iterable[ContactPoint], ways: Iterable[Contact]) -> str | None:
    spoken = {way.languages for way in ways}
    if len(spoken) != 1 or spoken == {""}:
        return None
    return "" if all(point.languages == [get_language()] for point in contact_points) else spoken.pop()


def also(programme: Programme, contact_points: Iterable[ContactPoint], *, hidden: bool) -> str:
    """Return the channels that are offered without anything that leads there: "In person"."""
    leads: dict[str, bool] = {}
    for point in contact_points:
        found = any(contact(programme, point, hidden=hidden).target)
        leads[point.channel] = leads.get(point.channel, False) or found
    return names.joined(
        str(Channel(channel).label) for channel, known in leads.items() if channel and not known
    )


def checked(on: dt.date | None) -> str:
    return _("Checked: %(day)s") % {"day": date_format(on, "DATE_FORMAT")} if on else _("Unchecked")


def region(programme: Programme) -> str:
    """Return the region, as it is called there; if a regional programme does not name it, the label of its reach."""
    if ANYWHERE in programme.countries:
        return ""
    if programme.region:
        return programme.region
    return str(Reach(programme.reach).label) if programme.reach == Reach.REGIONAL else ""


def state(programme: Programme) -> str:
    if programme.status == Status.CLOSED_UNTIL:
        if programme.closed_until:
            return _("Closed until %(day)s") % {"day": date_format(programme.closed_until, "DATE_FORMAT")}
        return _("Temporarily closed")
    return _("Closed") if programme.status == Status.CLOSED else ""


def tags(programme: Programme) -> Iterator[str]:
    """Yield what it costs and whether people can stay anonymous, where that is known."""
    if programme.cost != Cost.UNKNOWN:
        yield str(Cost(programme.cost).label)
    if programme.anonymous == YesNo.YES:
        yield _("anonymous")


def more(programme: Programme) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of the facts that have a line on the card and are known, in the active language."""
    for fact in facts.for_model(Programme):
        if fact.card is OnCard.LINE and (said := fact.in_words(getattr(programme, fact.name))):
            yield capfirst(fact.label), said
