"""HSDS files are imported like CSV files: completely or not at all, as drafts, never over what a person has checked.

Our own exports come back unchanged.
"""

import contextlib
import copy
import json
import uuid
from operator import itemgetter

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings.base import ROOT
from helpline.exchange.csv.tables import TableError
from helpline.exchange.hsds import pages
from helpline.exchange.hsds.reading import import_documents, import_path
from helpline.exchange.imports.drafts import ImportOutcome
from helpline.governance import services as acts
from helpline.models import Programme
from tests.factories.helpline import ProgrammeFactory, StaffFactory, days_ago
from tests.helpline.exchange.test_exports import EVERYTHING, POINTS, assert_arrives, lasting
from tests.helpline.exchange.test_hsds import with_locations
from tests.support.queries import queries

pytestmark = pytest.mark.django_db

EXAMPLES = ROOT.parent / "shared" / "schemas" / "hsds-3.1-dev" / "examples"
FOREIGN = {
    "id": "ac148810-d857-441c-9679-408f346de14b",
    "name": "Somebody else's service",
    "status": "active",
    "url": "https://example.org/",
    "email": "help@example.org",
    "minimum_age": 18,
    "organization": {"id": str(uuid.UUID(int=3)), "name": "Other operator", "description": "x"},
    "service_areas": [{"id": str(uuid.UUID(int=4)), "uri": "https://www.iso.org/obp/ui/#iso:code:3166:LU"}],
    "languages": [{"id": str(uuid.UUID(int=5)), "code": "fr"}, {"id": str(uuid.UUID(int=6)), "code": "xyz"}],
    "phones": [
        {"id": str(uuid.UUID(int=7)), "number": "+352 26 12 34 56", "type": "voice"},
        {"id": str(uuid.UUID(int=8)), "number": "112", "type": "text", "languages": [{"code": "lb"}]},
        {"id": str(uuid.UUID(int=9)), "number": "+352 1", "type": "fax"},
    ],
    "cost_options": [{"id": str(uuid.UUID(int=10)), "amount": 0}],
}


def services(language="en", **query):
    with translation.override(language):
        return json.dumps(pages.services(pages.ListQuery(**query)), default=str).encode()


def read(data, **given):
    return import_documents([("services.json", data)], **given)


def outcomes(changes):
    return [(change.outcome, change.differences) for change in changes]


class TestRoundTrip:
    def test_of_everything_that_a_programme_can_say(self):
        ProgrammeFactory(approved=True, contacts=POINTS, **EVERYTHING)
        ProgrammeFactory(approved=True, contacts=[])
        acts.close(listing=ProgrammeFactory(approved=True), by=StaffFactory(), reason="gone", until=days_ago(-9))
        acts.close(listing=ProgrammeFactory(approved=True), by=StaffFactory(), reason="gone")
        ProgrammeFactory(approved=True, checked_on=days_ago(400), next_check_due=days_ago(200))
        acts.hide(listing=ProgrammeFactory(approved=True), by=StaffFactory(), reason="gone")

        for language in ("en", "de"):
            assert outcomes(read(services(language))) == [(ImportOutcome.SAME, ())] * 5

    def test_of_a_programme_and_its_locations(self):
        told = [lasting(each) for each in with_locations()]
        data = services()
        assert outcomes(read(data)) == [(ImportOutcome.SAME, ())] * 3
        Programme.objects.all().delete()

        read(data)

        made = map(lasting, Programme.objects.all())
        assert sorted(made, key=itemgetter("id")) == sorted(told, key=itemgetter("id"))

    def test_leads_to_the_same_record_on_another_site(self):
        told, data = lasting(ProgrammeFactory(approved=True, contacts=POINTS, **EVERYTHING)), services()
        Programme.objects.all().delete()

        (change,) = read(data)

        assert_arrives(told, change)
        assert read(data)[0].outcome is ImportOutcome.SAME

    def test_of_a_folder_as_it_is_rendered(self, home, tmp_path, settings):
        settings.RENDER_ON_REQUEST = True
        programme = ProgrammeFactory(approved=True, contacts=POINTS, **EVERYTHING)
        with translation.override("en"):
            objects = {
                "index": pages.root(),
                "services/index": pages.services(pages.ListQuery()),
                f"services/{programme.uuid}/index": pages.one_service(programme.uuid),
                "organizations/index": pages.organizations_page(pages.ListQuery()),
                "service_at_locations/index": pages.service_at_locations(pages.ListQuery()),
                "taxonomy_terms/index": pages.taxonomy_terms(pages.ListQuery()),
            }
        for name, found in objects.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / f"{name}.json").write_text(json.dumps(found, default=str))

        assert outcomes(import_path(tmp_path)) == [(ImportOutcome.SAME, ())]

    def test_shows_field_by_field_what_differs_and_leaves_it(self):
        programme = ProgrammeFactory(approved=True, contacts=POINTS, **EVERYTHING)
        found = json.loads(services())
        service = found["contents"][0]
        service["name"] = "Another name"
        service["status"] = "defunct"
        location = service["service_at_locations"][1]["location"]
        for attribute in location["attributes"]:
            if attribute["value"] == "+493023125000":
                attribute["value"] = "+493023125009"

        (change,) = read(json.dumps(found).encode())

        assert change.outcome is ImportOutcome.CONFLICT
        assert {(d.field, d.before, d.after) for d in change.differences} == {
            ("name", "=Everything; “said”", "Another name"),
            ("status", "verified", "closed"),
            ("contact_points[2].number", "+493023125000", "+493023125009"),
        }
        programme.refresh_from_db()
        assert programme.name == EVERYTHING["name"]

    def test_a_stub_reports_a_removed_service_to_a_person(self):
        programme = ProgrammeFactory(approved=True)
        stub = {"id": str(programme.uuid), "name": "x", "status": "defunct"}
        unknown = {**stub, "id": str(uuid.uuid4())}

        (change,) = read(json.dumps([stub, unknown]).encode())

        assert [(d.field, d.after) for d in change.differences] == [("status", "closed")]


class TestOtherPublishers:
    def test_say_what_the_standard_says(self):
        read(json.dumps(FOREIGN).encode())

        made = Programme.objects.get()
        assert (made.name, made.operator, made.countries) == (
            "Somebody else's service",
            "Other operator",
            ["lu"],
        )
        assert (made.website, made.minimum_age, made.cost) == ("https://example.org/", 18, "free")
        assert [
            (point.channel, point.number, point.number_country, point.email, point.languages)
            for point in made.contact_points.all()
        ] == [
            ("phone", "+35226123456", "", "", ["fr"]),
            ("sms", "112", "lu", "", ["lb"]),
            ("email", "", "", "help@example.org", ["fr"]),
        ]

    def test_what_they_cannot_say_is_left_as_it_is(self):
        read(json.dumps(FOREIGN).encode())
        Programme.objects.update(audiences=["professional"])

        assert outcomes(read(json.dumps([FOREIGN]).encode())) == [(ImportOutcome.SAME, ())]

    @pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the HSDS schemas are not here")
    def test_the_examples_of_the_standard_are_taken_or_explained(self):
        for file in sorted(EXAMPLES.glob("service_*.json")):
            with contextlib.suppress(TableError):
                import_path(file, dry_run=True)


class TestBadFiles:
    def test_are_refused_with_more_services_than_one_file_may_have(self):
        services = [{**FOREIGN, "id": str(uuid.UUID(int=n))} for n in range(3)]

        with pytest.raises(TableError, match="more than 2 services"):
            import_documents([("", json.dumps(services).encode())], most=2)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "This is not valid JSON"),
            (b"{", "This is not valid JSON"),
            (b"\xff\xfe", "UTF-16"),
            (b'{"a": NaN}', "This is not valid JSON"),
            (b"7", "There is no object in this file"),
            (b"[]", "No service was found"),
            (b'{"contents": {}}', "This is not a list"),
            (b"[1]", "[0]: This is not an object"),
            (b"[" * 100_000, "nested too deeply"),
            (b'{"a":' * 40 + b"1" + b"}" * 40, "nested too deeply"),
            (b'{"id": 1, "status": "active", "name": "x"}', "services.json.id: "),
        ],
    )
    def test_are_explained(self, data, message):
        with pytest.raises(TableError) as bad:
            read(data)
        assert message in str(bad.value)
        assert not Programme.objects.exists()

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"id": "x"}, "contents[0].id"),
            ({"name": ""}, "contents[0].name"),
            ({"name": "x" * 201}, "contents[0].name"),
            ({"name": ["x"]}, "contents[0].name"),
            ({"status": "open"}, "contents[0].status"),
            ({"url": "javascript:alert(1)"}, "contents[0].url"),
            ({"email": "help@"}, "contents[0].email"),
            ({"minimum_age": 18.5}, "contents[0].minimum_age"),
            ({"minimum_age": 400}, "contents[0].minimum_age"),
            ({"phones": {}}, "contents[0].phones"),
            ({"phones": [1]}, "contents[0].phones[0]"),
            ({"phones": [{"number": "call us"}]}, "contents[0].phones[0].number"),
            ({"organization": []}, "contents[0].organization"),
            ({"service_areas": [{"extent_type": "country", "extent": "QQ"}]}, "contents[0].service_areas[0]"),
        ],
    )
    def test_name_the_place(self, change, place):
        with pytest.raises(TableError) as bad:
            read(json.dumps({"contents": [{**FOREIGN, **change}]}).encode())
        assert f"services.json.{place}" in str(bad.value)
        assert not Programme.objects.exists()

    def test_a_bad_value_of_ours_names_its_place(self):
        ProgrammeFactory(approved=True, contacts=POINTS, **EVERYTHING)
        found = json.loads(services())
        Programme.objects.all().delete()
        for attribute in found["contents"][0]["service_at_locations"][0]["location"]["attributes"]:
            if attribute["value"] == "Europe/Vienna":
                attribute["value"] = "Vienna"

        with pytest.raises(TableError, match=r"contents\[0\]\.contact_points\[1\]\.timezone: Unknown time zone"):
            read(json.dumps(found).encode())

    def test_one_bad_service_keeps_all_out(self):
        bad = {**FOREIGN, "id": str(uuid.uuid4()), "status": "open"}

        with pytest.raises(TableError):
            read(json.dumps([FOREIGN, bad]).encode())
        assert not Programme.objects.exists()

    def test_the_command_says_what_is_wrong_and_what_would_be_done(self, tmp_path, capsys):
        file = tmp_path / "services.json"
        file.write_text(json.dumps([FOREIGN]))
        call_command("import_listings", "hsds", file, "--dry-run")
        assert "1 would be added" in capsys.readouterr().out
        assert not Programme.objects.exists()

        file.write_text("[")
        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command("import_listings", "hsds", file)

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(sorted(FOREIGN)),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["id", "number", "code", "value", "type", "attributes"]),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=6,
        ),
    )
    def test_any_value_at_a_key_is_accepted_or_explained(self, key, value):
        service = copy.deepcopy(FOREIGN) | {key: value}
        with contextlib.suppress(TableError):
            read(json.dumps(service).encode("utf-8", "replace"), dry_run=True)


class TestManyServices:
    def test_take_the_same_queries_as_few(self):
        def listed(count):
            return json.dumps([{**FOREIGN, "id": str(uuid.uuid4())} for _ in range(count)]).encode()

        read(listed(1))
        data = listed(2)
        few = queries(lambda: read(data))
        data = listed(15)

        assert queries(lambda: read(data)) == few
