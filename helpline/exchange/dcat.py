"""The open data described for data catalogues, as DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/).

Every resource has an IRI instead of being a blank node, so the description is the same from print to print.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD, Namespace

from core.doors import public_url
from core.languages import tree
from helpline.exchange import exports, feed
from helpline.exchange.hsds.pages import FOLDER as HSDS
from helpline.exchange.models import PublicChange

if TYPE_CHECKING:
    from collections.abc import Callable

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
TURTLE, JSON_LD = f"{exports.FOLDER}catalogue.ttl", f"{exports.FOLDER}catalogue.jsonld"


def titles() -> dict[str, str]:
    """Return the title of each table in the active language."""
    return {
        "programmes": _("Verified programmes for people who fear that they might harm a child"),
        "support-lines": _("Verified support lines"),
        "laws": _("What the law of countries says about reporting"),
    }


def descriptions() -> dict[str, str]:
    return {
        "programmes": _(
            "Who answers, for whom, in which languages, how to make contact, and what happens to what people say."
        ),
        "support-lines": _(
            "Emergency, crisis, children, people who were harmed, reports: who answers at once in each country."
        ),
        "laws": _(
            "Who must report what, to whom, and what becomes of professional secrecy, with the law and its articles, for each country."
        ),
    }


def graph(publisher: str, email: str) -> Graph:
    """Return the whole description. `email` is the public address for corrections; empty if there is none."""
    found = Graph()
    for prefix, namespace in (
        ("dcat", DCAT),
        ("dct", DCTERMS),
        ("foaf", FOAF),
        ("vcard", VCARD),
        ("dcatap", DCATAP),
    ):
        found.bind(prefix, namespace)
    catalogue, agent = iri("catalogue"), iri("publisher")
    found.add((agent, RDF.type, FOAF.Agent))
    found.add((agent, FOAF.name, Literal(publisher)))
    found.add((agent, FOAF.homepage, URIRef(public_url("/"))))
    found.add((URIRef(public_url("/")), RDF.type, FOAF.Document))
    found.add((catalogue, RDF.type, DCAT.Catalog))
    add_text(found, catalogue, DCTERMS.title, lambda: _("Open data"))
    add_text(found, catalogue, DCTERMS.description, lambda: _("Services that two people have checked."))
    found.add((catalogue, DCTERMS.publisher, agent))
    homepage = URIRef(public_url(f"/{settings.LANGUAGE_CODE}{exports.FOLDER}"))
    found.add((catalogue, FOAF.homepage, homepage))
    found.add((homepage, RDF.type, FOAF.Document))
    add_licence_and_date(found, catalogue)
    for code in tree.public_codes():
        found.add((catalogue, DCTERMS.language, add_language(found, code)))
    for name in exports.FILES:
        found.add((catalogue, DCAT.dataset, add_dataset(found, name, agent, email)))
    add_api(found, catalogue, agent)
    return found


def iri(name: str) -> URIRef:
    return URIRef(public_url(f"{TURTLE}#{name}"))


def add_text(found: Graph, about: URIRef, what: URIRef, words: Callable[[], str]) -> None:
    """Add a text in every language of the interface."""
    for code in settings.INTERFACE_LANGUAGES:
        with translation.override(code):
            found.add((about, what, Literal(words(), lang=code)))


def add_licence_and_date(found: Graph, about: URIRef) -> None:
    licence = URIRef(settings.OPEN_DATA_LICENCE_URL)
    found.add((about, DCTERMS.license, licence))
    found.add((licence, RDF.type, DCTERMS.LicenseDocument))
    modified = PublicChange.objects.date_of_the_data()
    if modified is not None:
        found.add((about, DCTERMS.modified, Literal(modified.date().isoformat(), datatype=XSD.date)))


def add_language(found: Graph, code: str) -> URIRef:
    """Add a language and return its IRI in the EU authority table, whose codes are those of ISO 639-3."""
    language = URIRef(f"{EU}language/{settings.LANGUAGE_TABLE[code].iso3.upper()}")
    found.add((language, RDF.type, DCTERMS.LinguisticSystem))
    return language


def add_dataset(found: Graph, name: str, agent: URIRef, email: str) -> URIRef:
    about = iri(name)
    found.add((about, RDF.type, DCAT.Dataset))
    add_text(found, about, DCTERMS.title, lambda: titles()[name])
    add_text(found, about, DCTERMS.description, lambda: descriptions()[name])
    found.add((about, DCTERMS.identifier, Literal(public_url(exports.file_path(name)))))
    found.add((about, DCTERMS.publisher, agent))
    add_licence_and_date(found, about)
    theme = URIRef(f"{EU}data-theme/HEAL")
    found.add((about, DCAT.theme, theme))
    found.add((theme, RDF.type, SKOS.Concept))
    found.add((theme, SKOS.prefLabel, Literal("Health", lang="en")))
    frequency = URIRef(f"{EU}frequency/CONT")
    found.add((about, DCTERMS.accrualPeriodicity, frequency))
    found.add((frequency, RDF.type, DCTERMS.Frequency))
    if email:
        contact = iri("contact")
        found.add((about, DCAT.contactPoint, contact))
        found.add((contact, RDF.type, VCARD.Kind))
        found.add((contact, VCARD.hasEmail, URIRef(f"mailto:{email}")))
    found.add(
        (
            about,
            DCAT.distribution,
            add_distribution(found, f"{name}-csv", exports.file_path(name), "text/csv", "CSV"),
        )
    )
    found.add(
        (
            about,
            DCAT.distribution,
            add_distribution(found, "changes", feed.PATH, "application/feed+json", "JSON"),
        )
    )
    return about


def add_distribution(found: Graph, name: str, path: str, media_type: str, kind: str) -> URIRef:
    about, url = iri(name), URIRef(public_url(path))
    media, form = URIRef(f"{IANA}{media_type}"), URIRef(f"{EU}file-type/{kind}")
    found.add((about, RDF.type, DCAT.Distribution))
    found.add((about, DCTERMS.title, Literal(name, lang="en")))
    found.add((about, DCAT.accessURL, url))
    found.add((about, DCAT.downloadURL, url))
    found.add((about, DCAT.mediaType, media))
    found.add((about, DCTERMS["format"], form))
    found.add((media, RDF.type, DCTERMS.MediaType))
    found.add((form, RDF.type, DCTERMS.MediaTypeOrExtent))
    add_licence_and_date(found, about)
    return about


def add_api(found: Graph, catalogue: URIRef, agent: URIRef) -> None:
    """Add the HSDS API, which serves the programmes."""
    root = f"{HSDS}{settings.LANGUAGE_CODE}"
    about, standard = iri("hsds"), URIRef("https://docs.openreferral.org/en/latest/hsds/")
    found.add((catalogue, DCAT.service, about))
    found.add((about, RDF.type, DCAT.DataService))
    found.add((about, DCTERMS.title, Literal(f"HSDS {settings.HSDS_VERSION}", lang="en")))
    found.add((about, DCTERMS.publisher, agent))
    found.add((about, DCAT.endpointURL, URIRef(public_url(root))))
    found.add((about, DCAT.endpointDescription, URIRef(public_url(f"{root}/openapi.json"))))
    found.add((about, DCTERMS.conformsTo, standard))
    found.add((standard, RDF.type, DCTERMS.Standard))
    found.add((about, DCAT.servesDataset, iri("programmes")))
    licence = URIRef(settings.OPEN_DATA_LICENCE_URL)
    found.add((about, DCTERMS.license, licence))


def turtle(publisher: str, email: str) -> str:
    return graph(publisher, email).serialize(format="turtle")


def json_ld(publisher: str, email: str) -> list[dict[str, Any]]:
    """Return the description as JSON-LD, sorted, because the library's order varies between processes."""
    found = json.loads(graph(publisher, email).serialize(format="json-ld"))
    for node in found:
        for values in node.values():
            if isinstance(values, list):
                values.sort(key=lambda value: json.dumps(value, sort_keys=True))
    return sorted((dict(sorted(node.items())) for node in found), key=lambda node: node["@id"])
