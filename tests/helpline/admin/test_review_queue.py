"""The review queue in the admin, and its actions."""

import re
from html import unescape

import pytest
from django.db import connection
from django.utils import timezone
from wagtail.models import ModelLogEntry

from helpline.governance import reports, services
from helpline.models import ContactPoint, Programme, Report, SupportLine
from helpline.vocabulary.codes import Alert, OperatorAnswer, ReportReason, Status
from tests.factories.helpline import (
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
    approve,
    days_ago,
    past_every_rule,
)
from tests.helpline.rows import same_queries

pytestmark = pytest.mark.django_db
URL = "/admin/to-check/"


@pytest.fixture
def keeper(sign_in):
    return sign_in("change_programme", "change_supportline")


def late(days=5, make=ProgrammeFactory, **fields):
    listing = make(approved=True, **fields)
    past_every_rule(listing, checked_on=days_ago(days + 182), next_check_due=days_ago(days))
    listing.refresh_from_db()
    return listing


def names(page):
    text = unescape(page.content.decode())
    return re.findall(r'<h2 id="[a-z]+-\d+-name"><a href="[^"]+"><bdi>(.*?)</bdi>', text)


def filled(listing, /, **changes):
    """Return the data that the form beside a listing submits."""
    kind = type(listing)._meta.model_name
    return {
        "listing": f"{kind}-{listing.pk}",
        "seen": services.version(listing),
        "source": "https://service.example/now",
    } | changes


def copies(model, number):
    """Copy the first row of a table this many times, in the database."""
    others = {"id", "uuid", "reference"}
    columns = ", ".join(field.column for field in model._meta.concrete_fields if field.column not in others)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (uuid, {columns}) SELECT gen_random_uuid(), {columns} "  # noqa: S608
            f"FROM (SELECT * FROM {table} LIMIT 1) AS one, generate_series(1, {number})"
        )


class TestList:
    def test_shows_both_kinds_the_riskiest_first_and_why(self, keeper):
        late(name="Late programme")
        late(name="Late line", make=SupportLineFactory)
        ProgrammeFactory(name="Never seen")

        page = keeper.get(URL)

        assert names(page) == ["Late line", "Late programme", "Never seen"]
        assert "The check is overdue, and people can still call or write." in page.content.decode()

    def test_shows_what_the_public_reads_to_compare(self, keeper):
        late(website="https://service.example/help")

        page = keeper.get(URL).content.decode()

        assert "030 23125000" in page
        assert 'href="https://service.example/help"' in page

    def test_is_filtered(self, keeper):
        late(name="In Austria", countries=["at"])
        late(name="German line", make=SupportLineFactory)
        both = ["German line", "In Austria"]
        cases = [
            ({"kind": "programme"}, ["In Austria"]),
            ({"kind": "line"}, ["German line"]),
            ({"kind": "suicide_crisis"}, ["German line"]),
            ({"kind": "emergency"}, []),
            ({"country": "at"}, ["In Austria"]),
            ({"country": "de", "kind": "programme"}, []),
            ({"why": "due"}, both),
            ({"why": "hidden"}, []),
            ({"why": "nonsense", "country": "zz", "kind": "'"}, both),
            ({"p": "99"}, both),
            ({"p": "x"}, both),
        ]

        for query, found in cases:
            assert names(keeper.get(URL, query)) == found, query

    def test_shows_only_listings_that_the_user_may_change(self, sign_in):
        late(name="Programme")
        late(name="Line", make=SupportLineFactory)

        assert names(sign_in("change_supportline").get(URL)) == ["Line"]

    def test_is_not_for_those_who_keep_no_listings(self, sign_in):
        client = sign_in("view_programme")

        assert client.get(URL).status_code == 302
        assert URL not in client.get("/admin/").content.decode()

    def test_is_in_the_menu(self, keeper):
        assert URL in keeper.get("/admin/").content.decode()

    def test_is_long_and_has_pages(self, keeper):
        Programme.objects.bulk_create([Programme(name=f"Draft {n:03}", live=False) for n in range(60)])

        second = keeper.get(URL, {"kind": "programme", "p": 2})

        assert names(second)[0] == "Draft 025"
        assert "?kind=programme&amp;p=3" in second.content.decode()

    def test_takes_the_same_queries_for_few_and_many(self, keeper):
        def look():
            assert keeper.get(URL).status_code == 200

        late()
        late(make=SupportLineFactory)
        with same_queries(look):
            # Few lines, which come first, so that the first page still shows both kinds.
            copies(SupportLine, 10)
            copies(Programme, 1_000)
            copies(ContactPoint, 1_000)


class TestOneStep:
    def test_confirms_what_is_shown(self, sign_in):
        anna = StaffFactory()
        listing = late()

        answer = sign_in("change_programme", person=anna).post(URL, filled(listing))

        listing.refresh_from_db()
        assert answer["Location"] == URL
        assert (listing.checked_on, listing.checked_by) == (timezone.localdate(), anna)
        assert listing.freshness(timezone.localdate()) == 0
        assert listing.live_revision.user == anna
        assert ModelLogEntry.objects.filter(action="wagtail.publish", user=anna).exists()
        entry = ModelLogEntry.objects.get(action="helpline.recheck", user=anna)
        assert entry.data["reason"] == "https://service.example/now"

    def test_works_for_support_lines(self, keeper):
        line = late(make=SupportLineFactory)

        keeper.post(URL, filled(line))

        assert SupportLine.objects.get(pk=line.pk).checked_on == timezone.localdate()

    def test_offers_the_last_source(self, keeper):
        late(checked_source="https://service.example/contact")

        assert 'value="https://service.example/contact"' in keeper.get(URL).content.decode()

    def test_offers_the_website_where_there_was_no_source(self, keeper):
        listing = late(website="https://service.example/start")
        past_every_rule(listing, checked_source="")

        assert 'value="https://service.example/start"' in keeper.get(URL).content.decode()

    def test_asks_for_a_source(self, keeper):
        listing = late(name="No source")

        page = keeper.post(URL, filled(listing, source=" "))

        assert page.status_code == 200
        assert "Say which source you checked it against." in page.content.decode()
        assert Programme.objects.get(pk=listing.pk).checked_on == days_ago(187)

    def test_keeps_the_filters(self, keeper):
        answer = keeper.post(f"{URL}?kind=programme&p=1", filled(late()))

        assert answer["Location"] == f"{URL}?kind=programme&p=1"

    def test_records_nothing_if_another_user_was_faster(self, sign_in):
        listing = late()
        seen = filled(listing)
        ben = StaffFactory()
        services.recheck(listing=listing, by=ben, on=timezone.localdate(), source="call with the operator")

        page = sign_in("change_programme").post(URL, seen, follow=True)

        listing.refresh_from_db()
        assert listing.checked_by == ben
        assert "has changed since you opened this page" in page.content.decode()

    def test_does_not_confirm_a_number_that_was_not_on_the_page(self, keeper):
        listing = late()
        seen = filled(listing)
        listing.name = "Another name"
        approve(listing)

        keeper.post(URL, seen)

        assert Programme.objects.get(pk=listing.pk).checked_by is None

    def test_does_not_show_what_two_people_have_not_approved(self, keeper):
        draft = ProgrammeFactory(checked=True)

        page = keeper.post(URL, filled(draft), follow=True)

        assert "takes two people" in page.content.decode()
        assert not Programme.objects.get(pk=draft.pk).live

    def test_needs_the_permission_for_this_kind(self, sign_in):
        listing = late()

        sign_in("change_supportline").post(URL, filled(listing))

        assert Programme.objects.get(pk=listing.pk).checked_on == days_ago(187)

    def test_says_so_of_nonsense(self, keeper):
        listing = late()
        wrong = [
            {"listing": "programme-0"},
            {"listing": "programme-x"},
            {"listing": "user-1"},
            {"listing": ""},
            {"listing": "programme-" + "9" * 40},
            {"seen": "x"},
            {"seen": ""},
        ]

        for one in wrong:
            page = keeper.post(URL, filled(listing, **one), follow=True)
            assert "This listing no longer exists" in page.content.decode(), one

        assert Programme.objects.get(pk=listing.pk).checked_on == days_ago(187)

    def test_settles_that_the_operator_said_so(self, sign_in):
        anna, listing = StaffFactory(), late()
        said = Report.objects.create(listing=listing, what=OperatorAnswer.RIGHT)
        other = Report.objects.create(listing=listing, what=ReportReason.HOURS)

        sign_in("change_programme", person=anna).post(URL, filled(listing))

        said.refresh_from_db()
        other.refresh_from_db()
        assert said.resolved_by == anna
        assert other.resolved_at is None


class TestReports:
    @pytest.fixture
    def report(self):
        return Report.objects.create(
            listing=late(name="Wrong one"),
            what=ReportReason.NUMBER,
            text="030 1\n<script>",
            source="I work there",
            reply_to="b@service.example",
        )

    def test_are_in_the_list_and_read_on_their_own_page(self, keeper, report):
        url = f"{URL}reports/{report.pk}/"

        assert url in keeper.get(URL).content.decode()
        page = keeper.get(url).content.decode()
        assert "030 1<br>&lt;script&gt;" in page
        assert "b@service.example" in page

    def test_are_closed_with_a_reason_and_the_address_goes(self, sign_in, report):
        anna = StaffFactory()
        client = sign_in("change_programme", person=anna)

        client.post(f"{URL}reports/{report.pk}/", {"reason": "Corrected, see the website"})

        report.refresh_from_db()
        assert (report.resolved_by, report.reason, report.reply_to) == (
            anna,
            "Corrected, see the website",
            "",
        )
        entry = ModelLogEntry.objects.get(action="helpline.resolve")
        assert entry.user == anna
        assert entry.message == "Report resolved: Corrected, see the website"

    def test_are_not_closed_without_a_reason(self, keeper, report):
        said = keeper.post(f"{URL}reports/{report.pk}/", {"reason": ""}).text

        assert "Nothing has been changed yet." in said

        report.refresh_from_db()
        assert report.resolved_at is None

    def test_are_closed_once(self, keeper, report):
        reports.resolve(report=report, by=StaffFactory(), reason="Right as it was")

        page = keeper.post(f"{URL}reports/{report.pk}/", {"reason": "Mine"}, follow=True)

        report.refresh_from_db()
        assert report.reason == "Right as it was"
        assert "Another person changed this first" in page.content.decode()

    def test_need_the_permission_for_this_kind(self, sign_in, report):
        client = sign_in("change_supportline")

        client.post(f"{URL}reports/{report.pk}/", {"reason": "Mine"})

        report.refresh_from_db()
        assert report.resolved_at is None

    def test_stand_in_the_history_of_the_listing(self, keeper, report):
        reports.resolve(report=report, by=StaffFactory(), reason="Right as it was")

        page = keeper.get(f"/admin/programmes/history/{report.listing.pk}/").content.decode()

        assert "Right as it was" in page

    def test_go_with_their_listing(self, report):
        report.listing.delete()

        assert not Report.objects.exists()


class TestAlerts:
    """One person may do the same for a line as for a programme."""

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ({"action": "alert", "alert": Alert.IN_DOUBT}, {"alert": Alert.IN_DOUBT}),
            ({"action": "close_until", "until": "2030-01-02"}, {"status": Status.CLOSED_UNTIL}),
        ],
    )
    def test_are_set_on_a_line_immediately(self, keeper, given, found):
        line = SupportLineFactory(approved=True)

        keeper.post(f"/admin/support-lines/now/{line.pk}/", {**given, "reason": "their page"})

        assert SupportLine.objects.public().filter(pk=line.pk, **found).exists()
