"""CSV files are imported completely or not at all, as drafts, and never over what a person has checked."""

import contextlib
import csv
import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpline.approval.versions import digest
from helpline.exchange.csv.columns import PROGRAMMES, SUPPORT_LINES
from helpline.exchange.csv.tables import TableError
from helpline.exchange.imports import drafts
from helpline.exchange.imports.drafts import ImportOutcome, import_table
from helpline.exchange.imports.parsed import identifier
from helpline.models import ContactPoint, Programme, SupportLine
from helpline.vocabulary.codes import Alert, Status
from tests.factories.helpline import ProgrammeFactory, StaffFactory, past_every_rule
from tests.support.queries import queries
from tests.support.workbooks import Formula, archive, workbook

pytestmark = pytest.mark.django_db

ROW = {
    "id": "de-example",
    "name": "Example",
    "operator": "Example Foundation",
    "country": "DE",
    "coverage": "regional: DE-BE; Bonn",
    "audience": "self_thoughts;professional",
    "channels": "phone;email;chat",
    "phone": "+493023125000;116123",
    "email": "help@example.org",
    "website": "https://example.org/",
    "languages": "de;en",
    "opening_hours": "Mo-Fr 09:00-17:00",
    "timezone": "Europe/Berlin",
    "cost": "free",
    "anonymous": "yes",
    "source_url": "https://source.example/page",
    "source_seen": "2026-02",
    "confidence": "high",
}
LINE = {
    "id": "de-crisis",
    "kind": "suicide_crisis",
    "name": "Crisis line",
    "country": "DE",
    "phone": "116123",
    "website": "https://example.org/",
    "hours": "24/7",
    "languages": "de",
    "source_url": "",
    "confidence": "low",
}


def table(*rows, columns=None):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(rows[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def file(tmp_path):
    def written(content):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def import_file(kind, path, **options):
    return import_table(kind, path.read_bytes(), **options)


@pytest.fixture
def problems(file):
    def found(content, kind=PROGRAMMES):
        with pytest.raises(TableError) as bad:
            import_file(kind, file(content))
        assert not Programme.objects.exists()
        assert not SupportLine.objects.exists()
        return [str(problem) for problem in bad.value.problems]

    return found


class TestGoodFiles:
    def test_imports_the_starter_data(self):
        call_command("import_listings", "programmes", verbosity=0)
        call_command("import_listings", "support-lines", verbosity=0)

        assert (Programme.objects.count(), SupportLine.objects.count()) == (97, 255)
        drafts = Programme.objects.filter(live=False, checked_on=None)
        assert drafts.filter(status=Status.DRAFT).count() == 92
        assert drafts.filter(status=Status.DELISTED).exclude(delisted_reason="").count() == 3
        assert set(drafts.filter(status=Status.CLOSED).values_list("reference", flat=True)) == {
            "de-ktw-regensburg",
            "gb-aurora-project",
        }
        assert drafts.filter(alert=Alert.IN_DOUBT).count() == 5

    def test_says_of_a_row_what_the_row_says(self, file):
        import_file(PROGRAMMES, file(table(ROW)))

        made = Programme.objects.get()
        assert (made.uuid, made.reference) == (identifier("de-example"), "de-example")
        assert (made.countries, made.reach, made.regions, made.region) == (["de"], "regional", ["de-be"], "Bonn")
        assert (made.audiences, made.cost, made.anonymous) == (
            ["self_thoughts", "professional"],
            "free",
            "yes",
        )
        assert [
            (
                point.channel,
                point.number,
                point.number_country,
                point.email,
                point.languages,
                point.opening_hours,
            )
            for point in made.contact_points.all()
        ] == [
            ("phone", "+493023125000", "", "", ["de", "en"], "Mo-Fr 09:00-17:00"),
            ("phone", "116123", "de", "", ["de", "en"], "Mo-Fr 09:00-17:00"),
            ("email", "", "", "help@example.org", ["de", "en"], ""),
            ("chat", "", "", "", ["de", "en"], "Mo-Fr 09:00-17:00"),
        ]

    def test_keeps_what_is_known_of_a_row_without_channels(self, file):
        import_file(PROGRAMMES, file(table({**ROW, "channels": "", "phone": "", "email": "", "opening_hours": ""})))

        point = ContactPoint.objects.get()
        assert (point.channel, point.languages) == ("", ["de", "en"])

    def test_a_second_time_changes_nothing(self, file):
        path = file(table(ROW))
        import_file(PROGRAMMES, path)
        before = list(Programme.objects.values()), list(ContactPoint.objects.values())

        again = import_file(PROGRAMMES, path)

        assert [change.outcome for change in again] == [ImportOutcome.SAME]
        assert (list(Programme.objects.values()), list(ContactPoint.objects.values())) == before

    def test_the_order_of_columns_and_an_empty_line_do_not_matter(self, file):
        content = table(ROW, columns=list(reversed(ROW))) + "\r\n\r\n"

        assert [change.outcome for change in import_file(PROGRAMMES, file(content))] == [ImportOutcome.NEW]

    def test_reads_a_file_that_begins_with_a_mark(self, file):
        assert import_file(PROGRAMMES, file(table(ROW).encode("utf-8-sig")))

    def test_drops_the_apostrophe_before_a_formula(self, file):
        import_file(PROGRAMMES, file(table({**ROW, "name": "'=1+1", "operator": "'+Help"})))

        assert Programme.objects.values_list("name", "operator").get() == ("=1+1", "+Help")

    def test_changes_an_untouched_draft(self, file):
        import_file(PROGRAMMES, file(table(ROW)))

        (change,) = import_file(PROGRAMMES, file(table({**ROW, "operator": "New", "phone": "+493023125001"})))

        assert change.outcome is ImportOutcome.CHANGED
        assert [difference.field for difference in change.differences] == ["operator", "contact_points"]
        made = Programme.objects.get()
        assert made.operator == "New"
        assert made.contact_points.count() == 3
        assert made.get_latest_revision_as_object().contact_points.first().number == "+493023125001"

    def test_takes_the_same_queries_for_few_and_many_that_are_new(self, file):
        def rows(count, prefix, **given):
            return file(table(*({**ROW, **given, "id": f"{prefix}-{n}"} for n in range(count))))

        import_file(PROGRAMMES, rows(1, "warm"))
        path = rows(2, "few")
        few = queries(lambda: import_file(PROGRAMMES, path))
        path = rows(20, "many")

        assert queries(lambda: import_file(PROGRAMMES, path)) == few

    def test_takes_the_same_queries_for_few_and_many_that_changed(self, file):
        def rows(count, **given):
            return file(table(*({**ROW, **given, "id": f"de-{n}"} for n in range(count))))

        import_file(PROGRAMMES, rows(20))
        path = rows(2, operator="Changed", email="new@example.org")
        few = queries(lambda: import_file(PROGRAMMES, path))
        path = rows(20, operator="Changed again", email="newer@example.org")

        assert queries(lambda: import_file(PROGRAMMES, path)) == few

    def test_a_draft_is_what_saving_it_would_have_made_of_it(self, file):
        import_file(PROGRAMMES, file(table(ROW)))
        made = Programme.objects.get()

        assert made.latest_revision.user is None
        assert made.has_unpublished_changes
        assert digest(made.latest_revision) == digest(made.save_revision())


class TestPeopleFirst:
    @pytest.fixture
    def checked(self, file):
        import_file(PROGRAMMES, file(table(ROW)))
        programme = Programme.objects.get()
        programme.operator = "As a person checked it"
        programme.save_revision(user=StaffFactory())
        return programme

    def test_leaves_what_a_person_changed_and_says_so(self, file, checked):
        (change,) = import_file(PROGRAMMES, file(table({**ROW, "website": "https://new.example/"})))

        checked.refresh_from_db()
        assert change.outcome is ImportOutcome.CONFLICT
        assert {(d.field, d.before, d.after) for d in change.differences} == {
            ("operator", "As a person checked it", "Example Foundation"),
            ("website", "https://example.org/", "https://new.example/"),
        }
        assert checked.get_latest_revision_as_object().operator == "As a person checked it"
        assert checked.website == "https://example.org/"

    def test_leaves_what_was_once_public_by_any_author(self, file):
        import_file(PROGRAMMES, file(table(ROW)))
        programme = Programme.objects.get()
        past_every_rule(programme, first_published_at=timezone.now(), operator="As it was public")

        (change,) = import_file(PROGRAMMES, file(table(ROW)))

        assert change.outcome is ImportOutcome.SAME
        programme.refresh_from_db()
        assert programme.operator == "As it was public"

    def test_the_command_reports_it_field_by_field(self, file, checked, capsys):
        call_command("import_listings", "programmes", file(table(ROW)))

        said = capsys.readouterr().out
        assert "! de-example" in said
        assert "operator: 'As a person checked it' -> 'Example Foundation'" in said
        assert "1 left alone" in said


class TestState:
    """A file may mark a draft as closed or in doubt, but not as checked."""

    CLOSED = {**ROW, "status": "closed", "alert": "in_doubt"}

    def test_closes_an_untouched_draft(self, file):
        import_file(PROGRAMMES, file(table(ROW)))

        (change,) = import_file(PROGRAMMES, file(table(self.CLOSED)))

        made = Programme.objects.get()
        assert change.outcome is ImportOutcome.CHANGED
        assert (made.status, made.alert, made.live) == (Status.CLOSED, Alert.IN_DOUBT, False)

    def test_is_taken_with_a_new_row(self, file):
        import_file(PROGRAMMES, file(table(self.CLOSED)))

        assert Programme.objects.get().status == Status.CLOSED

    def test_delists_a_draft_with_a_reason(self, file):
        import_file(PROGRAMMES, file(table({**ROW, "status": "delisted", "delisted_reason": "Its trial is over."})))

        made = Programme.objects.get()
        assert (made.status, made.delisted_reason, made.live) == (Status.DELISTED, "Its trial is over.", False)

    @pytest.mark.parametrize("status", [Status.VERIFIED, Status.DELISTED, Status.DRAFT])
    def test_of_any_other_kind_leaves_a_draft(self, file, status):
        import_file(PROGRAMMES, file(table({**ROW, "status": status})))

        made = Programme.objects.get()
        assert (made.status, made.live) == (Status.DRAFT, False)

    def test_never_changes_what_a_person_has_saved(self, file):
        import_file(PROGRAMMES, file(table(ROW)))
        Programme.objects.get().save_revision(user=StaffFactory())

        (change,) = import_file(PROGRAMMES, file(table(self.CLOSED)))

        assert change.outcome is ImportOutcome.CONFLICT
        assert Programme.objects.get().status == Status.DRAFT


class TestDryRun:
    def test_changes_nothing_and_reports_the_same(self, file):
        path = file(table(ROW))

        would = import_file(PROGRAMMES, path, dry_run=True)

        assert not Programme.objects.exists()
        assert would == import_file(PROGRAMMES, path)

    def test_of_a_changed_row(self, file):
        import_file(PROGRAMMES, file(table(ROW)))
        path = file(table({**ROW, "phone": "", "channels": "chat", "email": ""}))

        would = import_file(PROGRAMMES, path, dry_run=True)

        assert would[0].outcome is ImportOutcome.CHANGED
        assert ContactPoint.objects.count() == 4


class TestAllOrNothing:
    def test_a_crash_in_the_middle_leaves_nothing(self, file, monkeypatch):
        def crash(*args, **kwargs):
            assert Programme.objects.exists()
            raise RuntimeError("power cut")

        monkeypatch.setattr(drafts, "keep_revisions", crash)

        with pytest.raises(RuntimeError):
            import_file(PROGRAMMES, file(table(*({**ROW, "id": f"de-{n}"} for n in range(5)))))

        assert not Programme.objects.exists()

    def test_one_bad_row_keeps_all_out(self, problems):
        assert problems(table(ROW, {**ROW, "id": "de-other", "country": "QQ"})) == [
            "Line 3, column country: “QQ” is not a known code."
        ]


class TestSpreadsheets:
    """Files as spreadsheet programs write them."""

    def imported(self, data):
        import_table(PROGRAMMES, data)
        made = Programme.objects.get()
        return made.name, made.audiences, made.contact_points.first().number

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    def test_are_read_with_any_delimiter(self, delimiter):
        rows = csv.reader(io.StringIO(table(ROW)))
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(rows)

        assert self.imported(text.getvalue().encode("utf-8-sig")) == self.expected()

    def expected(self):
        return ROW["name"], ROW["audience"].split(";"), "+493023125000"

    def test_are_read_from_excel_with_dates_and_numbers_as_excel_has_them(self):
        row = {**ROW, "from_age": 18, "source_seen": dt.date(2026, 2, 11)}

        assert self.imported(workbook(row)) == self.expected()
        made = Programme.objects.get()
        assert (made.minimum_age, made.source_seen) == (18, "2026-02-11")

    def test_bring_back_what_was_exported_to_excel(self):
        programme = ProgrammeFactory(approved=True, name="=not a formula", operator="-Line-")
        row = PROGRAMMES.serialize(programme)

        (change,) = import_table(PROGRAMMES, workbook(row), dry_run=True)

        assert (change.outcome, change.differences) == (ImportOutcome.SAME, ())

    @pytest.mark.parametrize("formula", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-x", "\uff1d1"])
    def test_are_refused_with_a_formula(self, problems, formula):
        (found,) = problems(table({**ROW, "operator": formula}))

        assert found.startswith("Line 2, column operator: This is a formula, and only values are read.")
        import_table(PROGRAMMES, table({**ROW, "operator": f"'{formula}"}).encode())
        assert Programme.objects.get().operator == formula

    def test_are_refused_with_a_formula_of_excels(self, problems):
        assert "column name: This is a formula" in problems(workbook({**ROW, "name": Formula("=A1")}))[0]

    @pytest.mark.parametrize("make", [lambda *rows: table(*rows).encode(), workbook])
    def test_are_refused_for_too_many_rows_before_other_problems(self, make):
        rows = ({**ROW, "id": f"de-{n}", "country": "QQ"} for n in range(4))

        with pytest.raises(TableError, match="more than 3 rows, so it was not read"):
            import_table(PROGRAMMES, make(*rows), most=3)


class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "The file is empty."),
            (b"\xff\xfei\x00d\x00", "UTF-16"),
            ("id,name\nde-x,Ä".encode("latin-1"), "Line 2: The file is not written in UTF-8"),
            ("id\0,name", "Line 1: There is a NUL character"),
            (table(ROW) + '"de-open,' + "x" * 200_000, "Line 3: A cell is far too long"),
            (table(ROW) + '"de-open,x\n', "Line 3: This is not valid CSV"),
            (table(ROW) + "de-short,x\n", "Line 3: There are 2 cells instead of 18"),
            (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "This Excel file cannot be read"),
            (workbook(ROW)[:-400], "This Excel file cannot be read"),
            (archive("xl/workbook.xml", b"x" * (41 * 1024 * 1024)), "larger than 40 MB when it is unpacked"),
            (archive("README", b"no workbook"), "This Excel file cannot be read"),
        ],
        ids=[
            *("empty", "utf-16", "latin-1", "nul", "huge", "open-quote", "short"),
            *("zip", "cut off", "bomb", "archive"),
        ],
    )
    def test_says_what_is_wrong(self, problems, content, message):
        assert message in problems(content)[0]

    def test_names_missing_and_unknown_columns(self, problems):
        row = {**{name: value for name, value in ROW.items() if name != "cost"}, "price": "1"}

        assert problems(table(row)) == [
            "Line 1, column cost: This column is missing.",
            "Line 1, column price: This column is not known.",
        ]

    def test_names_a_column_that_is_there_twice(self, problems):
        assert problems(",".join([*ROW, "name"]) + "\n") == ["Line 1, column name: This column appears more than once."]

    def test_names_an_id_that_is_there_twice(self, problems):
        assert problems(table(ROW, ROW)) == ["Line 3, column id: “de-example” is already in line 2."]

    def test_counts_lines_and_not_rows(self, problems):
        first = {**ROW, "operator": "One\nTwo\nThree"}

        assert problems(table(first, {**ROW, "id": "x-2", "country": "QQ"}))[0].startswith("Line 5, column country")

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command("import_listings", "programmes", tmp_path / "nothing.csv")

    @pytest.mark.parametrize(
        ("column", "value", "message"),
        [
            ("id", "De Example!", "lower-case letters"),
            ("id", "", "lower-case letters"),
            ("name", "", "This cell is empty."),
            ("name", "x" * 201, "longer than 200"),
            ("country", "QQ", "“QQ” is not a known code."),
            ("country", "", "not a known code"),
            ("country", "EU", "not a known code"),
            ("coverage", "everywhere", "national, regional or international"),
            ("audience", "self_thoughts;everybody", "“everybody” is not a known code."),
            ("channels", "phone;fax;email;chat", "“fax” is not a known code."),
            ("phone", "+49", "5 to 15 digits"),
            ("phone", "0800 REVENT", "country code and number"),
            ("phone", "+4930231250001234567", "5 to 15 digits"),
            ("phone", "+999123456", "No such number exists"),
            ("email", "help@", "valid email"),
            ("website", "javascript:alert(1)", "valid URL"),
            ("website", "ftp://example.org/", "valid URL"),
            ("website", "example.org", "valid URL"),
            ("languages", "de;xq", "“xq” is not a known code."),
            ("opening_hours", "Mo-Fr 9-17", "cannot read these opening hours from"),
            ("opening_hours", "always", "opening hours"),
            ("timezone", "Berlin", "Unknown time zone"),
            ("timezone", "../../etc/passwd", "Unknown time zone"),
            ("cost", "cheap", "“cheap” is not a known code."),
            ("anonymous", "maybe", "“maybe” is not a known code."),
            ("source_url", "data:text/html,x", "valid URL"),
            ("source_seen", "yesterday", "This is not a date"),
            ("source_seen", "2026-02-30", "does not exist"),
            ("source_seen", "2026-13", "does not exist"),
            ("confidence", "certain", "“certain” is not a known code."),
        ],
    )
    def test_names_line_and_column_of_a_bad_value(self, problems, column, value, message):
        found = problems(table({**ROW, column: value}))

        assert any(text.startswith(f"Line 2, column {column}: ") and message in text for text in found)

    def test_a_number_without_its_channel(self, problems):
        assert problems(table({**ROW, "channels": "email;chat"})) == [
            "Line 2, column phone: This cell has a value, but “phone” is not among the channels."
        ]

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("kind", "police"),
            ("kind", ""),
            ("country", "XX"),
            ("phone", "1"),
            ("phone", "abc"),
            ("hours", "9 to 5"),
            ("languages", "xq"),
            ("website", "www.example.org"),
        ],
    )
    def test_names_a_bad_value_of_a_support_line(self, problems, column, value):
        assert problems(table({**LINE, column: value}), SUPPORT_LINES)[0].startswith(f"Line 2, column {column}: ")

    def test_a_command_prints_every_problem(self, file, capsys):
        path = file(table({**ROW, "country": "QQ", "cost": "cheap"}))

        with pytest.raises(CommandError, match="2 problem"):
            call_command("import_listings", "programmes", path)

        assert "Line 2, column country" in capsys.readouterr().err

    @pytest.mark.parametrize(("kind", "row"), [(PROGRAMMES, ROW), (SUPPORT_LINES, LINE)])
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data(), st.text(max_size=300))
    def test_any_value_of_a_cell_is_accepted_or_explained(self, file, kind, row, data, value):
        column = data.draw(st.sampled_from(list(row)))
        with contextlib.suppress(TableError):
            import_file(kind, file(table({**row, column: value}).encode("utf-8", "replace")), dry_run=True)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(max_size=400))
    def test_any_content_of_a_file_is_explained(self, file, content):
        with pytest.raises(TableError):
            import_file(PROGRAMMES, file(content))
