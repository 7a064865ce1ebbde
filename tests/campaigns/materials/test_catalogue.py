"""The catalogue of open materials for data portals, and the page of ways to follow campaigns."""

import datetime as dt
import hashlib

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, SH

from campaigns.materials import catalogue
from campaigns.models import Material
from config.settings.base import ROOT
from core.publishing.catalogues import EU, SPDX
from tests.factories.campaigns import (
    CampaignPageFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
    ThemeFactory,
)
from tests.support import html
from tests.support.queries import queries

SHAPES = ROOT.parent / "shared" / "schemas" / "dcat-ap-3.0.1" / "dcat-ap-SHACL.ttl"


@pytest.fixture
def library(home):
    return MaterialIndexPageFactory(parent=home)


@pytest.fixture
def material(library):
    return MaterialFactory(languages=("en", "de"), theme=ThemeFactory(name="Online safety"))


@pytest.fixture
def read(public):
    def graph() -> Graph:
        answer = public.get(catalogue.TURTLE)
        assert answer["Content-Type"] == "text/turtle; charset=utf-8"
        return Graph().parse(data=answer.text, format="turtle")

    return graph


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # the library's own
class TestCatalogue:
    def test_conforms_to_the_shapes_and_they_refuse_a_file_without_an_address(self, material, read):
        if not SHAPES.is_file():
            pytest.skip("the shapes of DCAT-AP are not here")
        from pyshacl import validate

        shapes, found = Graph().parse(SHAPES, format="turtle"), read()
        for shape, part in list(shapes.subject_objects(SH.property)):
            if (part, SH.path, None) not in shapes:  # the file refers to shapes that it does not define
                shapes.remove((shape, SH.property, part))
        conforms, _graph, text = validate(found, shacl_graph=shapes)
        assert conforms, text

        file = next(found.subjects(RDF.type, DCAT.Distribution))
        found.remove((file, DCAT.accessURL, None))

        assert not validate(found, shacl_graph=shapes)[0]

    def test_has_each_material_with_a_file_for_each_language(self, material, read, settings):
        found = read()
        about = catalogue.iri(f"material-{material.pk}")
        files = {file.language: file for file in material.files.all()}

        assert [*found.subjects(RDF.type, DCAT.Dataset)] == [about]
        assert (about, DCTERMS.title, Literal(f"{material.name} (de)", lang="de")) in found
        assert (about, DCAT.keyword, Literal("Online safety", lang="en")) in found
        assert (
            about,
            DCAT.landingPage,
            URIRef(f"{settings.PUBLIC_URL}/en/materials/{material.pk}/"),
        ) in found
        for code, iso3 in (("en", "ENG"), ("de", "DEU")):
            distribution, document = catalogue.iri(f"file-{files[code].pk}"), files[code].document
            assert (about, DCAT.distribution, distribution) in found
            assert (distribution, DCTERMS.language, URIRef(f"{EU}language/{iso3}")) in found
            assert (distribution, DCTERMS.license, URIRef(f"{EU}licence/CC_BY_4_0")) in found
            assert (distribution, DCTERMS["format"], URIRef(f"{EU}file-type/PDF")) in found
            assert (distribution, DCAT.downloadURL, URIRef(f"{settings.PUBLIC_URL}{document.url}")) in found
            assert str(found.value(distribution, DCAT.byteSize)) == str(document.file.size)
            checksum = found.value(distribution, SPDX.checksum)
            with document.file.open() as content:
                sha1 = hashlib.sha1(content.read()).hexdigest()  # noqa: S324  (what Wagtail keeps)
            assert str(found.value(checksum, SPDX.checksumValue)) == sha1

    def test_says_the_day_that_it_is_where_the_site_is_at_home(self, material, read):
        late = dt.datetime(2026, 11, 27, 23, 30, tzinfo=dt.UTC)
        Material.objects.update(first_published_at=late, last_published_at=late)

        about = catalogue.iri(f"material-{material.pk}")
        found = read()

        assert {str(found.value(about, each)) for each in (DCTERMS.issued, DCTERMS.modified)} == {"2026-11-28"}

    @pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0"])
    def test_leaves_out_what_not_everybody_may_use_and_change(self, library, licence, read):
        MaterialFactory(licence=licence)

        assert [*read().subjects(RDF.type, DCAT.Dataset)] == []

    def test_says_the_same_as_json_ld_and_every_time(self, material, public, read):
        first, again = (public.get(catalogue.JSON_LD) for _ in range(2))

        assert first["Content-Type"] == "application/ld+json"
        assert first.content == again.content
        assert isomorphic(Graph().parse(data=first.text, format="json-ld"), read())

    def test_takes_the_same_queries_for_few_and_many(self, library):
        def cost() -> int:
            catalogue.graph("Name")  # stores the sizes of the files, once
            return queries(lambda: catalogue.graph("Name"))

        MaterialFactory(theme=ThemeFactory())
        few = cost()
        for _ in range(4):
            MaterialFactory(theme=ThemeFactory(), languages=("en", "fr"))

        assert cost() == few


class TestWaysToFollow:
    def test_leads_to_everything_in_every_language(self, campaigns, news, material, in_language, public):
        CampaignPageFactory(parent=campaigns)
        for page in (campaigns, news):
            in_language(page, "de")
        for code, count in (("en", 7), ("de", 6)):
            page = html.parse(public.get(f"/{code}/feeds/").text)
            main = {
                link["href"] for link in page.all("a") if "feeds/" in link["href"] or "open-data/mat" in link["href"]
            }
            own = {link for link in main if link.endswith((".atom", ".ics", ".ttl", ".jsonld"))}
            assert len(own) == count
            for link in own:
                if link.startswith("/"):
                    assert public.get(link).status_code == 200, link

    def test_is_not_there_in_a_language_that_is_not_public(self, home, public):
        assert public.get("/it/feeds/").status_code == 404

    def test_is_found_from_the_lists(self, campaigns, material, public):
        for path in ("/en/campaigns/", "/en/materials/"):
            assert 'href="/en/feeds/"' in public.get(path).text
