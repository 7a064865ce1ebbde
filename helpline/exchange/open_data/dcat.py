"""The open data described for data catalogues, as DCAT-AP (`core.publishing.catalogues`)."""

from django.conf import settings
from django.utils.translation import gettext as _
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

from core.http import public_url
from core.languages import tree
from core.publishing import catalogues
from core.publishing.catalogues import EU, VCARD, add_file, add_language, add_licence, add_text, add_theme
from helpline.exchange.hsds.pages import FOLDER as HSDS
from helpline.exchange.hsds.pages import VERSION
from helpline.exchange.models import PublicChange
from helpline.exchange.open_data import exports, feed

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
            "Emergency, crisis, children, people who were harmed, reports: who answers immediately in each country."
        ),
        "laws": _(
            "Who must report what, to whom, and what becomes of professional secrecy, with the law and its "
            "articles, for each country."
        ),
    }


def graph(publisher: str, email: str) -> Graph:
    """Return the whole description. `email` is the public address for corrections; empty if there is none."""
    catalogue, agent = iri("catalogue"), iri("publisher")
    homepage = f"/{settings.LANGUAGE_CODE}{exports.FOLDER}"
    found = catalogues.new_graph(catalogue, publisher=agent, name=publisher, homepage=homepage)
    add_text(found, catalogue, DCTERMS.title, lambda: _("Open data"))
    add_text(found, catalogue, DCTERMS.description, lambda: _("Services that two people have checked."))
    add_licence_and_date(found, catalogue)
    for code in tree.public_codes():
        found.add((catalogue, DCTERMS.language, add_language(found, code)))
    for name in exports.FILES:
        found.add((catalogue, DCAT.dataset, add_dataset(found, name, agent, email)))
    add_api(found, catalogue, agent)
    return found


def iri(name: str) -> URIRef:
    return URIRef(public_url(f"{TURTLE}#{name}"))


def add_licence_and_date(found: Graph, about: URIRef) -> None:
    add_licence(found, about, settings.OPEN_DATA_LICENCE["url"])
    modified = PublicChange.objects.date_of_the_data()
    if modified is not None:
        catalogues.add_date(found, about, DCTERMS.modified, modified.date())


def add_dataset(found: Graph, name: str, agent: URIRef, email: str) -> URIRef:
    about = iri(name)
    found.add((about, RDF.type, DCAT.Dataset))
    add_text(found, about, DCTERMS.title, lambda: titles()[name])
    add_text(found, about, DCTERMS.description, lambda: descriptions()[name])
    found.add((about, DCTERMS.identifier, Literal(public_url(exports.file_path(name)))))
    found.add((about, DCTERMS.publisher, agent))
    add_licence_and_date(found, about)
    add_theme(found, about, "HEAL", "Health")
    frequency = URIRef(f"{EU}frequency/CONT")
    found.add((about, DCTERMS.accrualPeriodicity, frequency))
    found.add((frequency, RDF.type, DCTERMS.Frequency))
    if email:
        contact = iri("contact")
        found.add((about, DCAT.contactPoint, contact))
        found.add((contact, RDF.type, VCARD.Kind))
        found.add((contact, VCARD.hasEmail, URIRef(f"mailto:{email}")))
    for file in (
        (f"{name}-csv", exports.file_path(name), "text/csv", "CSV"),
        ("changes", feed.PATH, "application/feed+json", "JSON"),
    ):
        found.add((about, DCAT.distribution, add_distribution(found, *file)))
    return about


def add_distribution(found: Graph, name: str, path: str, media_type: str, kind: str) -> URIRef:
    about = iri(name)
    add_file(found, about, path, media_type=media_type, kind=kind)
    found.add((about, DCTERMS.title, Literal(name, lang="en")))
    add_licence_and_date(found, about)
    return about


def add_api(found: Graph, catalogue: URIRef, agent: URIRef) -> None:
    """Add the HSDS API, which serves the programmes."""
    root = f"{HSDS}{settings.LANGUAGE_CODE}"
    about, standard = iri("hsds"), URIRef("https://docs.openreferral.org/en/latest/hsds/")
    found.add((catalogue, DCAT.service, about))
    found.add((about, RDF.type, DCAT.DataService))
    found.add((about, DCTERMS.title, Literal(f"HSDS {VERSION}", lang="en")))
    found.add((about, DCTERMS.publisher, agent))
    found.add((about, DCAT.endpointURL, URIRef(public_url(root))))
    found.add((about, DCAT.endpointDescription, URIRef(public_url(f"{root}/openapi.json"))))
    found.add((about, DCTERMS.conformsTo, standard))
    found.add((standard, RDF.type, DCTERMS.Standard))
    found.add((about, DCAT.servesDataset, iri("programmes")))
    found.add((about, DCTERMS.license, URIRef(settings.OPEN_DATA_LICENCE["url"])))


def turtle(publisher: str, email: str) -> str:
    return graph(publisher, email).serialize(format="turtle")


def json_ld(publisher: str, email: str) -> list[dict[str, object]]:
    return catalogues.json_ld(graph(publisher, email))
