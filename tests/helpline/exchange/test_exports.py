"""Tables hold only what two people have approved.

No spreadsheet runs their cells, and the importer reads them back unchanged.
"""

import csv
import datetime as dt
import io
import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.admin.spreadsheets import FORMULA, csv_cell
from helpline.exchange.csv import columns
from helpline.exchange.csv.columns import PROGRAMMES, SUPPORT_LINES
from helpline.exchange.csv.tables import TableError
from helpline.exchange.imports.drafts import ImportOutcome, import_table
from helpline.exchange.open_data import exports
from helpline.models import ContactPoint, Programme, PublicChange
from helpline.vocabulary import codes
from helpline.vocabulary.codes import Channel, Cost, LineKind, Status, YesNo
from tests.factories.helpline import ProgrammeFactory, StaffFactory, SupportLineFactory, days_ago
from tests.helpline.rows import same_queries
from tests.support.publishing import render_only

pytestmark = pytest.mark.django_db

# Every field of a record, none at its default.
EVERYTHING = {
    "name": "=Everything; “said”",
    "operator": "'Quoted'\nand on a second line",
    "operator_type": "charity",
    "countries": ["de", "at", "xx"],
    "reach": "regional",
    "regions": ["at-9"],
    "region": "the North; and beyond",
    "audiences": ["self_thoughts", "professional"],
    "not_for": ["under_18", "convicted"],
    "suitable_for": ["women", "deaf"],
    "minimum_age": 18,
    "maximum_age": 65,
    "website": "https://programme.example/ä?a=1",
    "cost": "paid",
    "anonymous": "yes",
    "asks": "nickname",
    "confidentiality": "secrecy",
    "reporting_trigger": "child_at_risk",
    "legal_basis": "§ 203 StGB",
    "confidentiality_reviewer": "Legal adviser, Example Foundation",
    "confidentiality_reviewed_on": dt.date(2026, 3, 1),
    "evidence": "promising",
    "source_url": "https://source.example/",
    "source_seen": "2026-02",
    "confidence": "high",
    "alert": "waiting_list",
    "alert_note": "Three weeks",
}
POINTS = [
    {
        "channel": "phone", "number": "116123", "number_country": "at", "number_written": "116 123",
        "number_from_abroad": "+4313100",
        "languages": ["de", "en"], "opening_hours": "Mo-Fr 09:00-17:00; PH off", "timezone": "Europe/Vienna",
        "sees": ["number", "device"], "cost": "free",
        "from_abroad": "no", "on_bill": "yes", "answerphone": "no", "interpreter": "yes",
        "interpreter_languages": ["ar", "pl"], "interpreter_count": 200,
    },
    {"channel": "phone", "number": "+493023125000", "languages": ["de"], "timezone": "Europe/Berlin", "cost": "paid"},
    {"channel": "sms", "number": "+493023125001", "languages": ["fr"]},
    {"channel": "email", "email": "help@programme.example", "languages": ["ar"]},
    {"channel": "chat", "url": "https://programme.example/chat", "languages": ["en"], "opening_hours": "24/7"},
    {"channel": "face_to_face", "address": "Hauptstraße 1, 1010 Wien", "languages": ["de"]},
    {"channel": "", "languages": []},
]  # fmt: skip


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def back(table, text):
    return import_table(table, text.encode(), dry_run=True)


def lasting(programme):
    """Return the cells of a programme without those for its current state."""
    moment = {column.name for column in columns.MOMENT}
    return {k: v for k, v in columns.serialize_programme(programme).items() if k not in moment}


def assert_arrives(told, change):
    """Assert that the import makes the exported programme again, as an unchecked draft."""
    made = Programme.objects.get()
    assert change.outcome is ImportOutcome.NEW
    assert (made.live, made.status, made.checked_on) == (False, Status.DRAFT, None)
    assert lasting(made) == told


class TestCells:
    @given(st.text())
    def test_begin_with_nothing_that_a_spreadsheet_runs(self, text):
        cell = str(csv_cell(text))

        assert not cell.lstrip().startswith(FORMULA)

    @given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
    def test_lose_nothing(self, text):
        assert str(csv_cell(text)).removeprefix("'") == text

    @pytest.mark.parametrize("text", ["=1+1", "  =1", "\t=1", "+49", "-1", "@x", "%x", "|x", "\uff1d1", "'x"])
    def test_are_marked_where_they_could_be_run(self, text):
        assert csv_cell(text) == f"'{text}"

    @pytest.mark.parametrize("value", [1, -2.5, None, "a=1", ""])
    def test_are_left_alone_otherwise(self, value):
        assert csv_cell(value) == value


class TestRoundTrip:
    def test_of_everything_that_a_programme_can_say(self):
        ProgrammeFactory(approved=True, contacts=POINTS, **EVERYTHING)
        ProgrammeFactory(approved=True, contacts=[])

        (*changes,) = back(PROGRAMMES, exports.public_csv("programmes"))

        assert [(change.outcome, change.differences) for change in changes] == [(ImportOutcome.SAME, ())] * 2

    def test_of_everything_that_a_support_line_can_say(self):
        SupportLineFactory(
            approved=True, name="-Line", kind=LineKind.CHILD_HELPLINE, number="147", number_written="1 4 7",
            number_from_abroad="+4313101", website="https://line.example/", opening_hours="24/7",
            timezone="Europe/Vienna",
            country="at", languages=["de", "tr"], source_url="https://source.example/", source_seen="2025",
            confidence="low",
            alert="short_hours",
        )  # fmt: skip

        (change,) = back(SUPPORT_LINES, exports.public_csv("support-lines"))

        assert (change.outcome, change.differences) == (ImportOutcome.SAME, ())

    def test_leads_to_the_same_record_on_another_site(self):
        told = lasting(ProgrammeFactory(approved=True, contacts=POINTS, **EVERYTHING))
        text = exports.public_csv("programmes")
        Programme.objects.all().delete()

        (change,) = import_table(PROGRAMMES, text.encode())

        assert_arrives(told, change)
        assert back(PROGRAMMES, text)[0].outcome is ImportOutcome.SAME

    def test_without_numbers_says_nothing_of_contact_points(self):
        ProgrammeFactory(approved=True, checked_on=days_ago(400), next_check_due=days_ago(200))
        SupportLineFactory(approved=True, status=Status.CLOSED)

        changes = [
            *back(PROGRAMMES, exports.public_csv("programmes")),
            *back(SUPPORT_LINES, exports.public_csv("support-lines")),
        ]

        assert [change.outcome for change in changes] == [ImportOutcome.SAME] * 2

    def test_reports_what_is_closed_elsewhere_to_a_person(self):
        ProgrammeFactory(approved=True)
        text = exports.public_csv("programmes").replace(",verified,", ",closed,")

        (change,) = back(PROGRAMMES, text)

        assert change.outcome is ImportOutcome.CONFLICT
        assert [(d.field, d.before, d.after) for d in change.differences] == [("status", "verified", "closed")]

    def test_names_the_field_of_the_contact_point_that_differs(self):
        ProgrammeFactory(approved=True, contacts=POINTS)
        text = exports.public_csv("programmes").replace('""languages"": [""fr""]', '""languages"": [""it""]')

        (change,) = back(PROGRAMMES, text.replace("de;en;fr;ar", "de;en;it;ar"))

        assert [(d.field, d.before, d.after) for d in change.differences] == [
            ("contact_points[3].languages", ["fr"], ["it"])
        ]

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_of_all_facts_of_a_contact_point(self, data):
        points = data.draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "channel": st.sampled_from(["", *Channel.values]),
                        "number": st.sampled_from(["", "112", "116123", "+493023125000"]),
                        "number_country": st.sampled_from(["de", "lu"]),
                        "email": st.sampled_from(["", "a@example.org"]),
                        "languages": st.lists(st.sampled_from(codes.LANGUAGES), max_size=3, unique=True),
                        "opening_hours": st.sampled_from(["", "24/7", "Mo 10:00-12:00"]),
                        "timezone": st.sampled_from(["", "Europe/Berlin"]),
                        "cost": st.sampled_from(Cost.values),
                        "interpreter": st.sampled_from(YesNo.values),
                    }
                ),
                max_size=4,
            )
        )
        Programme.objects.all().delete()
        country = data.draw(st.sampled_from([["de"], ["lu", "de"], ["xx"]]))
        ProgrammeFactory(countries=country, contacts=points, cost=data.draw(st.sampled_from(Cost.values)))
        told = [columns.serialize_programme(programme) for programme in Programme.objects.all()]

        (change,) = back(PROGRAMMES, exports.to_csv(PROGRAMMES, told))

        assert (change.outcome, change.differences) == (ImportOutcome.SAME, ())

    def test_keeps_plain_what_plain_columns_can_say(self):
        import_table(PROGRAMMES, exports.to_csv(PROGRAMMES, [plain_row()]).encode())

        (row,) = [columns.serialize_programme(programme) for programme in Programme.objects.all()]

        assert (row["phone"], row["contact_points"]) == ("+493023125000", "")


def plain_row(**given):
    """Return a row as a person types it."""
    blank = dict.fromkeys(PROGRAMMES.names, "")
    row = {
        "id": "de-x",
        "name": "X",
        "country": "de",
        "channels": "phone",
        "phone": "+493023125000",
        "languages": "de",
    }
    return {**blank, **row, **given}


class TestBadCells:
    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            ({"contact_points": "{"}, "not a list of contact points"),
            ({"contact_points": '["x"]'}, "not a list of contact points"),
            ({"contact_points": "[" * 3000}, "not a list of contact points"),
            ({"contact_points": json.dumps([{"id": str(uuid.uuid4())}] * 51)}, "not a list of contact points"),
            ({"contact_points": '[{"id": "1"}]'}, "contact_points[1].id: This is not an identifier."),
            ({"contact_points": f'[{{"id": "{uuid.UUID(int=1)}", "fax": "1"}}]'}, "contact_points[1].fax"),
            ({"contact_points": f'[{{"id": "{uuid.UUID(int=1)}", "channel": 1}}]'}, "contact_points[1].channel"),
            ({"contact_points": f'[{{"id": "{uuid.UUID(int=1)}", "channel": "fax"}}]'}, "contact_points[1].channel"),
            ({"contact_points": f'[{{"id": "{uuid.UUID(int=1)}", "languages": "de"}}]'}, "not a list of codes"),
            ({"contact_points": f'[{{"id": "{uuid.UUID(int=1)}", "opening_hours": "x"}}]'}, "opening_hours"),
            ({"contact_points": f'[{{"id": "{uuid.UUID(int=1)}"}}, {{"id": "{uuid.UUID(int=1)}"}}]'}, "same id"),
            (
                {"contact_points": f'[{{"id": "{uuid.UUID(int=1)}", "channel": "chat"}}]'},
                "column channels: This differs from",
            ),
            ({"from_age": "12 years"}, "column from_age"),
            ({"to_age": "121"}, "column to_age"),
            ({"from_age": "30", "to_age": "20"}, "wrong way round"),
            ({"status": "open"}, "column status"),
            ({"closed_until": "2026-02-30"}, "column closed_until"),
            ({"confidentiality_reviewed_on": "2026"}, "column confidentiality_reviewed_on"),
        ],
    )  # fmt: skip
    def test_are_named_with_line_and_column(self, cells, message):
        with pytest.raises(TableError) as bad:
            back(PROGRAMMES, exports.to_csv(PROGRAMMES, [plain_row(**cells)]))

        assert message in str(bad.value)
        assert str(bad.value).startswith("Line 2")

    def test_two_listings_cannot_share_a_contact_point(self):
        point = ContactPoint.objects.get(programme=ProgrammeFactory())
        row = plain_row(contact_points=json.dumps([{"id": str(point.uuid)}]), channels="", phone="", languages="")

        with pytest.raises(TableError, match="of another listing"):
            back(PROGRAMMES, exports.to_csv(PROGRAMMES, [row]))


class TestPublicTable:
    def test_has_what_two_people_approved_and_nothing_else(self, settings):
        settings.DEMO = True
        ProgrammeFactory(name="Draft")
        ProgrammeFactory(name="Delisted", approved=True, status=Status.DELISTED, delisted_reason="Not for the public")
        ProgrammeFactory(name="Shown", approved=True)

        text = exports.public_csv("programmes")

        assert [row["name"] for row in read(text)] == ["Shown"]
        assert "Not for the public" not in text

    def test_has_no_numbers_that_are_not_shown_elsewhere(self):
        ProgrammeFactory(approved=True, checked_on=days_ago(400), next_check_due=days_ago(200))
        SupportLineFactory(approved=True, status=Status.CLOSED, number="116123")

        text = exports.public_csv("programmes") + exports.public_csv("support-lines")

        assert "23125000" not in text
        assert "116123" not in text
        assert text.count(",yes,") == 2

    def test_takes_the_same_queries_for_few_and_many(self):
        ProgrammeFactory.create_batch(2, approved=True)
        with same_queries(lambda: exports.public_csv("programmes")):
            ProgrammeFactory.create_batch(3, approved=True)

    @pytest.mark.parametrize("name", exports.FILES)
    def test_is_described_beside_it(self, name):
        ProgrammeFactory(approved=True)
        about = exports.metadata(name)

        table = csv.reader(io.StringIO(exports.public_csv(name)))
        assert [column["name"] for column in about["tableSchema"]["columns"]] == next(table)
        assert about["dc:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
        assert about["dc:modified"]["@value"] == PublicChange.objects.date_of_the_data().date().isoformat()


class TestAdmin:
    @pytest.fixture
    def signed_in(self, private, admin_user):
        private.force_login(admin_user)
        return private

    def test_exports_drafts_in_their_newest_version_as_the_importer_reads_them(self, signed_in):
        programme = ProgrammeFactory(contacts=POINTS, **EVERYTHING)
        programme.operator = "=Newest"
        programme.save_revision(user=StaffFactory())

        answer = signed_in.get("/admin/programmes/", {"export": "csv"})

        text = b"".join(answer.streaming_content).decode()
        assert "'=Newest" in text
        assert [change.outcome for change in back(PROGRAMMES, text)] == [ImportOutcome.SAME]

    def test_a_workbook_has_no_formula(self, signed_in):
        from openpyxl import load_workbook

        ProgrammeFactory(name="=1+1")
        answer = signed_in.get("/admin/programmes/", {"export": "xlsx"})

        sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
        assert [(cell.value, cell.data_type) for cell in sheet["B"]] == [("name", "s"), ("=1+1", "s")]

    def test_takes_the_same_queries_for_few_and_many(self, signed_in):
        def export():
            list(signed_in.get("/admin/programmes/", {"export": "csv"}).streaming_content)

        ProgrammeFactory.create_batch(2, approved=True)
        with same_queries(export):
            ProgrammeFactory.create_batch(3, approved=True)


@pytest.mark.usefixtures("without_api")
class TestPublicFiles:
    PATHS = (
        "/open-data/programmes.csv", "/open-data/programmes.csv-metadata.json", "/open-data/support-lines.csv",
        "/open-data/support-lines.csv-metadata.json",
    )  # fmt: skip

    def test_are_rendered_and_follow_what_is_approved(self, public, home, django_capture_on_commit_callbacks):
        render_only(*self.PATHS)
        assert [public.get(path).status_code for path in self.PATHS] == [200] * 4

        with django_capture_on_commit_callbacks(execute=True):
            ProgrammeFactory(name="Reaches the table", approved=True)

        answer = public.get("/open-data/programmes.csv")
        assert "Reaches the table" in answer.text
        assert answer["Content-Type"] == "text/csv; charset=utf-8"

    def test_are_not_there_before_they_are_rendered(self, public, home):
        assert {public.get(path).status_code for path in self.PATHS} == {404}
