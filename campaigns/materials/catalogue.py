"""Materials under an open licence, described for data catalogues as DCAT-AP (`core.publishing.catalogues`)."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD

from campaigns.materials.models import DownloadItem, download_list
from campaigns.models import MaterialFile, Theme
from campaigns.sharing import shared
from core.http import public_url
from core.languages import tree
from core.models import SiteSettings
from core.publishing import catalogues, routes
from core.publishing.catalogues import EU, SPDX, add_date, add_file, add_language, add_licence, add_text

FOLDER = "/open-data/"
TURTLE, JSON_LD = f"{FOLDER}materials.ttl", f"{FOLDER}materials.jsonld"
# Open: free to use, change and share for any purpose (https://opendefinition.org), so no NC and no ND.
# The codes are those of the EU authority table.
OPEN = {"CC-BY-4.0": "CC_BY_4_0", "CC-BY-SA-4.0": "CC_BYSA_4_0", "CC0-1.0": "CC0"}
# Codes of the EU authority table, by extension; other types have the extension as their code.
FILE_TYPES = {"jpg": "JPEG", "mp4": "MPEG4"}


def items() -> list[DownloadItem]:
    """Return the public materials with an open licence, for readers of the default language."""
    language = settings.LANGUAGE_CODE
    files = MaterialFile.objects.public().filter(material__licence__in=OPEN)
    themes = Theme.objects.filter(locale__language_code=language)
    return sorted(download_list(files.for_downloads(themes), language=language), key=lambda item: item.material.pk)


def graph(publisher: str) -> Graph:
    """Return the whole catalogue. `publisher` is the name of this site."""
    catalogue, agent = iri("catalogue"), iri("publisher")
    homepage = f"/{settings.LANGUAGE_CODE}/feeds/"
    found = catalogues.new_graph(catalogue, publisher=agent, name=publisher, homepage=homepage)
    add_text(found, catalogue, DCTERMS.title, lambda: _("Open materials"))
    add_text(
        found,
        catalogue,
        DCTERMS.description,
        lambda: _("Materials of campaigns that anybody may use and change."),
    )
    for code in tree.public_codes():
        found.add((catalogue, DCTERMS.language, add_language(found, code)))
    libraries = [page.path_at_public for page in shared.libraries()]
    names, open_items = names_of_themes(), items()
    for item in open_items:
        found.add((catalogue, DCAT.dataset, add_dataset(found, item, agent, libraries, names)))
    days = [day.date() for item in open_items if (day := item.material.last_published_at)]
    if days:
        add_date(found, catalogue, DCTERMS.modified, max(days))
    return found


def iri(name: str) -> URIRef:
    return URIRef(public_url(f"{TURTLE}#{name}"))


def names_of_themes() -> dict[int | None, list[Theme]]:
    """Return each theme by its primary key, with its translations."""
    themes = [*Theme.objects.select_related("locale").order_by("locale__language_code")]
    return {each.pk: [other for other in themes if other.translation_key == each.translation_key] for each in themes}


def add_dataset(
    found: Graph,
    item: DownloadItem,
    agent: URIRef,
    libraries: Iterable[str],
    names: Mapping[int | None, Iterable[Theme]],
) -> URIRef:
    """Add a material with its files. `libraries` are paths; `names` is the result of `names_of_themes`."""
    material = item.material
    about = iri(f"material-{material.pk}")
    found.add((about, RDF.type, DCAT.Dataset))
    for text in material.texts.all():
        found.add((about, DCTERMS.title, Literal(text.title, lang=text.language)))
        found.add((about, DCTERMS.description, Literal(text.description or text.title, lang=text.language)))
    if item.text is None:
        found.add((about, DCTERMS.title, Literal(item.title)))
        found.add((about, DCTERMS.description, Literal(item.title)))
    found.add((about, DCTERMS.identifier, Literal(str(about))))
    found.add((about, DCTERMS.publisher, agent))
    catalogues.add_theme(found, about, "SOCI", "Population and society")
    for theme in names.get(material.theme_id, ()):
        found.add((about, DCAT.keyword, Literal(theme.name, lang=theme.locale.language_code)))
    if material.first_published_at:
        add_date(found, about, DCTERMS.issued, timezone.localdate(material.first_published_at))
    if material.last_published_at:
        add_date(found, about, DCTERMS.modified, timezone.localdate(material.last_published_at))
    for path in libraries:
        found.add((about, DCAT.landingPage, add_page(found, f"{path}{material.pk}/")))
    for file in item.in_site_order:
        found.add((about, DCTERMS.language, add_language(found, file.language)))
        found.add((about, DCAT.distribution, add_distribution(found, item, file)))
    return about


def add_page(found: Graph, path: str) -> URIRef:
    page = URIRef(public_url(path))
    found.add((page, RDF.type, FOAF.Document))
    return page


def add_distribution(found: Graph, item: DownloadItem, file: MaterialFile) -> URIRef:
    about, document = iri(f"file-{file.pk}"), file.document
    kind = FILE_TYPES.get(file.extension, file.extension.upper())
    add_file(found, about, document.url, media_type=document.content_type, kind=kind)
    found.add(
        (
            about,
            DCTERMS.title,
            Literal(f"{item.title} ({file.made_for}, {file.format})", lang=settings.LANGUAGE_CODE),
        )
    )
    found.add((about, DCTERMS.language, add_language(found, file.language)))
    found.add((about, DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger)))
    licence = f"{EU}licence/{OPEN[item.material.licence]}"
    add_licence(found, about, licence)
    found.add((URIRef(licence), SKOS.exactMatch, URIRef(item.material.terms_of_licence.url)))
    add_checksum(found, about, file)
    return about


def add_checksum(found: Graph, about: URIRef, file: MaterialFile) -> None:
    checksum = iri(f"checksum-{file.pk}")
    found.add((about, SPDX.checksum, checksum))
    found.add((checksum, RDF.type, SPDX.Checksum))
    found.add((checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha1))
    found.add((SPDX.checksumAlgorithm_sha1, RDF.type, SPDX.ChecksumAlgorithm))
    found.add((checksum, SPDX.checksumValue, Literal(sha1_of(file), datatype=XSD.hexBinary)))


def sha1_of(file: MaterialFile) -> str:
    """Return the stored hash of the upload or else compute it, without storing it, as renders write no rows."""
    if not file.document.file_hash:
        with file.document.file.open("rb") as content:
            return hashlib.file_digest(content, "sha1").hexdigest()
    return file.document.file_hash


def turtle(request: HttpRequest) -> HttpResponse:
    text = graph(_publisher(request)).serialize(format="turtle")
    return HttpResponse(text, content_type="text/turtle; charset=utf-8")


def json_ld(request: HttpRequest) -> HttpResponse:
    found = catalogues.json_ld(graph(_publisher(request)))
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    return HttpResponse(text, content_type="application/ld+json")


def _publisher(request: HttpRequest) -> str:
    """Return the name of this site. Raise Http404 unless the catalogue is being prerendered."""
    if not routes.may_render(request):
        raise Http404
    return SiteSettings.for_request(request).name
