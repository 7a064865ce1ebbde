"""Lists of the HSDS API: filtered, in a fixed order, page by page.

The list of services holds what two people have approved.
It is in the order of identifiers, so that copies that read page after page miss nothing that changes meanwhile.
The services of one country are for its readers, and in the order of the finder in the active language.
A delisted service remains as a stub, so that copies of the list can remove it.
So does a listing that is published as a location of another service.
In the demonstration, where nothing has been approved, the lists are empty.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import get_language
from wagtail.models import Revision

from core.http import public_url
from core.memo import per_batch
from helpline.exchange.hsds import taxonomies
from helpline.exchange.hsds.locations import LocationListing, newest_changes, published_locations
from helpline.exchange.hsds.services import (
    PublishedService,
    organization_uuid,
    serialize_organization,
    serialize_service,
    serialize_stub,
)
from helpline.exchange.hsds.services import service_at_locations as ways_to
from helpline.exchange.hsds.taxonomies import FACT_UUID, SERVICE, VOCABULARIES, Object
from helpline.exchange.models import PublicChange
from helpline.records.laws import CountryLaw
from helpline.records.order import in_order
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.querysets import ProgrammeQuerySet
from helpline.records.texts import ProgrammeText
from helpline.records.visibility import hides_contact, text_public_q
from helpline.vocabulary import regions
from helpline.vocabulary.codes import ANYWHERE, NOT_STATED

FOLDER = "/hsds/"
VERSION = "3.1"
PROFILE = "https://docs.openreferral.org/en/latest/hsds/"
KINDS = ("services", "organizations", "taxonomies", "taxonomy_terms", "service_at_locations")
PER_PAGE, MOST_PER_PAGE = 50, 100
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Query of a list.

    Filters combine with AND.
    A value without matches gives an empty page.
    """

    page: int = 1
    per_page: int = PER_PAGE
    search: str = ""
    country: str = ""
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    parent_id: str = ""
    postcode: str = ""
    proximity: str = ""
    modified_after: dt.datetime | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    minimal: bool = False
    full: bool = True

    @property
    def only_current(self) -> bool:
        """Return whether it filters by something that a stub does not have."""
        return bool(
            self.search
            or self.country
            or self.taxonomy_term_id
            or self.taxonomy_id
            or self.organization_id
            or self.minimum_age is not None
            or self.maximum_age is not None
        )


class ServiceEntry(NamedTuple):
    identity: uuid.UUID
    modified: dt.datetime | None
    gone: str = ""  # the name of a service that is not on the list
    is_location: bool = False  # because it is published as a location of another


# Data about the last change of a service.
OF_CHANGE = ("uuid", "last_published_at", "name", "part_of")


@dataclass(frozen=True, slots=True)
class LastChanges:
    """Times of the last public changes: of listings by UUID, and of the locations of a programme by its name."""

    newest: dict[uuid.UUID, dt.datetime]
    of_locations: dict[str, dt.datetime]

    @classmethod
    def load(cls, listings: Iterable[uuid.UUID] | None) -> LastChanges:
        return cls(PublicChange.objects.newest_of_each(listings), newest_changes())

    def of_service(
        self, identity: uuid.UUID, published: dt.datetime | None, name: str, part_of: str
    ) -> dt.datetime | None:
        """Return the time of the last change of a service or of one of its locations.

        Clients that poll for changes thus get those of locations.
        """
        its_own = self.newest.get(identity, published)
        of_locations = None if part_of else self.of_locations.get(name)
        return max((time for time in (its_own, of_locations) if time is not None), default=None)


def root() -> Object:
    """Return the description of this API, with the licence and the date of the data."""
    language = get_language()
    return {
        "version": VERSION,
        "profile": PROFILE,
        "openapi_url": public_url(f"{FOLDER}{language}/openapi.json"),
        "language": language,
        **about_the_data(),
    }


def about_the_data() -> Object:
    date = PublicChange.objects.date_of_the_data()
    return {
        "license": settings.OPEN_DATA_LICENCE["url"],
        "publisher": public_url("/"),
        "data_date": date.date().isoformat() if date else None,
    }


def envelope[Entry](
    items: Sequence[Entry], wanted: ListQuery, make: Callable[[Sequence[Entry]], list[Object]]
) -> Object:
    """Return one page of a list, with what a client needs to get the others."""
    total = len(items)
    pages = max(1, -(-total // wanted.per_page))
    start = (wanted.page - 1) * wanted.per_page
    contents = make(items[start : start + wanted.per_page])
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": wanted.page,
        "size": len(contents),
        "first_page": wanted.page == 1,
        "last_page": wanted.page >= pages,
        "empty": not contents,
        **about_the_data(),
        "contents": contents,
    }


# --- Services -------------------------------------------------------------------------------------


def services(wanted: ListQuery) -> Object:
    entries = _entries(wanted)
    if wanted.minimal:
        return envelope(entries, wanted, _minimal)
    return envelope(entries, wanted, lambda some: _services_of(some, full=wanted.full))


def one_service(identity: uuid.UUID) -> Object | None:
    entry = next(iter(_entries(ListQuery(), [identity])), None)
    return _services_of([entry], full=True)[0] if entry else None


def _minimal(entries: Sequence[ServiceEntry]) -> list[Object]:
    return [
        {"id": str(entry.identity), "last_modified": entry.modified and entry.modified.isoformat()} for entry in entries
    ]


def _entries(wanted: ListQuery, only: Iterable[uuid.UUID] | None = None) -> list[ServiceEntry]:
    """Return the services that are or were on the list, sorted by UUID, or those of one country as the finder does.

    If a location matches, its programme is returned.
    """
    only = None if only is None else set(only)
    changes = LastChanges.load(only)
    locations = _published_locations()
    listed = _matching(wanted)
    if only is not None:
        listed = listed.filter(uuid__in=only)
    matching = {
        locations[identity].whole if identity in locations else identity
        for identity in listed.values_list("uuid", flat=True)
    }
    services = Programme.objects.public().filter(uuid__in=matching if only is None else matching & only)
    found = [ServiceEntry(row[0], changes.of_service(*row)) for row in services.values_list(*OF_CHANGE)]
    if not wanted.only_current:
        found += [
            ServiceEntry(identity, changes.newest.get(identity), name) for identity, name in _withdrawn(only).items()
        ]
        found += [
            ServiceEntry(identity, changes.newest.get(identity), location.name, is_location=True)
            for identity, location in locations.items()
            if only is None or identity in only
        ]
    if wanted.modified_after is not None:
        found = [entry for entry in found if (entry.modified or EPOCH) >= wanted.modified_after]
    places = finder_places(wanted.country) if wanted.country else {}
    return sorted(found, key=lambda entry: (places.get(entry.identity, 0), str(entry.identity)))


def finder_places(country: str) -> dict[uuid.UUID, int]:
    """Return the places of the services of a country, and of those from anywhere, in the order of the finder."""
    there = in_country(Programme.objects.public(), country).prefetch_related("contact_points")
    return {programme.uuid: place for place, programme in enumerate(in_order(there, timezone.localdate()))}


def in_country(programmes: ProgrammeQuerySet, country: str) -> ProgrammeQuerySet:
    return programmes.filter(countries__overlap=[country, ANYWHERE])


def _published_locations() -> dict[uuid.UUID, LocationListing]:
    return published_locations(get_language(), timezone.localdate())


def _withdrawn(only: Iterable[uuid.UUID] | None = None) -> dict[uuid.UUID, str]:
    """Return the names of the programmes that are no longer on the list, by UUID."""
    changes = PublicChange.objects.filter(kind=PublicChange.Kind.PROGRAMME)
    if only is not None:
        changes = changes.filter(listing__in=list(only))
    newest = changes.order_by("listing", "-at", "-pk").distinct("listing")
    return {change.listing: change.name for change in newest if change.action == PublicChange.Action.WITHDRAWN}


def load_published(identities: Iterable[uuid.UUID]) -> dict[uuid.UUID, PublishedService]:
    """Return public programmes by UUID, with their texts in the active language and their locations.

    Uses a fixed number of queries.
    """
    asked = set(identities)
    of_whole = defaultdict(list)
    for identity, location in _published_locations().items():
        if location.whole in asked:
            of_whole[location.whole].append(identity)
    wanted = [*asked, *(identity for some in of_whole.values() for identity in some)]
    texts = ProgrammeText.objects.in_language(get_language()).public()
    points = ContactPoint.objects.order_by("sort_order", "pk")
    rows = Programme.objects.public().filter(uuid__in=wanted)
    changes = LastChanges.load(wanted)
    today = timezone.localdate()
    laws = public_laws(today)
    found = {
        row.uuid: PublishedService(
            programme=row,
            text=next(iter(row.texts.all()), None),
            modified=changes.of_service(*(getattr(row, name) for name in OF_CHANGE)),
            withheld=hides_contact(row, today),
            today=today,
            laws=laws if row.reporting_trigger in NOT_STATED else (),
        )
        for row in rows.prefetch_related(Prefetch("contact_points", points), Prefetch("texts", texts))
    }
    return {
        identity: replace(service, locations=tuple(found[each] for each in of_whole[identity] if each in found))
        for identity, service in found.items()
        if identity in asked
    }


def public_laws(today: dt.date) -> tuple[CountryLaw, ...]:
    return tuple(law for law in CountryLaw.objects.public() if not hides_contact(law, today))


def _services_of(entries: Sequence[ServiceEntry], *, full: bool) -> list[Object]:
    found = load_published(entry.identity for entry in entries if not entry.gone)
    return [
        serialize_stub(entry.identity, entry.gone, entry.modified, is_location=entry.is_location)
        if entry.gone
        else serialize_service(found[entry.identity], full=full)
        for entry in entries
        if entry.gone or entry.identity in found
    ]


def _matching(wanted: ListQuery) -> ProgrammeQuerySet:
    listed: ProgrammeQuerySet = Programme.objects.public()
    if wanted.postcode or wanted.proximity:
        return listed.none()  # our listings have no coordinates
    if wanted.search:
        words = text_public_q("texts__") & Q(texts__summary__icontains=wanted.search)
        words |= Q(name__icontains=wanted.search) | Q(operator__icontains=wanted.search)
        there = [
            code
            for code in regions.table()
            if any(wanted.search.casefold() in name.casefold() for name in regions.called(code))
        ]
        listed = listed.filter(words | Q(region__icontains=wanted.search) | Q(regions__overlap=there)).distinct()
    if wanted.country:
        listed = in_country(listed, wanted.country)
    if wanted.taxonomy_term_id:
        listed = listed.filter(_with_term(wanted.taxonomy_term_id)).distinct()
    if wanted.taxonomy_id:
        listed = listed.filter(_with_taxonomy(wanted.taxonomy_id)).distinct()
    if wanted.organization_id:
        operators = [
            operator for operator in _operators() if str(organization_uuid(operator)) == wanted.organization_id
        ]
        listed = listed.filter(operator__in=operators)
    if wanted.minimum_age is not None:
        listed = listed.filter(Q(maximum_age=None) | Q(maximum_age__gte=wanted.minimum_age))
    if wanted.maximum_age is not None:
        listed = listed.filter(Q(minimum_age=None) | Q(minimum_age__lte=wanted.maximum_age))
    return listed


def _with_term(wanted: str) -> Q:
    known = taxonomies.term_of(_uuid(wanted))
    if known is None:
        return Q(pk__in=[])
    taxonomy, code = known
    path = taxonomy.field if taxonomy.entity == SERVICE else f"contact_points__{taxonomy.field}"
    return Q(**{f"{path}__contains": [code]}) if taxonomy.many else Q(**{path: code})


def _with_taxonomy(wanted: str) -> Q:
    identity = _uuid(wanted)
    if identity == FACT_UUID:
        return Q()  # every programme has single facts
    found = Q(pk__in=[])
    for taxonomy in VOCABULARIES:
        if taxonomy.identity == identity:
            for code in taxonomy.labels():
                found |= _with_term(str(taxonomy.term_identity(code)))
    return found


def _uuid(text: str) -> uuid.UUID:
    """Parse a UUID.

    For anything else, return an unused one.
    """
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


# --- The other lists ------------------------------------------------------------------------------


def _operators() -> list[str]:
    operators = Programme.objects.public().exclude(operator="").order_by("operator")
    return list(operators.values_list("operator", flat=True).distinct())


def organizations(wanted: ListQuery, *, only: str = "") -> list[Object]:
    """Return the organizations that match a query."""
    names: dict[str, list[str]] = defaultdict(list)
    for operator, name in _matching(wanted).exclude(operator="").values_list("operator", "name"):
        names[operator].append(name)
    found = [
        serialize_organization(operator, programmes)
        for operator, programmes in names.items()
        if not only or str(organization_uuid(operator)) == only
    ]
    return sorted(found, key=lambda item: item["id"])


def organizations_page(wanted: ListQuery) -> Object:
    return envelope(organizations(wanted), wanted, list)


def one_organization(identity: uuid.UUID) -> Object | None:
    return next(iter(organizations(ListQuery(), only=str(identity))), None)


def service_at_locations(wanted: ListQuery) -> Object:
    listed = {entry.identity for entry in _entries(wanted) if not entry.gone}
    return envelope(_ways(services=listed), wanted, _at_locations)


def one_service_at_location(identity: uuid.UUID) -> Object | None:
    return next(iter(_at_locations(_ways(only=[identity]))), None)


def _ways(
    *, services: Collection[uuid.UUID] | None = None, only: Iterable[uuid.UUID] | None = None
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return each way to reach a service as (its identifier, the service), sorted by identifier.

    The ways are contact points, and locations without any.
    """
    locations = _published_locations()
    points = ContactPoint.objects.filter(programme__in=Programme.objects.public())
    if only is not None:
        points = points.filter(uuid__in=list(only))
    found = dict(points.values_list("uuid", "programme__uuid"))
    bare = Programme.objects.filter(uuid__in=locations.keys(), contact_points=None)
    if only is not None:
        bare = bare.filter(uuid__in=list(only))
    found |= {identity: identity for identity in bare.values_list("uuid", flat=True)}
    of_service = {way: locations[owner].whole if owner in locations else owner for way, owner in found.items()}
    return sorted(
        ((way, owner) for way, owner in of_service.items() if services is None or owner in services),
        key=lambda pair: str(pair[0]),
    )


def _at_locations(pairs: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> list[Object]:
    found = load_published({service for _way, service in pairs})
    ways = {way["id"]: way for service in found.values() for way in ways_to(service)}
    return [ways[str(way)] for way, _service in pairs if str(way) in ways]


@per_batch
def in_use() -> bool:
    """Return whether any service is listed.

    Until then, the vocabularies are not published, which would be hundreds of pages without any data.
    """
    return Programme.objects.public().exists()


def _taxonomy_objects() -> list[Object]:
    return taxonomies.taxonomy_objects() if in_use() else []


def _term_objects() -> list[Object]:
    return taxonomies.term_objects() if in_use() else []


def taxonomies_page(wanted: ListQuery) -> Object:
    return envelope(_named(_taxonomy_objects(), wanted), wanted, list)


def one_taxonomy(identity: uuid.UUID) -> Object | None:
    return _one(_taxonomy_objects(), identity)


def taxonomy_terms(wanted: ListQuery) -> Object:
    found = _named(_term_objects(), wanted)
    if wanted.taxonomy_id:
        found = [term for term in found if term["taxonomy_id"] == wanted.taxonomy_id.lower()]
    if wanted.parent_id:
        found = []  # none of our terms has a parent
    return envelope(found, wanted, list)


def one_taxonomy_term(identity: uuid.UUID) -> Object | None:
    return _one(_term_objects(), identity)


def _named(found: list[Object], wanted: ListQuery) -> list[Object]:
    words = wanted.search.casefold()
    return [item for item in found if words in f"{item['name']} {item['description']}".casefold()]


def _one(found: list[Object], identity: uuid.UUID) -> Object | None:
    return next((item for item in found if item["id"] == str(identity)), None)


# --- Addresses ------------------------------------------------------------------------------------


def object_path(language: str, kind: str, identity: str) -> str:
    return f"{FOLDER}{language}/{kind}/{identity}"


def identities(kind: str, *, among: Iterable[str] | None = None) -> list[str]:
    """Return the identifiers of the objects of a kind. `among` may filter the search to those of interest."""
    only = None if among is None else [_uuid(text) for text in among]
    match kind:
        case "services":
            found: Iterable[object] = [entry.identity for entry in _entries(ListQuery(), only)]
        case "organizations":
            found = map(organization_uuid, _operators())
        case "service_at_locations":
            found = [way for way, _service in _ways(only=only)]
        case "taxonomies":
            found = [item["id"] for item in _taxonomy_objects()]
        case _:
            found = [item["id"] for item in _term_objects()]
    return sorted(map(str, found))


def vocabulary() -> Iterator[tuple[str, str]]:
    """Yield the vocabularies and their terms as pairs of kind and identifier, whether they are published or not."""
    yield from (("taxonomies", item["id"]) for item in taxonomies.taxonomy_objects())
    yield from (("taxonomy_terms", item["id"]) for item in taxonomies.term_objects())


def objects_of(programme: Programme) -> Iterator[tuple[str, str]]:
    """Yield the objects of a programme, its earlier versions and related locations, as pairs of kind and identifier."""
    yield "services", str(programme.uuid)
    points = {str(point.uuid) for point in programme.contact_points.all()}
    operators, called, part_of = {programme.operator}, {programme.name}, {programme.part_of}
    versions = Revision.objects.for_instance(programme).values_list(
        "content__operator", "content__contact_points", "content__name", "content__part_of"
    )
    for operator, listed, name, whole in versions:
        operators.add(operator or "")
        points |= {str(point["uuid"]) for point in listed or []}
        called.add(name or "")
        part_of.add(whole or "")
    yield from (("organizations", str(organization_uuid(operator))) for operator in operators if operator)
    yield from (("service_at_locations", point) for point in points)
    yield from _told_with(called - {""}, part_of - {""})
    if part_of != {""}:  # without a contact point, a location is a way to reach its programme itself
        yield "service_at_locations", str(programme.uuid)


def _told_with(called: set[str], part_of: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the services that programmes are or were locations of, and all objects of the locations of these names."""
    wholes = Programme.objects.filter(name__in=part_of, part_of="")
    yield from (("services", str(identity)) for identity in wholes.values_list("uuid", flat=True))
    for location in Programme.objects.filter(part_of__in=called).prefetch_related("contact_points"):
        yield "services", str(location.uuid)
        yield from (("service_at_locations", str(each.uuid)) for each in (location, *location.contact_points.all()))
