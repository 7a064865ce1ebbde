"""The feed of changes, the description for data catalogues, and the page that lists the open data."""

import pytest
from django.conf import settings as site
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, SH
from wagtail.models import Locale

from config.settings.base import ROOT
from core.models import LanguageState, SiteSettings
from helpline.exchange.open_data import dcat, exports, feed
from helpline.governance import services as acts
from helpline.models import PublicChange
from helpline.vocabulary.codes import Status
from tests.factories.helpline import ProgrammeFactory, StaffFactory, SupportLineFactory, approve
from tests.helpline.rows import same_queries
from tests.support import html
from tests.support.publishing import render_only, store_setting

SHAPES = ROOT.parent / "shared" / "schemas" / "dcat-ap-3.0.1" / "dcat-ap-SHACL.ttl"
pytestmark = pytest.mark.django_db


@pytest.fixture
def public(public, settings):
    """A visitor, for whom pages are rendered on request."""
    settings.RENDER_ON_REQUEST = True
    return public


class TestFeed:
    def test_lists_changes_newest_first(self, home, public):
        programme = ProgrammeFactory(name="A programme", approved=True)
        SupportLineFactory(name="A line", approved=True)
        acts.close(listing=programme, by=StaffFactory(), reason="gone")
        acts.hide(listing=programme, by=StaffFactory(), reason="gone")

        items = public.get("/open-data/changes.json").json()["items"]

        assert [item["title"] for item in items] == [
            "A programme: taken off the list", "A programme: closed", "A line: added", "A programme: added",
        ]  # fmt: skip
        assert items[0]["_open_data"] == {
            "listing": str(programme.uuid), "kind": "programme", "action": "withdrawn", "columns": [],
        }  # fmt: skip
        assert items[0]["url"] == f"{site.PUBLIC_URL}/hsds/en/services/{programme.uuid}"

    def test_is_a_json_feed_with_licence_and_date(self, home, public):
        ProgrammeFactory(approved=True)
        answer = public.get("/open-data/changes.json")
        found = answer.json()

        assert answer["Content-Type"] == "application/json"
        assert found["version"] == "https://jsonfeed.org/version/1.1"
        assert found["feed_url"] == f"{site.PUBLIC_URL}/open-data/changes.json"
        for item in found["items"]:
            assert item["id"].startswith("urn:uuid:")
            assert item["content_text"]
            assert item["date_published"]
        assert found["_open_data"]["license"] == site.OPEN_DATA_LICENCE["url"]
        assert found["_open_data"]["data_date"] == PublicChange.objects.get().at.isoformat()
        assert found["_open_data"]["complete"]

    def test_names_what_changed_and_not_how_nor_why_nor_who(self, home, public):
        programme = ProgrammeFactory(approved=True, operator="Before")
        programme.operator = "After"
        approve(programme)
        programme.status, programme.delisted_reason = Status.DELISTED, "Not for the public"
        approve(programme)

        text = public.get("/open-data/changes.json").text

        assert '"operator"' in text
        assert not any(word in text for word in ("Before", "After", "Not for the public", "staff-"))

    def test_reaches_back_as_far_as_it_says(self, home, public, monkeypatch):
        monkeypatch.setattr(feed, "LENGTH", 2)
        ProgrammeFactory.create_batch(3, approved=True)

        found = public.get("/open-data/changes.json").json()

        assert len(found["items"]) == 2
        assert not found["_open_data"]["complete"]
        assert found["_open_data"]["reaches_back_to"] == found["items"][-1]["date_published"]

    def test_takes_the_same_queries_for_few_and_many(self):
        ProgrammeFactory.create_batch(2, approved=True)
        with same_queries(lambda: feed.changes("Name")):
            ProgrammeFactory.create_batch(3, approved=True)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # the library's own
class TestCatalogue:
    @pytest.fixture
    def turtle(self, home, public):
        ProgrammeFactory(approved=True)
        store_setting("helpline.HelplineSettings.corrections_email", "right@example.org")
        answer = public.get("/open-data/catalogue.ttl")
        assert answer["Content-Type"] == "text/turtle; charset=utf-8"
        return Graph().parse(data=answer.text, format="turtle")

    def test_conforms_to_the_shapes_and_they_refuse_a_missing_title(self, turtle):
        if not SHAPES.is_file():
            pytest.skip("the shapes of DCAT-AP are not here")
        from pyshacl import validate

        shapes = Graph().parse(SHAPES, format="turtle")
        for shape, part in list(shapes.subject_objects(SH.property)):
            if (part, SH.path, None) not in shapes:  # the file refers to shapes that it does not define
                shapes.remove((shape, SH.property, part))
        conforms, _graph, text = validate(turtle, shacl_graph=shapes)
        assert conforms, text

        dataset = next(turtle.subjects(RDF.type, DCAT.Dataset))
        turtle.remove((dataset, DCTERMS.title, None))

        assert not validate(turtle, shacl_graph=shapes)[0]

    def test_names_every_language_that_the_public_sees(self, home, public):
        LanguageState.objects.create(locale=Locale.objects.create(language_code="cs"), state="public")

        turtle = Graph().parse(data=public.get("/open-data/catalogue.ttl").text, format="turtle")

        named = {
            str(language).rpartition("/")[2] for language in turtle.objects(dcat.iri("catalogue"), DCTERMS.language)
        }
        assert named == {"ENG", "DEU", "FRA", "ARA", "CES"}

    def test_says_the_same_as_json_ld_and_every_time(self, turtle, public):
        first, again = (public.get("/open-data/catalogue.jsonld") for _ in range(2))

        assert first["Content-Type"] == "application/ld+json"
        assert first.content == again.content
        assert isomorphic(Graph().parse(data=first.text, format="json-ld"), turtle)

    def test_has_licence_date_publisher_and_every_file(self, turtle):
        for name in exports.FILES:
            about = dcat.iri(name)
            assert (about, DCTERMS.license, URIRef(site.OPEN_DATA_LICENCE["url"])) in turtle
            assert (about, DCTERMS.modified, None) in turtle
            assert Literal("Unterstützung", lang="de") not in set(turtle.objects(about, DCTERMS.title))
            assert {"en", "de", "fr", "ar"} <= {title.language for title in turtle.objects(about, DCTERMS.title)}
        urls = {str(url) for url in turtle.objects(None, DCAT.downloadURL)}
        assert urls == {f"{site.PUBLIC_URL}{path}" for path in (*map(exports.file_path, exports.FILES), feed.PATH)}


class TestPage:
    def test_leads_to_every_file_in_every_language(self, home, public):
        ProgrammeFactory(approved=True)
        for code in ("en", "de", "fr", "ar"):
            answer = public.get(f"/{code}/open-data/")
            page = html.parse(answer.text)
            assert answer.status_code == 200
            links = {link["href"] for link in page.all("a")}
            own = [link for link in links if link.startswith(("/open-data/", "/hsds/"))]
            assert len(own) == 14
            assert {f"/open-data/{name}" for name in ("materials.ttl", "materials.jsonld", "campaign-results.csv")} <= {
                *own
            }
            for link in own:
                assert public.get(link).status_code == 200, link
            assert site.OPEN_DATA_LICENCE["url"] in links

    def test_is_in_the_footer_of_pages_but_not_of_help_pages(self, home, public):
        SiteSettings.objects.update_or_create(site=home.get_site(), defaults={"contact": home})

        assert 'href="/en/open-data/"' in public.get("/en/").text

    def test_says_when_there_is_nothing_yet(self, home, public):
        assert "the files are empty" in public.get("/en/open-data/").text

    def test_is_not_there_in_a_language_that_is_not_public(self, home, public):
        assert public.get("/it/open-data/").status_code == 404

    def test_is_rendered_with_all_files(self, home, public, settings):
        settings.RENDER_ON_REQUEST = False
        paths = ["/en/open-data/", feed.PATH, dcat.TURTLE, dcat.JSON_LD]
        outcome = render_only(*paths)

        assert not outcome.refused
        assert [public.get(path).status_code for path in paths] == [200] * 4
