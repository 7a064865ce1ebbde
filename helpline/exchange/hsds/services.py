"""A programme as an HSDS service, with its operator as the organization and its contact points as locations.

Texts are in the active language.
A listing that is published with its programme (`hsds.locations`) is a location of it, shared by its contact points.
Keys are in the order of the specification.
Unknown facts are left out.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.utils.encoding import iri_to_uri
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.languages import names
from helpline.exchange.hsds import taxonomies
from helpline.exchange.hsds.schedules import schedules
from helpline.exchange.hsds.taxonomies import LOCATION, SERVICE, Object
from helpline.exchange.imports.parsed import CONTACT_DETAILS, NAMESPACE, identifier
from helpline.records.laws import CountryLaw
from helpline.records.programmes import ContactPoint, Programme, region_name
from helpline.records.texts import ProgrammeText
from helpline.vocabulary import codes, regions
from helpline.vocabulary.codes import Channel, Cost, Status, YesNo
from helpline.vocabulary.wording import interpreting

STATUS = {
    Status.VERIFIED: "active",
    Status.CLOSED_UNTIL: "temporarily closed",
    Status.CLOSED: "defunct",
    Status.DELISTED: "defunct",
}
LOCATION_TYPE_OF = {Channel.FACE_TO_FACE: "physical", Channel.POST: "postal"}
AT_LOCATION = "service_at_location"
ISO = "https://www.iso.org/obp/ui/#iso:code:3166:"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedService:
    """Programme with the data for its publication.

    These are its text in one language, the time of its last change, and whether its numbers are left out.
    """

    programme: Programme
    text: ProgrammeText | None
    modified: dt.datetime | None
    withheld: bool
    today: dt.date
    laws: tuple[CountryLaw, ...] = ()  # of its countries, if it does not state when it passes things on
    locations: tuple[PublishedService, ...] = ()  # published as its locations

    @property
    def points(self) -> list[ContactPoint]:
        return list(self.programme.contact_points.all())


def organization_uuid(operator: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"organization:{operator}")


def serialize_service(published: PublishedService, *, full: bool = True) -> Object:
    """Return the service. `full=False` leaves out the locations, which repeat its phones and hours one by one."""
    programme, text = published.programme, published.text
    identity = programme.uuid
    operator = serialize_organization(programme.operator, [programme.name]) if programme.operator else None
    free = programme.cost == Cost.FREE
    whole = {
        "id": str(identity),
        "organization_id": operator and operator["id"],
        "name": programme.name,
        "description": text and text.summary,
        "url": uri(programme.website),
        "email": _first(point.email for point in published.points if not published.withheld),
        "status": STATUS[Status(programme.status)],
        "interpretation_services": _interpreter(published.points),
        "application_process": text and text.contact,
        "fees_description": str(Cost(programme.cost).label) if programme.cost != Cost.UNKNOWN else "",
        "eligibility_description": _not_for(programme, text),
        "minimum_age": programme.minimum_age,
        "maximum_age": programme.maximum_age,
        "assured_date": programme.checked_on and programme.checked_on.isoformat(),
        "alert": _alert(programme),
        "last_modified": published.modified and published.modified.isoformat(),
        "phones": []
        if published.withheld
        else [item for point in published.points for item in serialize_phones(point)],
        "schedules": list(_hours_of_all(published)),
        "service_areas": list(service_areas(programme, published.laws)),
        "service_at_locations": list(service_at_locations(published)) if full else [],
        "languages": serialize_languages(identity, published.points),
        "organization": operator,
        "cost_options": []
        if programme.cost == Cost.UNKNOWN
        else [
            _without_empty(
                {
                    "id": str(uuid.uuid5(identity, f"cost:{programme.cost}")),
                    "service_id": str(identity),
                    "option": str(Cost(programme.cost).label),
                    "amount": 0 if free else None,
                }
            )
        ],
        "attributes": list(service_attributes(published)),
    }
    return _without_empty(whole)


def serialize_stub(
    identity: uuid.UUID, name: str, modified: dt.datetime | None, *, is_location: bool = False
) -> Object:
    """Return a stub for a service that is not on the list, so that copies can be removed.

    It does not give the reason.
    A listing that is published as a location of its programme is not defunct: only its separate service does not exist.
    """
    found = {
        "id": str(identity),
        "name": name,
        "status": "inactive" if is_location else "defunct",
        "last_modified": modified and modified.isoformat(),
    }
    return _without_empty(found)


def serialize_organization(operator: str, programmes: Iterable[str]) -> Object:
    # The schema requires a description, and only the programmes are known.
    names_of = names.joined(sorted(set(programmes)))
    return {
        "id": str(organization_uuid(operator)),
        "name": operator,
        "description": _("Operator of: %(programmes)s") % {"programmes": names_of},
    }


# --- Locations ------------------------------------------------------------------------------------


def service_at_locations(published: PublishedService) -> Iterator[Object]:
    """Yield the ways to reach a service: its own, and those of its locations."""
    for point in published.points:
        yield serialize_service_at_location(published, point)
    for part in published.locations:
        yield from ways_to_location(published, part)


def serialize_service_at_location(published: PublishedService, point: ContactPoint) -> Object:
    """Return one way to reach the service.

    Its id is the UUID of the contact point.
    """
    return {
        "id": str(point.uuid),
        "service_id": str(published.programme.uuid),
        "location_id": str(_location_uuid(point)),
        "location": serialize_location(published, point),
    }


def serialize_location(published: PublishedService, point: ContactPoint) -> Object:
    identity = _location_uuid(point)
    channel = Channel(point.channel) if point.channel else None
    mail = [] if published.withheld else list(_mail(point))
    attributes = taxonomies.attributes(identity, LOCATION, point)
    whole = {
        "id": str(identity),
        "location_type": LOCATION_TYPE_OF.get(channel, "virtual") if channel else "virtual",
        "url": uri(point.url),
        "name": str(channel.label) if channel else "",
        "description": point.address,
        "languages": serialize_languages(identity, [point]),
        "contacts": mail,
        "phones": [] if published.withheld else list(serialize_phones(point)),
        "schedules": schedules(identity, point.opening_hours, point.timezone, today=published.today),
        "attributes": [
            item for item in attributes if not (published.withheld and item["taxonomy_term"]["code"] in CONTACT_DETAILS)
        ],
    }
    return _without_empty(whole)


def ways_to_location(whole: PublishedService, part: PublishedService) -> Iterator[Object]:
    """Yield a service_at_location for each contact point of a location, or one for a location without any.

    All share the location.
    """
    programme, location = part.programme, serialize_programme_location(part)
    for way in [_way(point, part) for point in part.points] or [{"id": str(programme.uuid)}]:
        identity = uuid.UUID(way["id"])
        yield _without_empty(
            {
                "id": way["id"],
                "service_id": str(whole.programme.uuid),
                "location_id": location["id"],
                "service_areas": list(region_areas(identity, programme)),
                **way,
                "location": location,
                "attributes": [
                    taxonomies.fact(identity, AT_LOCATION, taxonomies.LISTING, str(programme.uuid)),
                    *way.get("attributes", ()),
                ],
            }
        )


def _way(point: ContactPoint, part: PublishedService) -> Object:
    """Return the data that a contact point adds to its location."""
    attributes = list(taxonomies.attributes(point.uuid, LOCATION, point, linked=AT_LOCATION))
    if point.languages:
        spoken = ";".join(point.languages)
        attributes.append(taxonomies.fact(point.uuid, AT_LOCATION, taxonomies.LANGUAGES, spoken))
    return {
        "id": str(point.uuid),
        "description": str(Channel(point.channel).label) if point.channel else "",
        "contacts": list(_mail(point)),
        "phones": list(serialize_phones(point)),
        "schedules": schedules(_location_uuid(point), point.opening_hours, point.timezone, today=part.today),
        "attributes": attributes,
    }


def serialize_programme_location(part: PublishedService) -> Object:
    """Return the location of a programme, with all that its listing says."""
    programme = part.programme
    identity = uuid.uuid5(programme.uuid, "location")
    meets = any(point.channel == Channel.FACE_TO_FACE or point.address for point in part.points)
    attributes = list(service_attributes(part, identity=identity, linked=LOCATION))
    if programme.operator:
        attributes.append(taxonomies.fact(identity, LOCATION, taxonomies.OPERATOR, programme.operator))
    return _without_empty(
        {
            "id": str(identity),
            "location_type": "physical" if meets else "virtual",
            "url": uri(programme.website),
            "name": programme.name,
            "alternate_name": region_name(programme),
            "description": _first(point.address for point in part.points),
            "languages": serialize_languages(identity, part.points),
            "contacts": [item for point in part.points for item in _mail(point)],
            "phones": [item for point in part.points for item in serialize_phones(point)],
            "schedules": list(_hours_of_all(part)),
            "attributes": attributes,
        }
    )


def _mail(point: ContactPoint) -> Iterator[Object]:
    if point.email:
        identity = uuid.uuid5(_location_uuid(point), "contact")
        yield {"id": str(identity), "title": str(Channel.EMAIL.label), "email": point.email}


def _location_uuid(point: ContactPoint) -> uuid.UUID:
    return uuid.uuid5(point.uuid, "location")


def serialize_phones(point: ContactPoint) -> Iterator[Object]:
    """Yield the number as people write it, and the number from abroad if there is one."""
    phone = point.phone
    kind = "text" if point.channel == Channel.SMS else "voice"
    spoken = serialize_languages(uuid.uuid5(point.uuid, "phone"), [point])
    if phone is not None:
        written = point.number_written or phone.international() or phone.national()
        yield _without_empty(
            {
                "id": str(uuid.uuid5(point.uuid, "phone")),
                "number": written,
                "type": kind,
                "description": str(Cost(point.cost).label) if point.cost != Cost.UNKNOWN else "",
                "languages": spoken,
            }
        )
    if point.number_from_abroad:
        yield _without_empty(
            {
                "id": str(uuid.uuid5(point.uuid, "phone from abroad")),
                "number": point.number_from_abroad,
                "type": kind,
                "description": _("From abroad"),
                "languages": serialize_languages(uuid.uuid5(point.uuid, "phone from abroad"), [point]),
            }
        )


# --- Parts ----------------------------------------------------------------------------------------


def serialize_languages(parent: uuid.UUID, points: Iterable[ContactPoint]) -> list[Object]:
    spoken = dict.fromkeys(code for point in points for code in point.languages)
    return [
        {"id": str(uuid.uuid5(parent, f"language:{code}")), "name": names.language_name(code), "code": code}
        for code in spoken
    ]


def _hours_of_all(published: PublishedService) -> Iterator[Object]:
    """Yield the schedules of all contact points, each set of hours once."""
    seen = dict.fromkeys((point.opening_hours, point.timezone) for point in published.points if point.opening_hours)
    for text, timezone in seen:
        yield from schedules(
            uuid.uuid5(published.programme.uuid, f"hours:{text}:{timezone}"),
            text,
            timezone,
            today=published.today,
        )


def service_areas(programme: Programme, laws: Iterable[CountryLaw] = ()) -> Iterator[Object]:
    """Yield its countries.

    If the programme does not state a fact, the law of the country is added as an attribute of the country and not of
    the service.
    """
    laws = list(laws)
    for code in programme.countries:
        identity = uuid.uuid5(programme.uuid, f"area:{code}")
        anywhere = code == codes.ANYWHERE
        area = {
            "id": str(identity),
            "service_id": str(programme.uuid),
            "name": codes.country_name(code),
            "uri": "" if anywhere else f"{ISO}{code.upper()}",
            "attributes": [
                {
                    "id": str(uuid.uuid5(identity, "attribute:country")),
                    "link_id": str(identity),
                    "link_type": "country",
                    "link_entity": "service_area",
                    "value": code.upper(),
                    "label": "ISO 3166-1",
                },
                *(law_attribute(identity, law) for law in laws if law.country == code),
            ],
        }
        yield _without_empty(area)
    for area in region_areas(programme.uuid, programme):
        yield {**area, "service_id": str(programme.uuid)}


def region_areas(parent: uuid.UUID, programme: Programme) -> Iterator[Object]:
    """Yield its regions; their codes are an attribute of the service."""
    for code in programme.regions:
        yield {"id": str(uuid.uuid5(parent, f"area:{code}")), "name": regions.name(code)}
    if programme.region:
        yield {"id": str(uuid.uuid5(parent, "area:region")), "name": programme.region}


def law_attribute(area: uuid.UUID, law: CountryLaw) -> Object:
    return {
        "id": str(uuid.uuid5(area, f"attribute:law:{law.uuid}")),
        "link_id": str(area),
        "link_type": "law",
        "link_entity": "service_area",
        "value": law.rule_of_place,
        "label": law.cited,
    }


def service_attributes(
    published: PublishedService, *, identity: uuid.UUID | None = None, linked: str = SERVICE
) -> Iterator[Object]:
    """Yield the attributes of a programme in our vocabularies and facts.

    They are for its service, or for the object of this identity and kind.
    """
    programme = published.programme
    identity = identity or programme.uuid
    yield from taxonomies.attributes(identity, SERVICE, programme, linked=linked)
    if programme.reference and identifier(programme.reference) == programme.uuid:
        yield taxonomies.fact(identity, linked, taxonomies.REFERENCE, programme.reference)
    if published.text is not None and published.text.note:
        yield taxonomies.fact(identity, linked, taxonomies.NOTE, published.text.note)
    if published.withheld:
        yield taxonomies.fact(identity, linked, taxonomies.WITHHELD, YesNo.YES)


def _interpreter(points: Iterable[ContactPoint]) -> str:
    asked = (point for point in points if point.interpreter == YesNo.YES)
    said = (interpreting(point.interpreter_languages, point.interpreter_count) for point in asked)
    return " ".join(dict.fromkeys(said))


def _not_for(programme: Programme, text: ProgrammeText | None) -> str:
    excluded = [str(codes.NotFor(code).label) for code in programme.not_for]
    said = [_("Not for: %(audience)s.") % {"audience": names.joined(excluded)}] if excluded else []
    if text is not None and text.not_for:
        said.append(text.not_for)
    return " ".join(said)


def _alert(programme: Programme) -> str:
    said = [str(codes.Alert(programme.alert).label)] if programme.alert else []
    if programme.alert_note:
        said.append(programme.alert_note)
    if programme.closed_until:
        said.append(_("Closed until %(day)s.") % {"day": date_format(programme.closed_until, "DATE_FORMAT")})
    return " ".join(said)


def uri(address: str) -> str:
    """Return a URL in plain ASCII, as the schemas require, or an empty string for an invalid host."""
    parts = urlsplit(address)
    try:
        host = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    except UnicodeError:
        return ""
    return iri_to_uri(urlunsplit(parts._replace(netloc=host)))


def _first(found: Iterable[str]) -> str:
    return next(filter(None, found), "")


def _without_empty(whole: Object) -> Object:
    return {name: value for name, value in whole.items() if value not in (None, "", [])}
