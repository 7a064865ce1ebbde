"""Results of campaigns: entered, imported and compared, exported without loss, published without small numbers."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import tables
from campaigns.models import CampaignResult, UsageReport
from campaigns.results import admin, open_data
from campaigns.results.admin import GROUPINGS, totals
from campaigns.results.open_data import ResultRoute
from tests.factories.campaigns import (
    CampaignPageFactory,
    CampaignResultFactory,
    MaterialFactory,
    UsageReportFactory,
)
from tests.factories.users import UserFactory
from tests.support import html
from tests.support.queries import queries
from users import roles

pytestmark = pytest.mark.django_db
TOTALS, EXPORT, IMPORT = (f"/admin/results/{name}/" for name in ("totals", "export", "import"))
HEAD = ",".join(admin.COLUMNS)


@pytest.fixture
def campaign(campaigns):
    return CampaignPageFactory(parent=campaigns, slug="open-doors", title="Open doors")


@pytest.fixture
def poster(campaign):
    return MaterialFactory(name="Poster with a door", campaign_key=campaign.translation_key, live=True)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def file(text: str, encoding: str = "utf-8") -> SimpleUploadedFile:
    return SimpleUploadedFile("results.csv", text.encode(encoding), "text/csv")


def exported() -> str:
    out = io.StringIO()
    csv.writer(out).writerows(admin.table(CampaignResult.objects.all()))
    return out.getvalue()


class TestResult:
    @pytest.mark.parametrize(
        ("wrong", "where"),
        [
            ({"last_day": "2026-08-31"}, "last_day"),
            ({"last_day": "2999-01-01"}, "last_day"),
            ({"shown": 100_000_001}, "shown"),
            ({"put_up": None}, "shown"),
        ],
    )
    def test_that_cannot_be_is_refused(self, campaign, wrong, where):
        result = CampaignResultFactory.build(campaign=campaign, **wrong)

        with pytest.raises(ValidationError) as problem:
            result.full_clean()
        assert where in problem.value.message_dict

    def test_of_another_campaign_is_not_that_of_a_material(self, campaign, poster):
        other = CampaignPageFactory(parent=campaign.get_parent().specific)
        result = CampaignResultFactory.build(campaign=other, material=poster)

        with pytest.raises(ValidationError, match="another campaign"):
            result.full_clean()


class TestTotals:
    @pytest.fixture
    def told(self, campaign, poster):
        CampaignResultFactory(campaign=campaign, material=poster, put_up=200)
        CampaignResultFactory(
            campaign=campaign,
            language="fr",
            channel="social",
            put_up=None,
            shown=40_000,
            clicked=120,
            country="",
        )
        CampaignResultFactory(campaign=campaign, language="fr", material=poster, put_up=50, people=30)
        UsageReportFactory(
            campaign_key=campaign.translation_key, material=poster, material_language="fr", copies=70, country="lu",
            state=UsageReport.State.KEPT,
        )  # fmt: skip
        UsageReportFactory(campaign_key=campaign.translation_key, copies=999)  # not reviewed yet

    def cells(self, page) -> list[list[str]]:
        [listing] = page.all("table", class_="listing")
        return [[cell.text for cell in row.all("th") + row.all("td")] for row in listing.all("tbody")[0].all("tr")]

    def test_are_compared_by_material_language_country_campaign_and_channel(self, told, editor):
        found = {by: self.cells(html.parse(editor.get(TOTALS, {"by": by}).text)) for by in [g.key for g in GROUPINGS]}

        assert found["material"] == [
            ["Poster with a door", "2", "", "", "", "250", "30", "70"],
            ["The campaign as a whole", "1", "40000", "120", "3.0", "", "", ""],
            ["All together", "3", "40000", "120", "3.0", "250", "30", "70"],
        ]
        assert [row[:2] for row in found["language"]] == [
            ["French", "2"],
            ["German", "1"],
            ["All together", "3"],
        ]
        assert {row[0] for row in found["country"]} == {"Luxembourg", "several, or not known", "All together"}
        assert found["campaign"][0][0] == "Open doors"
        assert found["channel"][0][0] == "Print: put up or handed out"

    def test_are_filtered_by_the_filters_and_mind_no_nonsense(self, told, campaign, editor):
        filtered = editor.get(TOTALS, {"by": "language", "country": "lu", "campaign_key": campaign.translation_key})
        wild = editor.get(TOTALS, {"by": "nonsense", "country": "xx", "campaign_key": "nonsense"})
        none = editor.get(TOTALS, {"channel": "event", "language": "de"})

        assert self.cells(html.parse(filtered.text))[-1][5] == "250"
        assert wild.status_code == 200
        assert "There are none." in none.text

    def test_take_the_same_queries_for_few_and_many(self, told, campaign, poster):
        def add_up():
            for grouping in GROUPINGS:
                totals(grouping, CampaignResult.objects.all(), UsageReport.objects.all())

        few = queries(add_up)
        CampaignResultFactory.create_batch(8, campaign=campaign, material=poster)

        assert queries(add_up) == few


class TestTable:
    LINE = ",open-doors,,de,lu,2026-09-01,2026-09-30,social,Report of the network,Views of one second,5000,40,,"

    def test_goes_out_and_back_without_a_difference(self, campaign, poster, editor):
        CampaignResultFactory(campaign=campaign, material=poster, source="=HYPERLINK()", method="'two\nlines, “quoted”")
        CampaignResultFactory(campaign=campaign, country="", put_up=None, shown=0)
        text = editor.get(EXPORT).getvalue().decode()

        plan = admin.ResultReader().read(text)

        assert "'=HYPERLINK()" in text
        assert (plan.rows, plan.same, plan.problems) == ([], 2, [])

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(str.strip))
    def test_keeps_arbitrary_text(self, campaign, words):
        CampaignResult.objects.all().delete()
        CampaignResultFactory(campaign=campaign, source=words or "x", method="m")
        from core.admin.spreadsheets import csv_cell

        safe = io.StringIO()
        csv.writer(safe).writerows(
            [csv_cell(cell) for cell in row] for row in admin.table(CampaignResult.objects.all())
        )

        assert admin.ResultReader().read(safe.getvalue()).rows == []

    def test_is_shown_first_and_saved_after_a_confirmation(self, campaign, editor):
        known = CampaignResultFactory(campaign=campaign)
        changed = exported().replace(",200,", ",250,")
        text = f"{changed}{self.LINE}\r\n"

        shown = editor.post(IMPORT, {"file": file(text)})
        assert CampaignResult.objects.count() == 1
        saved = editor.post(IMPORT, {"table": text})

        assert "1 new result" in shown.text
        assert "1 result changed" in shown.text
        assert saved.status_code == 302
        known.refresh_from_db()
        assert known.put_up == 250
        new = CampaignResult.objects.exclude(pk=known.pk).get()
        assert (new.shown, new.clicked, new.put_up, new.country) == (5000, 40, None, "lu")

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            (LINE.replace("open-doors", "nowhere"), "There is no such campaign."),
            (LINE.replace("open-doors,,", "open-doors,77,"), "There is no such material."),
            (LINE.replace("2026-09-30", "soon"), "Last day"),
            (LINE.replace("5000", "many"), "Shown"),
            (LINE.replace("5000", "99999999999999999999"), "Shown"),
            (LINE.replace(",de,", ",xx,"), "Language of the material"),
            (f"nonsense{LINE}", "this is not an id."),
        ],
    )
    def test_says_what_is_wrong_with_a_line_and_saves_nothing(self, campaign, editor, line, problem):
        text = f"{HEAD}\r\n{line}\r\n{self.LINE}\r\n"

        said = [editor.post(IMPORT, {"file": file(text)}), editor.post(IMPORT, {"table": text})]

        for answer in said:
            assert problem in answer.text
            assert "Line 2" in answer.text
        assert not CampaignResult.objects.exists()

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "The columns are not these"),
            ("id,campaign\r\n1,2\r\n", "The columns are not these"),
            ('a,b\r\n"never ends', "not a CSV file"),
            (f"{HEAD}\r\n" + "x\r\n" * 2001, "At most 2000 lines"),
        ],
    )
    def test_that_is_none_is_refused_with_a_reason(self, campaign, text, problem):
        assert problem in admin.ResultReader().read(text).problems[0]

    def test_with_an_id_twice_is_refused(self, campaign):
        CampaignResultFactory(campaign=campaign)
        head, line = exported().splitlines()
        plan = admin.ResultReader().read(f"{head}\r\n{line}\r\n{line}")

        assert "twice" in plan.problems[0]
        with pytest.raises(ValueError, match="twice"):
            tables.save(plan)

    def test_with_an_id_of_another_site_keeps_it(self, campaign):
        key = "0b8f2a36-0000-4000-8000-000000000001"
        tables.save(admin.ResultReader().read(f"{HEAD}\r\n{key}{self.LINE}\r\n"))

        assert str(CampaignResult.objects.get().key) == key


class TestPublished:
    def test_adds_up_what_is_public_and_leaves_small_numbers_of_people_out(self, campaign, poster, public):
        for clicked, people in ((4, 3), (5, 9)):
            CampaignResultFactory(
                campaign=campaign, material=poster, put_up=100, shown=4, clicked=clicked, people=people,
                source="Not for the public",
            )  # fmt: skip
        hidden = CampaignPageFactory(parent=campaign.get_parent().specific)
        CampaignResultFactory(campaign=hidden)
        hidden.unpublish()

        text = public.get(open_data.CSV).text

        [row] = rows(text)
        assert row == {
            "campaign": "open-doors", "material": str(poster.pk), "kind": poster.kind, "language": "de",
            "country": "lu", "channel": "print", "first_day": "2026-09-01", "last_day": "2026-09-30",
            "shown": "8", "clicked": "", "put_up": "200", "people": "12",
        }  # fmt: skip
        assert "Not for the public" not in text

    def test_is_rendered_again_when_a_result_or_a_campaign_changes(self, campaign, poster):
        result = CampaignResultFactory(campaign=campaign)

        for changed in (result, campaign):
            assert list(ResultRoute().invalidated_by(changed)) == [open_data.CSV]
        assert list(ResultRoute().invalidated_by(poster)) == []
        assert list(ResultRoute().addresses()) == [open_data.CSV]


class TestWhoMay:
    def test_is_a_campaign_editor(self, campaign, private):
        roles.sync()
        for role, statuses in (("Campaign editor", {200}), ("Listing drafter", {302, 403})):
            private.force_login(UserFactory(roles=[role]))
            assert {private.get(path).status_code for path in (TOTALS, EXPORT, IMPORT)} <= statuses

    def test_sees_the_list_with_its_ways_on(self, campaign, poster, editor):
        CampaignResultFactory(campaign=campaign, material=poster)

        answer = editor.get("/admin/snippets/campaigns/campaignresult/", {"country": "lu"})

        assert "Poster with a door" in answer.text
        for path in (TOTALS, EXPORT, IMPORT):
            assert path in answer.text
