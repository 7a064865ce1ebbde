"""The published numbers: the table, what it means, the page in plain words, and the report in the admin."""

import csv
import io

import pytest
from django.conf import settings as site
from django.test import Client
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, SH

from analytics import open_data
from analytics.models import CountedWeek
from analytics.open_data import PagesShown
from analytics.report import TrendRow, page_names
from config.settings.base import ROOT
from helpline.finder.publishing import COUNTED
from tests.factories.campaigns import CampaignIndexPageFactory, CampaignPageFactory
from tests.factories.users import UserFactory
from tests.support import html
from tests.support.queries import queries
from users import roles

pytestmark = pytest.mark.django_db
SHAPES = ROOT.parent / "shared" / "schemas" / "dcat-ap-3.0.1" / "dcat-ap-SHACL.ttl"
PATHS = [open_data.CSV, open_data.CSVW, open_data.TURTLE, open_data.JSON_LD]
NUMBERS = {
    ("de", "finder"): 403, ("en", "finder"): 1201, ("de", "lu"): 4, ("en", "lu"): 62, ("de", "at"): 57,
    ("en", "at"): 31,
    ("en", "kit.open-doors"): 80,
}  # fmt: skip


@pytest.fixture
def public(public, settings):
    """A visitor, for whom pages are rendered on request."""
    settings.RENDER_ON_REQUEST = True
    return public


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


class TestTable:
    def test_has_the_numbers_of_published_weeks_rounded_and_without_small_ones(self, home, public, published):
        published({"2026-W45": NUMBERS})
        CountedWeek.objects.create(week="2026-W46", state="complete")

        found = rows(public.get(open_data.CSV).text)

        shown = {(row["kind"], row["language"], row["page"]): row["shown"] for row in found}
        assert {row["week"] for row in found} == {"2026-W45"}
        assert {row["starts"] for row in found} == {"1"}
        assert shown["help", "en", "finder"] == "1200"
        assert shown["help", "all", "all"] == "1760"
        assert shown["help", "de", "lu"] == ""
        assert shown["help", "en", "lu"] == ""  # or the one above would follow
        assert shown["kits", "en", "kit.open-doors"] == "80"

    def test_explains_its_columns(self, home, public, published):
        published({"2026-W45": NUMBERS})

        found = public.get(open_data.CSVW).json()

        assert [each["name"] for each in found["tableSchema"]["columns"]] == [*rows(public.get(open_data.CSV).text)[0]]
        assert "upper bound" in found["dc:description"]

    def test_takes_the_same_queries_for_few_and_many_weeks(self, published):
        published({"2026-W40": NUMBERS, "2026-W41": NUMBERS})
        few = queries(open_data.public_csv)
        published({f"2026-W{number}": NUMBERS for number in range(42, 50)})

        assert queries(open_data.public_csv) == few


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # the library's own
class TestDescription:
    def test_conforms_to_dcat_ap_and_names_the_method_the_file_and_the_time(self, home, public, published):
        published({"2026-W45": NUMBERS, "2026-W46": NUMBERS})
        turtle = Graph().parse(data=public.get(open_data.TURTLE).text, format="turtle")
        about = open_data.iri("pages-shown")

        assert isomorphic(Graph().parse(data=public.get(open_data.JSON_LD).text, format="json-ld"), turtle)
        assert {str(url) for url in turtle.objects(None, DCAT.downloadURL)} == {site.PUBLIC_URL + open_data.CSV}
        assert {title.language for title in turtle.objects(about, DCTERMS.title)} == {"en", "de", "fr", "ar"}
        assert (about, DCTERMS.license, URIRef(site.OPEN_DATA_LICENCE["url"])) in turtle
        assert "upper bound" in str(turtle.value(open_data.iri("method"), DCTERMS.description))
        assert {str(day) for day in turtle.objects(open_data.iri("period"))} >= {"2026-11-02", "2026-11-15"}
        assert (about, RDF.type, DCAT.Dataset) in turtle
        if SHAPES.is_file():
            from pyshacl import validate

            shapes = Graph().parse(SHAPES, format="turtle")
            for shape, part in list(shapes.subject_objects(SH.property)):
                if (part, SH.path, None) not in shapes:  # the file refers to shapes that it does not define
                    shapes.remove((shape, SH.property, part))
            conforms, _graph, text = validate(turtle, shacl_graph=shapes)
            assert conforms, text


class TestPage:
    def test_explains_the_method_in_every_language_and_shows_the_newest_week(self, home, public, published):
        published({"2026-W44": {("de", "finder"): 10}, "2026-W45": NUMBERS})
        for code in ("en", "de", "fr", "ar"):
            answer = public.get(f"/{code}/open-data/pages-shown/")
            page = html.parse(answer.text)

            assert answer.status_code == 200
            assert {*PATHS} <= {link["href"] for link in page.all("a")}
            assert "2026-W45" in answer.text
            assert len(page.all("table")) == 4
        assert page_names([COUNTED], ["lu", "other"])["lu"] == "Luxembourg"

    def test_is_there_before_the_first_week_and_leads_from_the_open_data(self, home, public, settings):
        settings.ANALYTICS = True

        assert "one week after the first whole week" in public.get("/en/open-data/pages-shown/").text
        assert 'href="/en/open-data/pages-shown/"' in public.get("/en/open-data/").text

    def test_is_not_there_where_nothing_was_ever_counted(self, home, public):
        paths = [*PATHS, "/en/open-data/pages-shown/"]

        assert {public.get(path).status_code for path in paths} == {404}
        assert list(PagesShown().addresses()) == []
        assert "pages-shown" not in public.get("/en/open-data/").text

    def test_is_rendered_again_when_a_week_is_published(self, home, languages, published):
        published({"2026-W45": NUMBERS})
        week = CountedWeek.objects.get()

        assert {*PATHS, "/de/open-data/pages-shown/"} <= {*PagesShown().invalidated_by(week)}
        week.state = CountedWeek.State.COMPLETE
        assert list(PagesShown().invalidated_by(week)) == []
        assert list(PagesShown().invalidated_by(home.locale.language_state)) == ["/en/open-data/pages-shown/"]


class TestReport:
    @pytest.fixture
    def editor(self, home):
        client = Client(headers={"host": site.PRIVATE_HOST})
        client.force_login(UserFactory(is_superuser=True))
        return client

    def test_shows_weeks_and_trend_by_language_and_by_page(self, home, editor, published):
        CampaignPageFactory(parent=CampaignIndexPageFactory(parent=home), slug="open-doors", title="Open doors")
        published({f"2026-W{number}": NUMBERS | {("de", "finder"): 400 + number} for number in range(38, 46)})
        CountedWeek.objects.create(week="2026-W46", state="running")

        page = html.parse(editor.get("/admin/reports/pages-shown/").text)

        tables = page.all("table", class_="listing")
        assert len(tables) == 4
        assert "German" in tables[0].text
        assert "Luxembourg" in tables[1].text
        assert "Open doors" in tables[3].text
        assert "2026-W46" not in page.text

    @pytest.mark.parametrize(
        ("numbers", "trend"),
        [
            ([100, 100, 100, 100, 110, 110, 110, 110], "+10 %"),
            ([10, 10, 10, 10, 5, 5, 5, 5], "\u221250 %"),
            ([None, 10, 10, 10, 5, 5, 5, 5], ""),
            ([0, 0, 0, 0, 5, 5, 5, 5], ""),
            ([10, 10], ""),
        ],
    )
    def test_compares_four_weeks_with_the_four_before(self, numbers, trend):
        assert TrendRow(name="de", numbers=numbers).trend == trend

    def test_has_a_table_to_take_out_with_what_is_complete(self, editor, published):
        published({"2026-W45": NUMBERS | {("de", "=1"): 90}})
        CountedWeek.objects.update(state=CountedWeek.State.COMPLETE)

        found = rows(editor.get("/admin/reports/pages-shown.csv").getvalue().decode())

        assert {row["page"] for row in found} >= {"finder", "'=1"}

    def test_reports_that_there_is_nothing(self, editor):
        assert "No week is complete yet." in editor.get("/admin/reports/pages-shown/").text

    def test_is_for_those_whose_pages_are_counted(self, home):
        roles.sync()
        client = Client(headers={"host": site.PRIVATE_HOST})
        client.force_login(UserFactory(roles=["Translator: German"]))

        for path in ("/admin/reports/pages-shown/", "/admin/reports/pages-shown.csv"):
            assert client.get(path).status_code in {302, 403}
        assert "pages-shown" not in client.get("/admin/").text
