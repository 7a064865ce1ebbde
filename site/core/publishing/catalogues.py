"""Shared parts of descriptions for data catalogues as DCAT-AP 3.0.1.

See https://semiceu.github.io/DCAT-AP/releases/3.0.1/.

Every resource has an IRI instead of being a blank node, so a description is the same in every render.
"""

import datetime as dt
import json
from collections.abc import Callable

from django.conf import settings
from django.utils import translation
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD, Namespace

from core.http import public_url

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
PREFIXES = {"dcat": DCAT, "dct": DCTERMS, "foaf": FOAF, "vcard": VCARD, "dcatap": DCATAP, "spdx": SPDX}


def new_graph(catalogue: URIRef, *, publisher: URIRef, name: str, homepage: str) -> Graph:
    """Return a graph with a catalogue and its publisher, whose name is `name`.

    `homepage` is the path of the page that explains it.
    """
    found = Graph()
    for prefix, namespace in PREFIXES.items():
        found.bind(prefix, namespace)
    page = URIRef(public_url(homepage))
    found.add((publisher, RDF.type, FOAF.Agent))
    found.add((publisher, FOAF.name, Literal(name)))
    found.add((publisher, FOAF.homepage, URIRef(public_url("/"))))
    found.add((URIRef(public_url("/")), RDF.type, FOAF.Document))
    found.add((catalogue, RDF.type, DCAT.Catalog))
    found.add((catalogue, DCTERMS.publisher, publisher))
    found.add((catalogue, FOAF.homepage, page))
    found.add((page, RDF.type, FOAF.Document))
    return found


def add_text(found: Graph, about: URIRef, what: URIRef, words: Callable[[], str]) -> None:
    """Add a text in every language of the interface."""
    for code in settings.INTERFACE_LANGUAGES:
        with translation.override(code):
            found.add((about, what, Literal(words(), lang=code)))


def add_licence(found: Graph, about: URIRef, url: str) -> None:
    licence = URIRef(url)
    found.add((about, DCTERMS.license, licence))
    found.add((licence, RDF.type, DCTERMS.LicenseDocument))


def add_date(found: Graph, about: URIRef, what: URIRef, day: dt.date) -> None:
    found.add((about, what, Literal(day.isoformat(), datatype=XSD.date)))


def add_language(found: Graph, code: str) -> URIRef:
    """Add a language and return its IRI in the EU authority table, whose codes are those of ISO 639-3."""
    language = URIRef(f"{EU}language/{settings.LANGUAGE_TABLE[code].iso3.upper()}")
    found.add((language, RDF.type, DCTERMS.LinguisticSystem))
    return language


def add_theme(found: Graph, about: URIRef, code: str, label: str) -> None:
    """Add a theme of the EU authority table by its code, with its English label."""
    theme = URIRef(f"{EU}data-theme/{code}")
    found.add((about, DCAT.theme, theme))
    found.add((theme, RDF.type, SKOS.Concept))
    found.add((theme, SKOS.prefLabel, Literal(label, lang="en")))


def add_file(found: Graph, about: URIRef, path: str, *, media_type: str, kind: str) -> None:
    """Add a distribution: a file at `path`, of a media type and a type of the EU authority table.

    An example of the latter (`kind`) is `PDF`.
    """
    url = URIRef(public_url(path))
    media, form = URIRef(f"{IANA}{media_type}"), URIRef(f"{EU}file-type/{kind}")
    found.add((about, RDF.type, DCAT.Distribution))
    found.add((about, DCAT.accessURL, url))
    found.add((about, DCAT.downloadURL, url))
    found.add((about, DCAT.mediaType, media))
    found.add((about, DCTERMS["format"], form))
    found.add((media, RDF.type, DCTERMS.MediaType))
    found.add((form, RDF.type, DCTERMS.MediaTypeOrExtent))


def json_ld(found: Graph) -> list[dict[str, object]]:
    """Return a description as JSON-LD, sorted, because the library's order varies between processes."""
    nodes = json.loads(found.serialize(format="json-ld"))
    for node in nodes:
        for values in node.values():
            if isinstance(values, list):
                values.sort(key=lambda value: json.dumps(value, sort_keys=True))
    return sorted((dict(sorted(node.items())) for node in nodes), key=lambda node: node["@id"])
