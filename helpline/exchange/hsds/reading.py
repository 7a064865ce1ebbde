"""Import of HSDS services as drafts of programmes.

Our own export is imported completely, other publishers' as far as the standard goes.

A service is ours if one of its attributes names a term of ours.
A fact that such a service leaves out does not hold.
For other services, facts without a field in the standard are left unchanged.
Texts are not imported: they are written and approved here.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db.models import DateField, PositiveSmallIntegerField
from django.utils.translation import gettext as _

from core.models.codes import CodesField
from helpline.approval.rule import User
from helpline.exchange.csv import cells
from helpline.exchange.csv.tables import FileProblem, TableError
from helpline.exchange.hsds.documents import Node, documents, nodes
from helpline.exchange.hsds.taxonomies import (
    BY_KEY,
    FACT,
    FACT_UUID,
    FACTS,
    LANGUAGES,
    LISTING,
    LOCATION,
    MODELS,
    OPERATOR,
    REFERENCE,
    SERVICE,
    VOCABULARIES,
    WITHHELD,
    Object,
)
from helpline.exchange.imports.drafts import ImportProgress, PlannedImport, import_listings, watched
from helpline.exchange.imports.parsed import ParsedListing, blank_point, identifier
from helpline.records.programmes import Programme
from helpline.vocabulary import codes, phones
from helpline.vocabulary.codes import Channel, Cost, Status

STATUS = {
    "active": Status.VERIFIED,
    "inactive": None,
    "defunct": Status.CLOSED,
    "temporarily closed": Status.CLOSED_UNTIL,
}
OBJECTS_OF_A_SERVICE = 500
STUB = {"id", "name", "status", "last_modified"}
COUNTRY = re.compile(r"(?:^|[:/])([A-Za-z]{2})$")
CHANNEL_OF = {
    "voice": Channel.PHONE,
    "cell": Channel.PHONE,
    "text": Channel.SMS,
    "sms": Channel.SMS,
    "": Channel.PHONE,
}

# Parsers of facts that are not text, by their kind of field.
PARSED = ((DateField, cells.day), (PositiveSmallIntegerField, cells.count))


def import_path(path: Path, *, dry_run: bool = False) -> list[PlannedImport]:
    """Import a file, or a folder of files.

    Raises TableError, and then nothing is written.
    """
    return import_documents(documents(path), dry_run=dry_run)


def import_documents(
    files: Iterable[tuple[str, bytes]],
    *,
    dry_run: bool = False,
    most: int | None = None,
    progress: ImportProgress | None = None,
    by: User | None = None,
) -> list[PlannedImport]:
    """Import files, given as pairs of name and content, as `import_path` does.

    With `most`, more services are refused.
    """
    problems: list[FileProblem] = []
    found = []
    for name, data in files:
        # Counted before parsing, which takes a hundred times as long.
        # Even a service with all fields has fewer objects.
        if most is not None and data.count(b"{") > most * OBJECTS_OF_A_SERVICE:
            raise too_many_services(most)
        found += nodes(data, name=name, problems=problems)
    # A folder also holds organizations, taxonomies and so on: only a service has a status and is not part of a service.
    services = {node.text("id"): node for node in found if "status" in node.value and "service_id" not in node.value}
    if not services and not problems:
        raise TableError.because(_("No service was found."))
    if most is not None and len(services) > most:
        raise too_many_services(most)
    operators = {node.text("id"): node.text("name") for node in found if "status" not in node.value}
    parsed: dict[uuid.UUID, ParsedListing] = {}
    for node in watched(list(services.values()), progress):
        service = parse_service(node, operators)
        for listing in (service, *parse_locations(node, service)):
            # A location has a stub, too, as it has no separate service.
            # Its location has more facts.
            if not listing.gone or identifier(listing.reference) not in parsed:
                parsed[identifier(listing.reference)] = listing
    if problems:
        raise TableError(problems)
    return import_listings(Programme, list(parsed.values()), dry_run=dry_run, progress=progress, by=by)


def too_many_services(most: int) -> TableError:
    message = _(
        "The file has more than %(most)s services. Split it into several files, or have it imported by a command on "
        "the server."
    )
    return TableError.because(message % {"most": f"{most:,}"})


def parse_service(node: Node, operators: dict[str, str]) -> ParsedListing:
    identity = node.identity() or uuid.UUID(int=0)
    status = node.text("status").lower()
    if status not in STATUS:
        node.add_problem("status", _("“%(code)s” is not a known code.") % {"code": status})
    state = {"status": STATUS[status]} if STATUS.get(status) else {}
    if not node.text("name"):
        node.add_problem("name", _("This is empty."))
    if node.value.keys() <= STUB:
        return ParsedListing(str(identity), node.place, {}, None, state, gone=True)
    said = ParsedAttributes(node, SERVICE)
    organization = node.child("organization")
    fields: Object = {
        "name": node.text("name"),
        "operator": organization.text("name") or operators.get(node.text("organization_id"), ""),
        "minimum_age": node.number("minimum_age"),
        "maximum_age": node.number("maximum_age"),
    }
    if said.ours:
        fields |= said.vocabularies() | said.facts()
        state |= {name: fields.pop(name) for name in ("alert", "alert_note", "closed_until")}
        fields["countries"] = list(service_countries(node))
        contacts = None if WITHHELD in said.single else list(own_points(node))
    else:
        fields["website"] = node.read("url", cells.web_address, "")
        if found := list(service_countries(node)):
            fields["countries"] = found
        if any(option.number("amount") == 0 for option in node.children("cost_options")):
            fields["cost"] = Cost.FREE
        contacts = list(foreign_points(node, identity, fields.get("countries", [])))
    return ParsedListing(said.reference(identity), node.place, fields, contacts, state)


def parse_locations(node: Node, whole: ParsedListing) -> Iterator[ParsedListing]:
    """Yield the locations of a service of ours, each with the ways to reach it.

    Facts that all have in common are on the service.
    """
    ways: dict[str, list[tuple[Node, ParsedAttributes]]] = {}
    for at in node.children("service_at_locations"):
        said = ParsedAttributes(at, LOCATION)
        if listing := said.single.get(LISTING):
            ways.setdefault(listing, []).append((at, said))
    for listing, some in ways.items():
        location = some[0][0].child("location")
        about = ParsedAttributes(location, SERVICE)
        identity = _identity(listing)
        if identity is None:
            location.add_problem("attributes", _("This is not an identifier."))
            continue
        fields = {name: whole.fields[name] for name in ("minimum_age", "maximum_age", "countries")}
        fields |= {"name": location.text("name"), "operator": about.single.get(OPERATOR, "")}
        fields |= about.vocabularies() | about.facts()
        state = {"status": Status.VERIFIED}
        state |= {name: fields.pop(name) for name in ("alert", "alert_note", "closed_until")}
        contacts = [
            way_to_reach(at, said, list(filter(None, said.single.get(LANGUAGES, "").split(";"))))
            for at, said in some
            if at.text("id") != listing
        ]
        yield ParsedListing(about.reference(identity), location.place, fields, contacts, state)


def _identity(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class ParsedAttributes:
    """Attributes of a service or a location, in our own codes and facts."""

    def __init__(self, node: Node, entity: str) -> None:
        self.node = node
        self.entity = entity
        self.codes: dict[str, list[str]] = {}
        self.single: dict[str, str] = {}
        self.ours = False
        for attribute in node.children("attributes"):
            self._note(attribute)

    def _note(self, attribute: Node) -> None:
        term = attribute.text("taxonomy_term_id")
        key, value = attribute.text("link_type"), attribute.text("value")
        code = attribute.child("taxonomy_term").text("code") or value
        vocabulary = BY_KEY.get(key)
        if key == FACT and term == str(uuid.uuid5(FACT_UUID, code)):
            self.ours = True
            self.single[code] = value
        elif vocabulary is not None and term == str(vocabulary.term_identity(value)):
            self.ours = True
            if vocabulary.entity != self.entity or value not in vocabulary.labels():
                attribute.add_problem("value", _("“%(code)s” is not a known code.") % {"code": value})
            else:
                self.codes.setdefault(key, []).append(value)

    def reference(self, identity: uuid.UUID) -> str:
        """Return the id of the row that a listing was imported from, or its UUID."""
        said = self.single.get(REFERENCE, "")
        return said if cells.REFERENCE.fullmatch(said) and identifier(said) == identity else str(identity)

    def vocabularies(self) -> Object:
        """Return our codes by field; a field without a code gets its default."""
        found: Object = {}
        for vocabulary in VOCABULARIES:
            if vocabulary.entity == self.entity:
                said = self.codes.get(vocabulary.key, [])
                blank = MODELS[self.entity]._meta.get_field(vocabulary.field).get_default()  # type: ignore[union-attr]
                found[vocabulary.field] = said if vocabulary.many else (said[-1] if said else blank)
        return found

    def facts(self) -> Object:
        found: Object = {}
        for name in FACTS[self.entity]:
            field: Any = MODELS[self.entity]._meta.get_field(name)
            text = self.single.get(name, "")
            if isinstance(field, CodesField):
                found[name] = [code for code in text.split(";") if code]
                continue
            how = next((how for kind, how in PARSED if isinstance(field, kind)), None)
            found[name] = text if how is None else None
            if how is not None and text:
                try:
                    found[name] = how(text)
                except ValueError as error:
                    self.node.add_problem(name, str(error))
        return found


def service_countries(node: Node) -> Iterator[str]:
    """Yield the countries of a service: from our own code, its extent, or an ISO 3166 URI."""
    known = codes.country_codes()
    for area in node.children("service_areas"):
        said = [item.text("value") for item in area.children("attributes") if item.text("link_type") == "country"]
        if area.text("extent_type").lower() == "country":
            said.append(area.text("extent"))
        if match := COUNTRY.search(area.text("uri")):
            said.append(match[1])
        found = next((code.lower() for code in said if code), "")
        if found in known:
            yield found
        elif found:
            area.add_problem("attributes", _("“%(code)s” is not a known code.") % {"code": found})


# --- Contact points -------------------------------------------------------------------------------


def own_points(node: Node) -> Iterator[Object]:
    """Yield the contact points of a service of ours, without those of its locations."""
    for at in node.children("service_at_locations"):
        location = at.child("location")
        if LISTING not in ParsedAttributes(at, LOCATION).single:
            spoken = [item.text("code").lower() for item in location.children("languages")]
            yield way_to_reach(at, ParsedAttributes(location, LOCATION), spoken)


def way_to_reach(at: Node, said: ParsedAttributes, spoken: list[str]) -> Object:
    return {
        **blank_point(),
        "uuid": at.identity() or uuid.UUID(int=0),
        **said.vocabularies(),
        **said.facts(),
        "languages": spoken,
    }


def foreign_points(node: Node, identity: uuid.UUID, countries: list[str]) -> Iterator[Object]:
    """Yield a contact point for each phone number, wherever it is in the service, and for its email address."""
    shared = languages_of(node)
    seen = set()
    holders = [node]
    for at in node.children("service_at_locations"):
        holders += [at, at.child("location")]
    for holder in holders:
        for phone in holder.children("phones"):
            channel = CHANNEL_OF.get(phone.text("type").lower())
            digits = phone.read("number", lambda text: _dialled(text, countries), "") if channel else ""
            if digits and digits not in seen:
                seen.add(digits)
                yield {
                    **blank_point(),
                    "uuid": uuid.uuid5(identity, f"{channel}:{digits}"),
                    "channel": channel,
                    "number": digits,
                    "number_country": "" if digits.startswith("+") else countries[0],
                    "languages": languages_of(phone) or shared,
                }
    email = node.read("email", cells.email_address, "")
    if email:
        yield {
            **blank_point(),
            "uuid": uuid.uuid5(identity, f"{Channel.EMAIL}:{email}"),
            "channel": Channel.EMAIL,
            "email": email,
            "languages": shared,
        }


def _dialled(text: str, countries: list[str]) -> str:
    """Return the digits of a number; a national one belongs to the country of the service."""
    country = countries[0] if len(countries) == 1 else ""
    return phones.parse(text, country).digits


def languages_of(node: Node) -> list[str]:
    """Return its languages, as far as we know them."""
    said = (item.text("code").lower() for item in node.children("languages"))
    return [code for code in dict.fromkeys(said) if code in codes.LANGUAGES]
