"""Export and import of practices and criteria as CSV."""

import csv
import io
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from core.search.folding import every_word
from network.directory.search import PracticeAnswers
from network.models import EvidenceCriterion, Member, Practice, PracticeMember
from network.practices import exchange
from network.practices import services as practices
from network.routes import ApiRoute
from tests.factories.helpline import ProgrammeFactory
from tests.factories.network import (
    EvidenceCriterionFactory,
    EvidenceReviewFactory,
    MemberFactory,
    PracticeFactory,
)
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    """A practice with data in every column, including text that a spreadsheet would read as formulas."""
    member = MemberFactory(listed=True)
    practice = PracticeFactory(
        name="=SUM(A1)", levels=["primary", "tertiary"], methods=["therapy"], professions=["nurse"],
        work_settings=["health"], posts=Decimal("1.5"),
        sessions=8, minutes=50, weeks=12, cost=0, cost_year=2025, languages=["de", "ar"], listings=[uuid4()],
        website="https://example.org/", would_again="with_changes",
        owner=member, spoken=["en", "ar"],
    )  # fmt: skip
    practice.texts.filter(language="en").update(
        summary="'quoted'\r\nand, \"more\"; =1+1",
        hard=" -2 posts",
        paid="@home",
        again="''twice",
        audience="\tfor all",
    )
    PracticeMember.objects.create(practice=practice, member=member, part="runs")
    return practice


class TestRoundTrip:
    def test_makes_no_difference(self, practice):
        table = exchange.read(exchange.write([practice]).encode())

        assert (table.changed, table.unchanged) == ([], 1)

    def test_into_an_empty_registry_brings_everything_back(self, practice):
        before = exchange.write(Practice.objects.all())
        practice.delete()

        table = exchange.read(b"\xef\xbb\xbf" + before.encode())
        assert practices.import_practices(versions=table.changed, by=UserFactory()) == 1

        assert exchange.write(Practice.objects.all()) == before
        assert not Practice.objects.get().live

    def test_writes_no_formula(self, practice):
        _columns, row = csv.reader(io.StringIO(exchange.write([practice]), newline=""))

        assert [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))] == []
        assert "'=SUM(A1)" in row

    def test_of_a_change_is_a_version_for_a_second_person_to_publish(self, practice):
        changed = exchange.write([practice]).replace("@home", "at home").replace("8,50,12", "9,,")
        writer = UserFactory()

        table = exchange.read(changed.encode())
        practices.import_practices(versions=table.changed, by=writer)

        practice.refresh_from_db()
        version = practice.get_latest_revision_as_object()
        assert (version.sessions, version.minutes, version.text_in("en").paid) == (9, None, "'at home"[1:])
        assert (practice.sessions, practice.live, practice.authors()) == (8, True, {writer.pk})

    def test_forgets_the_words_of_a_language_whose_cells_are_empty(self, practice):
        columns, rows = exchange._rows(exchange.write([practice]).encode())
        row = {name: "" if name.endswith(":ar") else cell for name, cell in rows[0][1].items()}

        table = exchange.read(exchange.csv_of(columns, [[row[name] for name in columns]]).encode())

        assert [text.language for text in table.changed[0].texts.all()] == ["en"]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"levels": "primary;quaternary"}, "levels: unknown code quaternary."),
        ({"languages": "xx-none"}, "languages: unknown code xx-none."),
        ({"countries": "zz"}, "countries: unknown code zz."),
        ({"uuid": "1"}, "“1” is not a UUID."),
        ({"owner": "1"}, "There is no member with the UUID 1."),
        ({"sessions": "many"}, "sessions: write a whole number."),
        ({"posts": "some"}, "posts: write a number such as 1.5."),
        ({"website": "nowhere"}, "Enter a valid URL."),
        ({"title:en": ""}, "This field cannot be blank."),
    ],
)
def test_a_bad_cell_changes_nothing_and_is_named_with_its_line(cells, problem):
    columns, rows = exchange._rows(exchange.write([PracticeFactory()]).encode())
    row = rows[0][1] | cells

    with pytest.raises(exchange.InvalidTableError) as refusal:
        exchange.read(exchange.csv_of(columns, [[row[name] for name in columns]]).encode())

    assert refusal.value.problems == [f"Line 2: {problem}"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"uuid,name\n1\n", "more or fewer cells"),
        (b'uuid,name\n"1', "not a CSV file"),
        (b"uuid,colour\n", "There is no column name.\nUnknown column: colour."),
        (b"", "There is no column name.\nThere is no column uuid."),
    ],
)
def test_a_bad_file_is_refused(content, problem):
    with pytest.raises(exchange.InvalidTableError, match=problem):
        exchange.read(content)


def test_one_practice_in_two_lines_is_refused():
    table = exchange.write([PracticeFactory()])

    with pytest.raises(exchange.InvalidTableError, match="two lines"):
        exchange.read((table + table.splitlines()[1] + "\n").encode())


class TestCommands:
    def test_export_and_import(self, tmp_path, practice):
        file, user, out = tmp_path / "practices.csv", UserFactory(), io.StringIO()
        call_command("export_practices", file)
        call_command("export_practices", stdout=out)
        assert file.read_bytes().decode() == out.getvalue()
        said = io.StringIO()

        call_command("import_practices", file, by=user.email, stdout=said)

        assert said.getvalue() == "0 new versions, 1 without a difference.\n"

    def test_refuse_a_bad_file_and_a_stranger(self, tmp_path):
        bad = tmp_path / "bad.csv"
        bad.write_text("colour\n")
        for name, by in (
            (bad, UserFactory().email),
            (bad, "nobody@example.org"),
            (tmp_path / "none", UserFactory().email),
        ):
            with pytest.raises(CommandError):
                call_command("import_practices", name, by=by)
        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("import_criteria", bad)

    def test_import_criteria_in_several_languages(self, tmp_path, languages):
        file = tmp_path / "criteria.csv"
        old = EvidenceCriterionFactory(code="fair", name="Old words")
        file.write_text(
            "code,language,name,origin,order\nfair,en,It is fair,Their list,2\nfair,de,Es ist fair,Their list,2\n"
        )

        call_command("import_criteria", file, stdout=io.StringIO())

        assert {each.translation_key for each in EvidenceCriterion.objects.all()} == {old.translation_key}
        assert EvidenceCriterion.objects.named("de")["fair"].name == "Es ist fair"
        assert EvidenceCriterion.objects.named("fr")["fair"].name == "It is fair"
        assert set(EvidenceCriterion.objects.values_list("origin", "order")) == {("Their list", 2)}

    @pytest.mark.parametrize(
        ("row", "problem"),
        [("a,xx,A,,1", "no language xx"), ("a,en,A,,x", "whole number"), ("a b,en,A,,1", "slug")],
    )
    def test_refuse_bad_criteria(self, row, problem):
        with pytest.raises(exchange.InvalidTableError, match=problem):
            exchange.read_criteria(f"code,language,name,origin,order\n{row}\n".encode())


class TestAdmin:
    URL = "practice-table"

    def test_gives_the_table_and_takes_it_back(self, private, manager, practice):
        answer = private.get(reverse("practice-table-file"))
        file = SimpleUploadedFile("practices.csv", answer.content, content_type="text/csv")

        said = private.post(reverse(self.URL), {"table": file}, follow=True).text

        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert "0 new versions, which another person has to publish; 1 without a difference." in said

    @pytest.mark.parametrize("content", [b"colour\n", b"x" * (exchange.LONGEST + 1)])
    def test_says_what_is_wrong_with_a_file(self, private, manager, content):
        said = private.post(reverse(self.URL), {"table": SimpleUploadedFile("a.csv", content)}).text

        assert "Unknown column: colour." in said or "too large" in said


class TestOpenData:
    @pytest.fixture(autouse=True)
    def _registry(self, directory):
        """Publish a registry, in English only."""

    def table(self, public) -> list[dict[str, str]]:
        answer = public.get("/open-data/practices.csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(answer.text, newline="")))

    def test_has_public_data_without_names_of_members(self, practice, public):
        Member.objects.update(name="Canarius")
        practice.listings = [shown := ProgrammeFactory(approved=True).uuid, uuid4()]
        practice.save()
        EvidenceReviewFactory(practice=practice, decided=True, effect="d = 0.35")
        expired = {"decided": True, "expires_on": timezone.localdate(), "effect": "d = 0.36"}
        EvidenceReviewFactory(practice=practice, outcome="risk", **expired)
        EvidenceReviewFactory(practice=practice, outcome="wellbeing")  # open
        PracticeFactory(live=False)

        (row,) = self.table(public)

        assert row["uuid"] == str(practice.uuid)
        assert (row["levels"], row["posts"], row["listings"]) == ("primary;tertiary", "1.5", str(shown))
        assert {name: value for name, value in row.items() if name.startswith("evidence:") and value} == {
            "evidence:offending": "promising"
        }
        assert (row["studies:offending"], row["studies:risk"]) == ("2", "")
        assert (row["effect:offending"], row["effect:risk"]) == ("d = 0.35", "")
        assert row["title:en"].startswith("'=SUM(A1)")  # escaped, so not a formula
        assert "summary:ar" not in row  # the language is not public
        assert str(practice.owner.uuid) not in str(row)
        assert "Canarius" not in str(row)
        assert "'name'" not in str(row)  # the internal name

    def test_explains_its_columns(self, practice, public):
        described = public.get("/open-data/practices.csv-metadata.json").json()

        titles = [each["titles"] for each in described["tableSchema"]["columns"]]
        assert titles == list(self.table(public)[0])
        assert described["dc:license"]["@id"]
        for page in ("/en/network/data/", "/en/network/practices/"):
            assert "/open-data/practices.csv" in public.get(page).text

    def test_follows_practices_labels_and_listings_but_not_members(self, practice):
        api, path = ApiRoute(), "/open-data/practices.csv"

        for changed in (practice, EvidenceReviewFactory(practice=practice), ProgrammeFactory()):
            assert path in set(api.invalidated_by(changed))
        assert path not in set(api.invalidated_by(practice.owner))

    def test_takes_the_same_queries_for_few_and_many(self, public):
        EvidenceReviewFactory(decided=True)

        same_queries(lambda: self.table(public), lambda: [EvidenceReviewFactory(decided=True) for _ in range(5)])


class TestSearch:
    def test_finds_practices_by_their_words_the_archived_last(self, directory):
        old = PracticeFactory(name="A helpline", archived_at=timezone.now())
        new = PracticeFactory(name="Chat of a helpline")
        PracticeFactory(name="A draft of a helpline", live=False)

        def found(*asked: str) -> list[str]:
            return [hit.url for hit in PracticeAnswers().answers(asked, "en")]

        assert found("helpline") == [f"/en/network/practices/{each.uuid}/" for each in (new, old)]
        assert found("helpline", "listens", "chat") == found("chat")
        assert found("helpline", "school") == []
        known = set().union(*map(every_word, PracticeAnswers().names("en")))
        assert {"listens", "chat"} <= known
        assert "draft" not in known
        assert list(PracticeAnswers().names("de")) == []

    def test_stands_on_the_page_of_results(self, directory, public, search_index):
        practice = PracticeFactory(name="Night chat")

        assert f"/en/network/practices/{practice.uuid}/" in public.get("/en/search/", {"q": "night"}).text
