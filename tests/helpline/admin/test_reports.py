"""Error reports by staff of other services in the admin."""

import datetime as dt
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from core.http import limits
from core.http.limits import Limit
from helpline.governance import reports, services
from helpline.models import Programme, Report
from helpline.vocabulary.codes import LineKind, ReportReason, Status
from tests.factories.helpline import (
    FinderPageFactory,
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
    past_every_rule,
)
from tests.helpline.rows import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.proof import solved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corrections")]
CHOOSE = "/en/report/"
SENT = "/en/report/sent/"


@pytest.fixture
@cached_fixture
def listing():
    return ProgrammeFactory(name="A service", approved=True)


@pytest.fixture
def private(settings) -> Client:
    """A browser, which names the page that a form was sent from, in a way that no page can forge."""
    return Client(headers={"host": settings.PRIVATE_HOST, "sec-fetch-site": "same-origin"})


def url(listing):
    return f"/en/report/{listing.uuid}/"


def data(**changes):
    filled = {
        "what": ReportReason.NUMBER,
        "text": "It is 030 23125001 now.",
        "source": "https://service.example/",
        "reply_to": "",
    } | changes
    return {f"report-{name}": value for name, value in filled.items()} | {"proof": solved(limits.proof_challenge())}


class TestForm:
    def test_opens_a_task(self, private, listing):
        answer = private.post(url(listing), data(reply_to="b@service.example"))

        assert answer["Location"] == SENT
        report = Report.objects.get()
        assert (report.listing, report.what, report.text, report.source, report.reply_to) == (
            listing,
            ReportReason.NUMBER,
            "It is 030 23125001 now.",
            "https://service.example/",
            "b@service.example",
        )

    def test_changes_nothing_of_what_the_public_sees(self, private, listing):
        before = Programme.objects.filter(pk=listing.pk).values().get()

        private.post(url(listing), data(what=ReportReason.CLOSED))

        assert Programme.objects.filter(pk=listing.pk).values().get() == before
        assert listing.revisions.count() == 1

    def test_is_the_same_for_support_lines(self, private):
        line = SupportLineFactory(approved=True)

        private.post(url(line), data())

        assert Report.objects.get().listing == line

    def test_stores_nothing_about_the_reporter(self, private, listing):
        private.post(url(listing), data(), headers={"user-agent": "Canary", "accept-language": "fr"})

        report = Report.objects.values().get()
        assert "Canary" not in str(report)
        assert "127.0.0.1" not in str(report)
        entry = ModelLogEntry.objects.get(action="helpline.report")
        assert (entry.user, entry.data) == (None, {"what": "number"})

    def test_shows_what_we_say_now_and_the_address_for_those_without_script(self, private, listing):
        page = private.get(url(listing)).content.decode()

        assert "030 23125000" in page
        assert "recorded with your account" not in page
        assert "corrections@example.org" in page.partition("<noscript>")[2].partition("</noscript>")[0]

    def test_says_that_it_is_not_for_telling_what_happened_and_where_to_go(self, private, listing):
        for address in (CHOOSE, url(listing), SENT):
            page = private.get(address).content.decode()

            assert "Do not use this form to tell what happened" in page
            assert "Call 112" in page
            assert "/en/help/" in page

    def test_says_what_must_be_put_right_and_keeps_the_rest(self, private, listing):
        cases = [
            ("what", "", "This field is required."),
            ("what", "right", "Select a valid choice."),
            ("source", " ", "This field is required."),
            ("source", "x" * 501, "at most 500 characters"),
            ("text", "x" * 1001, "at most 1000 characters"),
            ("reply_to", "b@service\nBcc: c@example.org", "Enter a valid email address."),
        ]

        for field, value, message in cases:
            page = private.post(url(listing), data(**{field: value}))
            assert page.status_code == 200, field
            assert message in page.content.decode(), field
            assert field == "text" or "It is 030 23125001 now." in page.content.decode(), field

        assert not Report.objects.exists()

    def test_needs_the_work_of_a_browser(self, private, listing):
        page = private.post(url(listing), data() | {"proof": ""})

        assert page.status_code == 400
        assert not Report.objects.exists()

    @pytest.mark.parametrize("limit", ["ON_LISTING", "FROM_ADDRESS"])
    def test_takes_so_many_in_an_hour(self, private, listing, monkeypatch, limit):
        monkeypatch.setattr(reports, limit, Limit(name="test", times=1, seconds=60 * 60))
        private.post(url(listing), data())

        page = private.post(url(listing), data())

        assert page.status_code == 429
        assert page["Retry-After"] == "3600"
        assert Report.objects.count() == 1

    def test_is_only_about_what_the_public_sees(self, private, listing):
        draft = ProgrammeFactory(name="A draft")
        gone = ProgrammeFactory(name="A delisted one", approved=True)
        past_every_rule(gone, status=Status.DELISTED)

        for unseen in (url(draft), url(gone), f"/en/report/{uuid4()}/"):
            assert private.get(unseen).status_code == 404
            assert private.post(unseen, data()).status_code == 404

    def test_is_not_on_the_public_site(self, public, listing):
        assert public.get(url(listing)).status_code == 404
        assert public.post(url(listing), data()).status_code == 405

    @pytest.mark.parametrize(
        "headers",
        [{}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://other.example"}],
    )
    def test_is_protected_against_other_sites(self, listing, settings, headers):
        private = Client(headers={"host": settings.PRIVATE_HOST} | headers)

        assert private.post(url(listing), data()).status_code == 403
        assert not Report.objects.exists()

    def test_takes_the_origin_of_older_browsers(self, listing, settings):
        private = Client(headers={"host": settings.PRIVATE_HOST, "origin": settings.PRIVATE_URL})

        assert private.post(url(listing), data())["Location"] == SENT

    def test_leaves_no_cookie(self, private, listing):
        private.handler.enforce_csrf_checks = True

        private.get(url(listing))
        private.post(url(listing), data(), follow=True)

        assert Report.objects.exists()
        assert not private.cookies

    def test_is_in_the_languages_of_the_site(self, private, listing):
        for language in ("de", "fr", "ar"):
            page = private.get(f"/{language}/report/{listing.uuid}/").content.decode()

            assert f'lang="{language}"' in page
            assert "What is wrong?" not in page


class TestChoose:
    def test_finds_a_listing_by_a_part_of_its_name(self, private, listing):
        SupportLineFactory(name="A service line", approved=True)
        ProgrammeFactory(name="A service in preparation")

        page = private.get(CHOOSE, {"q": "SERVICE"}).content.decode()

        assert url(listing) in page
        assert "A service line" in page
        assert "in preparation" not in page

    def test_answers_nonsense_with_the_form(self, private, listing):
        for query in ("", " ", "x" * 101, "\x00", "%", "'"):
            page = private.get(CHOOSE, {"q": query})

            assert page.status_code == 200
            assert url(listing) not in page.content.decode()

    def test_takes_the_same_queries_for_few_and_many(self, private, listing):
        def look():
            private.get(CHOOSE, {"q": "service"})

        SupportLineFactory(name="A service line", approved=True)
        with same_queries(look):
            for _ in range(5):
                ProgrammeFactory(name="Another service", approved=True)


class TestFinder:
    def test_names_the_address_for_corrections_without_a_link(self, read, home, lines):
        FinderPageFactory(parent=home)

        page = read("/en/help/")

        assert "corrections@example.org" in page
        assert "mailto:corrections" not in page
        assert "/report/" not in page


class TestListingPage:
    def test_leads_to_the_form_about_this_listing(self, read, home, settings, listing):
        FinderPageFactory(parent=home)
        line = SupportLineFactory(kind=LineKind.EMERGENCY, number="112", approved=True)

        for shown in (listing, line):
            page = read(f"/en/help/listing/{shown.uuid}/")

            assert f'href="{settings.PRIVATE_URL}{url(shown)}"' in page
            assert "corrections@example.org" in page

    def test_leads_nowhere_when_it_is_not_listed_any_more(self, read, home, listing):
        FinderPageFactory(parent=home)
        services.hide(listing=listing, by=StaffFactory(), reason="gone")

        page = read(f"/en/help/listing/{listing.uuid}/")

        assert "no longer listed" in page
        assert "/report/" not in page


class TestForgetting:
    def report(self, **fields):
        made = Report.objects.create(listing=ProgrammeFactory(), what=ReportReason.HOURS, reply_to="b@example.org")
        Report.objects.filter(pk=made.pk).update(**fields)
        return made

    def ago(self, days):
        return timezone.now() - dt.timedelta(days=days)

    def test_deletes_addresses_after_thirty_days(self):
        old = self.report(created_at=self.ago(30))
        new = self.report(created_at=self.ago(29))

        reports.purge()

        old.refresh_from_db()
        new.refresh_from_db()
        assert (old.reply_to, new.reply_to) == ("", "b@example.org")

    def test_deletes_what_was_done_a_year_ago(self):
        self.report(resolved_at=self.ago(365))
        waiting = self.report(created_at=self.ago(900))

        reports.purge()

        assert list(Report.objects.all()) == [waiting]


class TestWords:
    def test_are_deleted_immediately_by_staff_and_the_report_stays(self, private, listing):
        found = reports.file_report(
            listing=listing,
            what=ReportReason.NUMBER,
            text="It happened to me",
            source="I was there",
            reply_to="a@example.org",
        )
        person = StaffFactory(is_superuser=True)
        private.force_login(person)

        private.post(f"/admin/to-check/reports/{found.pk}/", {"forget": ""})

        found.refresh_from_db()
        assert (found.text, found.source, found.reply_to, found.resolved_at) == ("", "", "", None)
        entry = ModelLogEntry.objects.get(action="helpline.forget")
        assert (entry.user, "happened" in str(entry.data)) == (person, False)
