"""Facts of a programme without a field in HSDS: our codes as taxonomies and terms, single facts as terms with a value.

An unknown fact is left out.
`helpline.exchange.hsds.reading` imports what is exported here, so each entry names its field.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Model, TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.languages.lazy import StrOrPromise
from helpline.exchange.csv.cells import to_cell
from helpline.exchange.imports.parsed import NAMESPACE
from helpline.records import facts
from helpline.records.facts import ListingFact, Whose
from helpline.records.programmes import ContactPoint, Programme
from helpline.vocabulary import codes

# A JSON object.
type Object = dict[str, Any]

SERVICE, LOCATION = "service", "location"
MODELS: dict[str, type[Model]] = {SERVICE: Programme, LOCATION: ContactPoint}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """One of our vocabularies.

    `field` is the field of a service, or of one of its locations, that holds its codes.
    """

    key: str
    entity: str
    field: str
    terms: type[TextChoices]
    many: bool = False

    @property
    def identity(self) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, f"taxonomy:{self.key}")

    @property
    def name(self) -> str:
        return facts.by_name(MODELS[self.entity])[self.field].label

    def labels(self) -> dict[str, str]:
        """Return the terms that say something, with their names in the active language."""
        return {term.value: str(term.label) for term in self.terms if term.value not in {"", codes.YesNo.UNKNOWN}}

    def term_identity(self, code: str) -> uuid.UUID:
        return uuid.uuid5(self.identity, code)


def is_taxonomy(fact: ListingFact) -> bool:
    """Return whether a fact is written in our own codes.

    Countries and languages have standard codes.
    """
    return hasattr(fact.vocabulary, "choices")


VOCABULARIES = tuple(
    Taxonomy(key=fact.key, entity=entity, field=fact.name, terms=fact.vocabulary, many=fact.many)
    for entity, model in MODELS.items()
    for fact in facts.for_model(model)
    if fact.hsds and fact.whose is not Whose.STAFF and is_taxonomy(fact)
)
BY_KEY = {taxonomy.key: taxonomy for taxonomy in VOCABULARIES}
# Single facts: the term is the fact, the attribute holds its value.
FACT = "fact"
FACT_UUID = uuid.uuid5(NAMESPACE, f"taxonomy:{FACT}")
FACTS = {
    entity: tuple(
        fact.name
        for fact in facts.for_model(model)
        if fact.hsds and fact.whose is not Whose.STAFF and not is_taxonomy(fact)
    )
    for entity, model in MODELS.items()
}
REFERENCE = "reference"  # the id of the row that a service was imported from
LISTING = "listing"  # the listing of a location of a programme
OPERATOR = "operator"  # of a location; a service has an organization
LANGUAGES = "languages"  # of one way to reach a location; a location has those of all
NOTE = "note"  # what a public page says, not confirmed: a text in the active language, which is not imported
WITHHELD = "withheld"  # whether numbers and addresses are left out
OTHER_FACTS: Mapping[str, StrOrPromise] = {
    REFERENCE: _("id of the imported row"),
    LISTING: _("listing of the location"),
    OPERATOR: _("operator of the location"),
    LANGUAGES: _("languages in which it answers there"),
    NOTE: _("unconfirmed note"),
    WITHHELD: _("numbers and addresses are left out"),
}


@cache
def _fact_names(language: str | None) -> dict[str, str]:
    names = {name: facts.by_name(MODELS[entity])[name].label for entity, found in FACTS.items() for name in found}
    return names | {name: str(label) for name, label in OTHER_FACTS.items()}


def fact_names() -> dict[str, str]:
    """Return the single facts with their names in the active language."""
    return _fact_names(get_language())


# --- Objects --------------------------------------------------------------------------------------


def taxonomy_objects() -> list[Object]:
    found = [
        {"id": str(taxonomy.identity), "name": taxonomy.key, "description": taxonomy.name} for taxonomy in VOCABULARIES
    ]
    found.append({"id": str(FACT_UUID), "name": FACT, "description": str(_("Single facts with a value"))})
    return sorted(found, key=lambda item: item["id"])


def term_objects() -> list[Object]:
    """Return the terms of all vocabularies in the active language.

    The list is cached and shared: do not change it.
    """
    return _term_objects(get_language())


@cache
def _term_objects(language: str | None) -> list[Object]:
    found = [
        term(taxonomy.key, taxonomy.identity, code, label)
        for taxonomy in VOCABULARIES
        for code, label in taxonomy.labels().items()
    ]
    found += [term(FACT, FACT_UUID, name, label) for name, label in fact_names().items()]
    return sorted(found, key=lambda item: item["id"])


def term(taxonomy: str, of: uuid.UUID, code: str, label: str) -> Object:
    return {
        "id": str(uuid.uuid5(of, code)),
        "code": code,
        "name": label,
        "description": label,
        "taxonomy": taxonomy,
        "taxonomy_id": str(of),
        "language": get_language(),
    }


def attributes(
    parent: uuid.UUID, entity: str, record: Programme | ContactPoint, *, linked: str = ""
) -> Iterator[Object]:
    """Yield an attribute for everything that our vocabularies and facts say about a programme or a contact point.

    `linked` is the kind of object that has them, if it is not the usual one.
    """
    linked = linked or entity
    for taxonomy in VOCABULARIES:
        if taxonomy.entity != entity:
            continue
        said = getattr(record, taxonomy.field)
        labels = taxonomy.labels()
        for code in said if taxonomy.many else [said]:
            if code in labels:
                yield attribute(parent, linked, taxonomy.key, taxonomy.identity, code, labels[code], code)
    for name in FACTS[entity]:
        if value := getattr(record, name):
            yield fact(parent, linked, name, to_cell(value))


def fact(parent: uuid.UUID, entity: str, name: str, value: str) -> Object:
    return attribute(parent, entity, FACT, FACT_UUID, name, fact_names()[name], value)


def attribute(parent: uuid.UUID, entity: str, key: str, of: uuid.UUID, code: str, label: str, value: str) -> Object:
    return {
        "id": str(uuid.uuid5(parent, f"attribute:{key}:{code}")),
        "link_id": str(parent),
        "taxonomy_term_id": str(uuid.uuid5(of, code)),
        "link_type": key,
        "link_entity": entity,
        "value": value,
        "label": label,
        "taxonomy_term": term(key, of, code, label),
    }


def term_of(wanted: uuid.UUID) -> tuple[Taxonomy, str] | None:
    """Return the vocabulary and the code of a term."""
    return _terms().get(wanted)


@cache
def _terms() -> dict[uuid.UUID, tuple[Taxonomy, str]]:
    return {taxonomy.term_identity(code): (taxonomy, code) for taxonomy in VOCABULARIES for code in taxonomy.labels()}
