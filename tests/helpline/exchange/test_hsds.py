"""The open API conforms to the schemas of Open Referral.

It can be crawled as its validators do, and holds only what two people have approved.
"""

import datetime as dt
import json
import uuid

import pytest
from django.core.management import call_command
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings.base import ROOT
from core.models import LanguageState
from helpline.exchange.hsds import pages, taxonomies
from helpline.exchange.open_data.api import Services
from helpline.exchange.open_data.publishing import OpenApi
from helpline.finder import queries
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import listing_rows
from helpline.governance import services as acts
from helpline.models import Programme, PublicChange
from helpline.vocabulary.codes import ANYWHERE, CLOSED_STATUSES, Status
from prerender import services as prerender
from prerender.store.files import FileStore
from tests.factories.helpline import (
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    days_ago,
)
from tests.helpline.exchange.test_exports import EVERYTHING, POINTS
from tests.helpline.rows import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.modules import load
from tests.support.publishing import render_only

SCHEMAS = ROOT.parent / "shared" / "schemas"
LISTS = ("services", "organizations", "taxonomies", "taxonomy_terms", "service_at_locations")
# Any term of the vocabularies.
TERM = next(iter(taxonomies._terms()))
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning:jsonschema")]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def validator():
    """Return the reference validator, if it is installed, as the schemas have a separate licence."""
    file = SCHEMAS / "validate_hsds.py"
    if not file.is_file():
        pytest.skip("the HSDS schemas are not here")
    return load(file)


@pytest.fixture
@cached_fixture
def whole(home, languages):
    """Return a programme with every fact, beside one in each other state."""
    full = ProgrammeFactory(approved=True, contacts=POINTS, **EVERYTHING)
    for code in ("en", "de"):
        ProgrammeTextFactory(
            programme=full, locale=languages[code], summary=f"Listens ({code})", contact="You say what you like.",
            not_for="People elsewhere.", approved=True,
        )  # fmt: skip
    ProgrammeFactory(
        approved=True,
        contacts=[
            {
                "channel": "phone",
                "number": "112",
                "number_country": "lu",
                "opening_hours": "Apr-Sep Mo 10:00-12:00",
            }
        ],
    )
    ProgrammeFactory(approved=True, operator="Other", checked_on=days_ago(400), next_check_due=days_ago(200))
    closed = ProgrammeFactory(approved=True, operator="Other")
    acts.close(listing=closed, by=StaffFactory(), reason="gone", for_a_time=True)
    hidden = ProgrammeFactory(approved=True, name="Hidden again")
    acts.hide(listing=hidden, by=StaffFactory(), reason="gone")
    ProgrammeFactory(name="Draft")
    return full


def with_locations(**facts):
    """Return a programme with a location that has two ways to reach it, and one that has none, with different facts."""
    shared = {"audiences": ["self_thoughts"], "countries": ["de"], "approved": True}
    spoken = [{"channel": "face_to_face", "languages": ["de", "tr"]}]
    shared_facts = {"part_of": "Many Locations", "reach": "regional", **shared}
    there = [
        {"channel": "phone", "number": "+493023125007", "languages": ["tr"], "opening_hours": "Mo-Fr 09:00-17:00"},
        {"channel": "email", "email": "berlin@network.example", "languages": ["de"]},
    ]  # fmt: skip
    return (
        ProgrammeFactory(name="Many Locations", contacts=spoken, **shared),
        ProgrammeFactory(
            **{
                "name": "Many Locations Berlin", "region": "Berlin", "operator": "Hospital", "contacts": there,
                **shared_facts, **facts,
            }
        ),
        ProgrammeFactory(
            name="Many Locations Kiel", region="Kiel", contacts=[], website="https://kiel.example/", **shared_facts
        ),
    )  # fmt: skip


@pytest.fixture
def served(whole, settings):
    """Render on request what would be prerendered, as in development."""
    settings.RENDER_ON_REQUEST = True
    return whole


@pytest.fixture
def only_the_api(declare, settings):
    """Render only the API, in two languages."""
    declare(routes=[OpenApi()])
    LanguageState.objects.exclude(locale__language_code__in=["en", "de"]).delete()
    settings.INTERFACE_LANGUAGES = []


@pytest.fixture
def prerendered(whole, only_the_api):
    """Return the folder with prerendered lists, a programme, its first contact point and its operator."""
    paths = [path for path in OpenApi().addresses() if path.count("/") < 4 or str(whole.uuid) in path]
    for code in ("en", "de"):
        paths.append(pages.object_path(code, "service_at_locations", whole.contact_points.first().uuid))
        paths.append(pages.object_path(code, "organizations", pages.organization_uuid(whole.operator)))
    render_only(*paths)
    return FileStore().root / "hsds"


def get(public, path, **query):
    answer = public.get(f"/hsds/en{path}", query)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


class TestSchemas:
    def test_take_every_rendered_object_in_every_language(self, validator, whole, only_the_api, capsys):
        """By HSDS 3.1 and by the profile for the United Kingdom."""
        with_locations()
        prerender.render_all()
        folder = FileStore().root / "hsds"
        for file in [*folder.glob("*/openapi.json*"), *folder.rglob("*.br"), *folder.rglob("*.gz")]:
            file.unlink(missing_ok=True)  # the first is not an object, the others are compressed copies
        # The validator does not recognise the kind of object in this folder by its name.
        at_locations = [str(path) for path in folder.glob("*/service_at_locations")]
        rest = [str(path) for path in folder.glob("*/*") if str(path) not in at_locations]

        for version in ("3.1-dev", "uk-3.0"):
            assert validator.main(["--version", version, *rest]) == 0
            assert validator.main(["--version", version, "--type", "service_at_location", *at_locations]) == 0
        said = capsys.readouterr().out
        assert said.count("services/index.json") == said.count("service_at_locations/index.json") == 4

    def test_refuse_an_object_that_is_broken_on_purpose(self, validator, served, public, tmp_path, capsys):
        file = tmp_path / "service.json"
        good = get(public, f"/services/{served.uuid}")
        for broken, status in (
            ({}, 0),
            ({"status": "open"}, 1),
            ({"id": None}, 1),
            ({"url": "no address"}, 1),
        ):
            file.write_text(json.dumps({**good, **broken}))
            assert validator.main([str(file)]) == status

    def test_take_a_page_that_is_made_on_request(self, validator, served, public, tmp_path, capsys):
        for kind in LISTS:
            file = tmp_path / f"{kind}.json"
            file.write_text(json.dumps(get(public, f"/{kind}", per_page=2, page=2)))
            kind_of = ["--type", "service_at_location"] if kind == "service_at_locations" else []
            assert validator.main([*kind_of, str(file)]) == 0

    def test_are_in_iso_8601(self, whole):
        names = ("valid_from", "valid_to", "dtstart", "assured_date")
        found = [item[name] for item in walk(pages.one_service(whole.uuid)) for name in names if name in item]

        assert found
        assert [day for day in found if dt.date.fromisoformat(day).isoformat() != day] == []


def walk(found):
    """Yield every object at any depth."""
    if isinstance(found, dict):
        yield found
        for value in found.values():
            yield from walk(value)
    elif isinstance(found, list):
        for value in found:
            yield from walk(value)


class TestWalk:
    """The API can be crawled as Open Referral UK's validator does.

    It requests each endpoint, its first, middle and last page, and every id.
    """

    def test_every_id_of_a_list_leads_to_its_object(self, served, public):
        with_locations()
        for kind in LISTS:
            self.walk(public, kind, per_page=60 if kind == "taxonomy_terms" else 4)

    def walk(self, public, kind, *, per_page):
        first = get(public, f"/{kind}", per_page=per_page)
        seen = []
        for number in range(1, first["total_pages"] + 1):
            page = get(public, f"/{kind}", per_page=per_page, page=number)
            assert (page["page_number"], page["first_page"]) == (number, number == 1)
            assert page["last_page"] == (number == first["total_pages"])
            seen += page["contents"]

        assert len(seen) == first["total_items"] == len({item["id"] for item in seen})
        assert [item["id"] for item in seen] == sorted(item["id"] for item in seen)
        for item in seen[:12]:
            assert get(public, f"/{kind}/{item['id']}")["id"] == item["id"]

    def test_the_root_leads_to_the_description_of_the_api(self, served, public, settings):
        root = get(public, "")

        assert root["version"] == "3.1"
        assert root["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert root["data_date"] == PublicChange.objects.date_of_the_data().date().isoformat()
        about = public.get(root["openapi_url"].removeprefix(settings.PUBLIC_URL)).json()
        assert about["servers"] == [{"url": f"{settings.PUBLIC_URL}/hsds/en"}]
        assert set(about["paths"]) == {"/", *(f"/{kind}{below}" for kind in LISTS for below in ("", "/{id}"))}
        assert set(about["paths"]["/services"]) == {"get"}

    def test_unknown_things_are_not_there(self, served, public):
        for path in (
            f"/en/services/{uuid.uuid4()}",
            "/en/services/x",
            "/en/nothing",
            "/xx/services",
            "/fr-x/services",
        ):
            assert public.get(f"/hsds{path}").status_code == 404, path

    def test_a_language_that_is_not_public_is_not_there(self, served, public):
        assert public.get("/hsds/it/services?page=1").status_code == 404


class TestEnvelope:
    """Paging data of a list, independent of its content."""

    def told(self, total: int, **wanted: int) -> dict[str, object]:
        return pages.envelope([str(n) for n in range(total)], pages.ListQuery(**wanted), list)

    @pytest.mark.parametrize(
        ("total", "page", "contents", "of_pages", "first", "last"),
        [
            (5, 1, ["0", "1"], 3, True, False),
            (5, 2, ["2", "3"], 3, False, False),
            (5, 3, ["4"], 3, False, True),
            (4, 2, ["2", "3"], 2, False, True),
            (5, 4, [], 3, False, True),
            (0, 1, [], 1, True, True),
        ],
    )
    def test_counts_items_and_pages(self, settings, total, page, contents, of_pages, first, last):
        assert self.told(total, page=page, per_page=2) == {
            "total_items": total,
            "total_pages": of_pages,
            "page_number": page,
            "size": len(contents),
            "first_page": first,
            "last_page": last,
            "empty": not contents,
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "publisher": f"{settings.PUBLIC_URL}/",
            "data_date": None,
            "contents": contents,
        }

    def test_holds_fifty_items_by_default(self):
        told = self.told(51)

        assert (told["page_number"], told["size"], told["total_pages"]) == (1, 50, 2)

    @pytest.mark.parametrize(("per_page", "status"), [(100, 200), (101, 400)])
    def test_holds_no_more_than_a_hundred(self, home, public, per_page, status):
        assert public.get("/hsds/en/services", {"per_page": per_page}).status_code == status

    def test_of_the_root_says_which_profile_and_language_it_is(self, settings, home):
        with translation.override("de"):
            root = pages.root()

        assert (root["version"], root["language"]) == ("3.1", "de")
        assert root["profile"] == "https://docs.openreferral.org/en/latest/hsds/"
        assert root["openapi_url"] == f"{settings.PUBLIC_URL}/hsds/de/openapi.json"


class TestIdentities:
    """Prerendered objects of the API, by kind and identifier."""

    # The functions for a list of the objects of a kind, and for one of them.
    KINDS = {
        "services": (pages.services, pages.one_service),
        "organizations": (pages.organizations_page, pages.one_organization),
        "taxonomies": (pages.taxonomies_page, pages.one_taxonomy),
        "taxonomy_terms": (pages.taxonomy_terms, pages.one_taxonomy_term),
        "service_at_locations": (pages.service_at_locations, pages.one_service_at_location),
    }

    def listed(self, kind):
        page = self.KINDS[kind][0](pages.ListQuery(per_page=10_000))
        assert page["total_items"] == len(page["contents"])
        return [item["id"] for item in page["contents"]]

    @pytest.mark.parametrize("kind", LISTS)
    def test_are_those_of_the_lists(self, whole, kind):
        found = pages.identities(kind)

        assert found
        assert found == self.listed(kind)

    @pytest.mark.parametrize("kind", LISTS)
    def test_lead_to_one_object_each(self, whole, kind):
        one = self.KINDS[kind][1]

        for identity in pages.identities(kind)[:6]:
            assert one(uuid.UUID(identity))["id"] == identity
        assert one(uuid.UUID(int=5)) is None

    def test_have_an_address_each_in_every_language(self, whole, only_the_api):
        addresses = set(OpenApi().addresses())

        for code in ("en", "de"):
            assert addresses >= {f"/hsds/{code}/{kind}" for kind in LISTS}
            assert addresses >= {
                f"/hsds/{code}/{kind}/{identity}" for kind in LISTS for identity in pages.identities(kind)
            }

    def test_can_be_filtered_by_identifiers(self, whole):
        point = str(whole.contact_points.first().uuid)
        asked = [str(whole.uuid), point, "x"]

        assert pages.identities("services", among=asked) == [str(whole.uuid)]
        assert pages.identities("service_at_locations", among=asked) == [point]

    def test_of_a_draft_are_none(self, home):
        draft = ProgrammeFactory(contacts=POINTS[1:2])
        point = draft.contact_points.first()

        assert [pages.identities(kind) for kind in LISTS] == [[]] * len(LISTS)
        assert pages.one_service(draft.uuid) is None
        assert pages.one_service_at_location(point.uuid) is None

    def test_of_the_vocabularies_are_known_before_anything_is_published(self, home, whole):
        published = [(kind, identity) for kind in ("taxonomies", "taxonomy_terms") for identity in self.listed(kind)]

        assert set(pages.vocabulary()) == set(published)

    def test_of_a_programme_are_also_those_that_it_once_had(self, home):
        programme = ProgrammeFactory(operator="First", contacts=POINTS[1:3])
        first, second = programme.contact_points.all()
        programme.save_revision()
        programme.operator, programme.contact_points = "", [second]
        programme.save_revision()
        programme.operator = "Third"

        found = list(pages.objects_of(programme))

        assert sorted(found) == sorted(
            [
                ("services", str(programme.uuid)),
                *(("organizations", str(pages.organization_uuid(name))) for name in ("First", "Third")),
                *(("service_at_locations", str(point.uuid)) for point in (first, second)),
            ]
        )


class TestFilters:
    JUNK = (
        {"page": "x"}, {"page": "0"}, {"page": "-1"}, {"page": "1e9"}, {"page": "99999999999999999999"},
        {"per_page": "101"},
        {"per_page": "0"}, {"modified_after": "yesterday"}, {"full": "perhaps"}, {"minimum_age": "x"}, {"search": "\0"},
        {"search": "x" * 201}, {"format": "xml"}, {"country": "Germany"},
    )  # fmt: skip
    STRANGE = (
        {"start_time": "09:00"},
        {"words of a visitor": "1"},
        {"page": "1", "my secret": ""},
    )
    UNKNOWN = (
        {"search": "nothing has these words"}, {"taxonomy_term_id": "x"}, {"taxonomy_term_id": str(uuid.UUID(int=5))},
        {"taxonomy_id": "'"}, {"organization_id": "no-such"}, {"modified_after": "2099-01-01"},
        {"modified_after": "2099-01-01T00:00:00Z"},
    )  # fmt: skip

    def test_junk_is_refused(self, home, public):
        for query in self.JUNK:
            answer = public.get("/hsds/en/services", query)
            assert answer.status_code == 400, query
            assert answer.json()["detail"][0]["parameter"] == next(iter(query))
            assert answer["Cache-Control"] == "no-store"

    def test_unknown_parameters_are_refused_and_not_repeated(self, home, public):
        for query in self.STRANGE:
            answer = public.get("/hsds/en/services", query)
            (problem,) = answer.json()["detail"]
            assert answer.status_code == 400, query
            assert problem["message"].startswith("Unknown parameter. There are: ")
            assert not [name for name in query if name != "page" and name in answer.content.decode()]

    def test_an_unknown_value_gives_an_empty_page(self, served, public):
        for query in self.UNKNOWN:
            assert get(public, "/services", **query)["empty"], query

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.sampled_from(sorted(Services.model_fields)), st.text(max_size=250))
    def test_every_query_gets_a_response(self, home, public, name, value):
        assert public.get("/hsds/en/services", {name: value}).status_code in {200, 400}

    def names(self, public, **query):
        return {item["name"] for item in get(public, "/services", **query)["contents"]}

    def test_services_by_words_terms_operators_ages_and_dates(self, served, public):
        whole = served
        for word in ("everything", "second line", "VIENNA", "listens"):
            assert self.names(public, search=word) == {whole.name}
        sms = taxonomies.BY_KEY["channel"].term_identity("sms")
        under_18 = taxonomies.BY_KEY["not_for"].term_identity("under_18")
        not_for = taxonomies.BY_KEY["not_for"].identity
        operator = get(public, f"/services/{whole.uuid}")["organization_id"]
        for query in (
            {"taxonomy_term_id": sms}, {"taxonomy_term_id": under_18}, {"taxonomy_id": not_for},
            {"organization_id": operator},
            {"organization_id": operator, "search": "everything", "taxonomy_term_id": sms},
        ):  # fmt: skip
            assert self.names(public, **query) == {whole.name}
        assert self.names(public, organization_id=operator, search="Programme") == set()
        assert whole.name in self.names(public, minimum_age=60)
        assert whole.name not in self.names(public, minimum_age=66)
        assert whole.name not in self.names(public, maximum_age=17)
        newest = PublicChange.objects.first()
        assert self.names(public, modified_after=newest.at.isoformat()) == {"Hidden again"}

    def test_by_unapproved_words_find_nothing(self, served, public, languages):
        ProgrammeTextFactory(programme=served, locale=languages["fr"], summary="Canary words")

        assert self.names(public, search="canary") == set()
        assert self.names(public, search="listens") == {served.name}

    @pytest.mark.parametrize(
        "facts",
        [
            {"search": "e"}, {"country": "de"}, {"taxonomy_term_id": "x"}, {"taxonomy_id": "x"},
            {"organization_id": "x"}, {"minimum_age": 0}, {"maximum_age": 0},
        ],
    )  # fmt: skip
    def test_by_what_a_stub_does_not_have_leave_stubs_out(self, facts):
        assert pages.ListQuery(**facts).only_current
        assert not pages.ListQuery(page=2, modified_after=timezone.now(), minimal=True).only_current

    def test_by_age_find_what_is_for_all_ages_too(self, home):
        for name, youngest, oldest in (("all", None, None), ("adults", 18, 65), ("young", 12, 17)):
            ProgrammeFactory(name=name, minimum_age=youngest, maximum_age=oldest, approved=True)

        def found(**wanted):
            return {item["name"] for item in pages.services(pages.ListQuery(**wanted))["contents"]}

        assert found(minimum_age=17) == {"all", "adults", "young"}
        assert found(minimum_age=18) == {"all", "adults"}
        assert found(maximum_age=18) == {"all", "adults", "young"}
        assert found(maximum_age=17) == {"all", "young"}

    def test_by_every_vocabulary_find_what_has_a_term_of_it(self, whole):
        facts = pages.FACT_UUID
        audience, not_for, sees = (taxonomies.BY_KEY[key].identity for key in ("audience", "not_for", "sees"))

        def found(taxonomy):
            return pages.services(pages.ListQuery(taxonomy_id=str(taxonomy)))["total_items"]

        assert [found(each) for each in (facts, audience, not_for, sees)] == [4, 4, 1, 1]

    def test_by_the_operator_name_every_programme_of_it(self, whole):
        [other] = pages.organizations(pages.ListQuery(), only=str(pages.organization_uuid("Other")))
        found = pages.services(pages.ListQuery(organization_id=other["id"]))

        assert other["name"] == "Other"
        assert found["total_items"] == 2

    def test_of_vocabularies_find_words_in_names_and_descriptions(self, whole):
        terms = pages.taxonomy_terms(pages.ListQuery(per_page=10_000))["contents"]
        some = terms[0]
        for field in ("name", "description"):
            word = some[field].upper()
            found = pages.taxonomy_terms(pages.ListQuery(search=word, per_page=10_000))["contents"]
            assert some in found
            assert len(found) < len(terms)

    def test_of_dates_count_the_very_moment(self, whole):
        newest = PublicChange.objects.first().at
        found = [
            pages.services(pages.ListQuery(modified_after=newest + later))["total_items"]
            for later in (dt.timedelta(), dt.timedelta(microseconds=1))
        ]

        assert found == [1, 0]

    def test_of_the_response_give_the_last_change_of_a_service_or_all_of_it(self, whole):
        changed = PublicChange.objects.newest_of_each([whole.uuid])[whole.uuid]
        identity = str(whole.uuid)

        def told(**wanted):
            contents = pages.services(pages.ListQuery(**wanted))["contents"]
            return next(item for item in contents if item["id"] == identity)

        assert told(minimal=True) == {"id": identity, "last_modified": changed.isoformat()}
        assert "service_at_locations" not in told(full=False)
        assert told() == pages.one_service(whole.uuid)
        assert told()["service_at_locations"]

    def test_of_other_lists_and_of_the_response(self, served, public):
        [some, *_others] = get(public, "/services", minimal="true", full="false")["contents"]
        assert set(some) == {"id", "last_modified"}
        assert get(public, "/service_at_locations", postcode="1010")["empty"]
        audience = taxonomies.BY_KEY["audience"].identity
        assert get(public, "/taxonomy_terms", taxonomy_id=audience)["total_items"] == 6
        assert get(public, "/taxonomy_terms", taxonomy_id=audience, parent_id="x")["empty"]

    def test_the_answer_leaves_no_trace(self, home, public, caplog):
        answer = public.get("/hsds/en/services?search=canary8x3")

        assert answer["Cache-Control"] == "no-store"
        assert not answer.cookies
        assert not answer.has_header("ETag")
        assert caplog.records == []


class TestOneCountry:
    """Who comes first in the finder comes first in the API, in the language of the address."""

    @pytest.fixture
    def rows(self, served, settings):
        """Return a function that lists the finder's rows of a country: the starter data, as if all were checked."""
        call_command("import_listings", "programmes", verbosity=0)
        settings.DEMO = True
        found = models.QuerySet(Programme).filter(uuid__in=Programme.objects.shown().values("uuid"))
        settings.DEMO = False
        found.update(live=True, checked_on=timezone.localdate())  # bypasses the two-person rule
        found.filter(status=Status.DRAFT).update(status=Status.VERIFIED)

        def rows(language, country):
            with translation.override(language):
                found = listing_rows(queries.programmes(language=language), FinderReading(today=timezone.localdate()))
            return [str(row.programme.uuid) for row in found if {country, ANYWHERE} & {*row.programme.countries}]

        return rows

    @pytest.mark.parametrize("language", ["en", "de"])
    def test_is_in_the_order_of_the_finder(self, rows, public, language):
        # They are in the row of their programme in the finder, and separate services in the API.
        closed = set(
            Programme.objects.exclude(part_of="").filter(status__in=CLOSED_STATUSES).values_list("uuid", flat=True)
        )
        assert closed
        for country in ("gb", "de", "be", "ch"):
            answer = public.get(f"/hsds/{language}/services", {"country": country.upper(), "minimal": True})
            found = [item["id"] for item in answer.json()["contents"]]
            assert [each for each in found if uuid.UUID(each) not in closed] == rows(language, country), country

    def test_begins_with_a_helpline_that_answers_and_can_be_filtered(self, rows, public):
        wanted = {"country": "gb", "search": "stop it now"}
        names = [item["name"] for item in get(public, "/services", **wanted)["contents"]]
        first, second = (get(public, "/services", **wanted, per_page=1, page=page)["contents"] for page in (1, 2))

        assert names[0] == "Stop It Now helpline"
        assert [item["name"] for item in (*first, *second)] == names[:2]

    def test_leaves_the_whole_list_in_the_order_of_identifiers(self, rows, public):
        found = [item["id"] for item in get(public, "/services", per_page=100)["contents"]]

        assert found == sorted(found)


class TestWhatIsTold:
    def test_is_what_two_people_approved_even_in_the_demonstration(self, served, public, settings):
        settings.DEMO = True

        assert "Draft" not in public.get("/hsds/en/services?page=1").text

    def test_has_no_unapproved_words(self, served, public, settings, languages):
        settings.DEMO = True
        ProgrammeTextFactory(programme=served, locale=languages["fr"], summary="Canary words")

        for address in (f"services/{served.uuid}", "services", f"services?search={served.name}"):
            assert "Canary" not in public.get(f"/hsds/fr/{address}").text

    def test_is_in_the_language_of_the_address(self, served, public, whole):
        english, german = (public.get(f"/hsds/{code}/services/{whole.uuid}").json() for code in ("en", "de"))

        assert english["description"] == "Listens (en)"
        assert german["description"] == "Listens (de)"
        assert [item["id"] for item in walk(english) if "id" in item] == [
            item["id"] for item in walk(german) if "id" in item
        ]
        assert german["service_areas"][0]["name"] == "Deutschland"

    def test_numbers_stand_as_people_dial_them(self, served, public):
        phones = get(public, f"/services/{served.uuid}")["phones"]

        assert [(phone["number"], phone["type"]) for phone in phones] == [
            ("116 123", "voice"), ("+4313100", "voice"), ("+49 30 23125000", "voice"), ("+49 30 23125001", "text"),
        ]  # fmt: skip

    def test_numbers_that_are_not_shown_elsewhere_are_left_out(self, served, public):
        items = get(public, "/services", organization_id=pages.organization_uuid("Other"))["contents"]

        assert items
        for item in items:
            assert "phones" not in item
            assert "23125000" not in json.dumps(item)

    def test_what_is_closed_says_so(self, served, public):
        found = {item["name"]: item["status"] for item in get(public, "/services")["contents"]}

        assert sorted(found.values()) == ["active", "active", "active", "defunct", "temporarily closed"]

    def test_what_was_taken_away_is_a_stub_without_a_reason(self, served, public):
        (stub,) = [item for item in get(public, "/services")["contents"] if item["name"] == "Hidden again"]

        assert set(stub) == {"id", "name", "status", "last_modified"}
        assert get(public, f"/services/{stub['id']}") == stub

    def test_names_no_person_and_no_history(self, served, public):
        text = "".join(json.dumps(get(public, f"/{kind}")) for kind in LISTS)

        assert "staff-" not in text
        assert '"metadata"' not in text
        assert "assurer_email" not in text
        assert "service.example/contact" not in text

    def test_has_only_allowed_keys(self, served, public, whole):
        keys = {key for item in walk(get(public, f"/services/{whole.uuid}")) for key in item}

        assert keys <= ALLOWED

    def test_is_the_same_a_week_later(self, served, public, time_machine):
        before = public.get(f"/hsds/en/services/{served.uuid}").text
        time_machine.move_to(timezone.now() + dt.timedelta(days=7))

        assert public.get(f"/hsds/en/services/{served.uuid}").text == before


# A key may only be added here if it may be public.
ALLOWED = {
    "id", "organization_id", "name", "description", "url", "email", "status", "interpretation_services",
    "application_process",
    "fees_description", "eligibility_description", "minimum_age", "maximum_age", "assured_date", "alert",
    "last_modified", "phones",
    "schedules", "service_areas", "service_at_locations", "languages", "organization", "cost_options", "attributes",
    "contacts", "title",
    "number", "type", "code", "uri", "service_id", "location_id", "location", "location_type", "valid_from",
    "valid_to", "dtstart",
    "timezone", "freq", "interval", "byday", "opens_at", "closes_at", "option", "amount", "link_id", "link_type",
    "link_entity", "value",
    "label", "taxonomy_term_id", "taxonomy_term", "taxonomy", "taxonomy_id", "language",
}  # fmt: skip


class TestLocations:
    """Locations of a programme are locations of its service, as long as the service's statements are true of them."""

    def services(self, public, **query):
        return {item["name"]: item for item in get(public, "/services", **query)["contents"]}

    def test_are_where_the_service_is(self, served, public):
        with_locations()

        found = self.services(public)

        ways = found["Many Locations"]["service_at_locations"]
        locations = {way["location"]["id"]: way["location"] for way in ways}
        assert [where["name"] for where in locations.values()] == [
            "In person",
            "Many Locations Berlin",
            "Many Locations Kiel",
        ]
        assert {way["service_id"] for way in ways} == {found["Many Locations"]["id"]}
        berlin = [way for way in ways if way["location"]["name"] == "Many Locations Berlin"]
        assert [way.get("phones", [{}])[0].get("number") for way in berlin] == ["+49 30 23125007", None]
        assert berlin[0]["schedules"]
        assert berlin[0]["service_areas"][0]["name"] == "Berlin"
        assert berlin[0]["location"]["alternate_name"] == "Berlin"
        assert [each["code"] for each in berlin[0]["location"]["languages"]] == ["tr", "de"]

    def test_have_no_service_of_their_own_but_are_not_said_to_be_gone(self, served, public):
        _whole, there, _bare = with_locations()

        assert self.services(public)[there.name].keys() == {"id", "name", "status", "last_modified"}
        assert get(public, f"/services/{there.uuid}")["status"] == "inactive"
        assert there.name not in self.services(public, minimum_age=20)

    def test_are_found_by_themselves_and_lead_to_the_programme(self, served, public):
        _whole, there, bare = with_locations()
        point = there.contact_points.first()

        assert set(self.services(public, search="berlin")) == {"Many Locations"}
        for identity, name in ((point.uuid, there.name), (bare.uuid, bare.name)):
            assert get(public, f"/service_at_locations/{identity}")["location"]["name"] == name

    @pytest.mark.parametrize(
        "facts",
        [
            {"cost": "paid"},
            {"audiences": ["professional"]},
            {"countries": ["at"]},
            {"status": Status.CLOSED},
            {"alert": "in_doubt"},
        ],
        ids=lambda facts: next(iter(facts)),
    )
    def test_with_different_facts_keep_their_service(self, served, public, facts):
        _whole, there, _bare = with_locations(**facts)

        found = self.services(public)

        assert found[there.name]["attributes"]
        told = [way["location"]["name"] for way in found["Many Locations"]["service_at_locations"]]
        assert there.name not in told

    def test_with_an_overdue_check_keep_their_service_without_numbers(self, served, public):
        _whole, there, _bare = with_locations(checked_on=days_ago(400), next_check_due=days_ago(200))

        assert "+49 30 23125007" not in json.dumps(get(public, "/services"))
        assert self.services(public)[there.name]["status"] == "active"

    def test_change_the_service_for_clients_that_poll_for_changes(self, served, public):
        whole, there, _bare = with_locations()
        since = PublicChange.objects.first().at + dt.timedelta(microseconds=1)
        assert self.services(public, modified_after=since.isoformat()) == {}

        acts.hide(listing=there, by=StaffFactory(), reason="gone")

        changed = self.services(public, modified_after=since.isoformat())
        assert {name: item["status"] for name, item in changed.items()} == {
            whole.name: "active",
            there.name: "defunct",
        }
        assert there.name not in json.dumps(changed[whole.name])

    def test_are_rendered_again_with_their_programme(self, home, only_the_api):
        whole, there, bare = with_locations()
        point = there.contact_points.first()

        touched = set(OpenApi().invalidated_by(there))
        assert {f"/hsds/de/services/{whole.uuid}", f"/hsds/de/service_at_locations/{point.uuid}"} <= touched
        touched = set(OpenApi().invalidated_by(whole))
        for path in (
            f"services/{there.uuid}", f"service_at_locations/{point.uuid}", f"service_at_locations/{bare.uuid}"
        ):  # fmt: skip
            assert f"/hsds/en/{path}" in touched


class TestRendering:
    def test_what_is_rendered_is_there_without_a_database(self, prerendered, public, whole, monkeypatch):
        monkeypatch.setattr(BaseDatabaseWrapper, "cursor", lambda *args: 1 / 0)

        for path in ("", "/", "/services", "/services/", f"/services/{whole.uuid}", "/openapi.json"):
            answer = public.get(f"/hsds/en{path}")
            assert (answer.status_code, answer["Content-Type"]) == (200, "application/json"), path

    def test_a_change_reaches_every_language_and_what_is_gone_is_gone(
        self, prerendered, public, whole, django_capture_on_commit_callbacks
    ):
        paths = [f"/hsds/{code}/services/{whole.uuid}" for code in ("en", "de")]
        point = f"/hsds/en/service_at_locations/{whole.contact_points.first().uuid}"
        operator = f"/hsds/en/organizations/{public.get(paths[0]).json()['organization_id']}"
        assert [public.get(path).status_code for path in (point, operator)] == [200, 200]

        with django_capture_on_commit_callbacks(execute=True):
            acts.close(listing=whole, by=StaffFactory(), reason="gone")
        assert {public.get(path).json()["status"] for path in paths} == {"defunct"}
        with django_capture_on_commit_callbacks(execute=True):
            acts.hide(listing=whole, by=StaffFactory(), reason="gone")

        assert [public.get(path).status_code for path in (point, operator)] == [404, 404]
        assert {len(public.get(path).json()) for path in paths} == {4}

    def test_vocabularies_are_rendered_from_the_first_service_to_the_last(
        self, home, only_the_api, django_capture_on_commit_callbacks
    ):
        prerender.render_all()
        before = FileStore().file(f"/hsds/en/taxonomy_terms/{TERM}").exists()
        with django_capture_on_commit_callbacks(execute=True):
            first = ProgrammeFactory(approved=True)
        meanwhile = FileStore().file(f"/hsds/en/taxonomy_terms/{TERM}").exists()
        with django_capture_on_commit_callbacks(execute=True):
            acts.hide(listing=first, by=StaffFactory(), reason="gone")
        after = FileStore().file(f"/hsds/en/taxonomy_terms/{TERM}").exists()

        assert (before, meanwhile, after) == (False, True, False)

    def test_nothing_is_rendered_on_request_except_with_a_query(self, whole, public):
        for path in ("", "/services", f"/services/{whole.uuid}", f"/services/{whole.uuid}?x=1"):
            assert public.get(f"/hsds/en{path}").status_code == 404

    def test_other_sites_may_read_it_and_nothing_else(self, prerendered, public):
        for path in ("/hsds/en/services", "/hsds/en/services?page=2", "/hsds/en/nothing"):
            answer = public.get(path)
            assert answer["Access-Control-Allow-Origin"] == "*"
            assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert not answer.has_header("Access-Control-Allow-Credentials")
        for path in ("/en/", "/open-data/programmes.csv"):
            assert not public.get(path).has_header("Access-Control-Allow-Origin")

    def test_takes_nothing_but_questions(self, public):
        assert public.post("/hsds/en/services", {}).status_code == 405


class TestManyProgrammes:
    def test_takes_the_same_queries_for_few_and_many(self, home, languages):
        def ask():
            for kind in (pages.services, pages.service_at_locations, pages.organizations_page):
                kind(pages.ListQuery())

        ProgrammeFactory.create_batch(2, approved=True, contacts=POINTS[1:3])
        with_locations()
        with same_queries(ask):
            ProgrammeFactory.create_batch(3, approved=True, operator="One", contacts=POINTS[1:3])
            for number in range(2):
                with_locations(name=f"Many Locations {number}")
