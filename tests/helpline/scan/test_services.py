"""Results of a scan: the stored data, and their effects."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from core import scheduler
from helpline.admin.review_queue import ranking
from helpline.approval.rule import is_approved
from helpline.finder.publishing import HelpPages
from helpline.governance import services as listings
from helpline.models import Judgement, ListedSite, Programme, Scan
from helpline.scan import schedule, services
from helpline.scan.models import FRESH
from helpline.scan.report import hints_of, listings_of, standings_of
from helpline.vocabulary.codes import Status
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
    approve,
    past_every_rule,
)
from tests.helpline.rows import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.websites import HOST, Websites, page, redirect, spoiled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_api")]

HOME = f"https://{HOST}/"
PIXEL = spoiled('<script src="https://connect.facebook.net/en_US/fbevents.js"></script>')
MEASURED = spoiled('<script src="https://www.google-analytics.com/analytics.js"></script>')


@pytest.fixture
@cached_fixture
def programme() -> Programme:
    with override_settings(SCAN_LISTED_SITES=False):  # the copy must not depend on the first test that uses it
        return ProgrammeFactory(website=HOME, approved=True)


@pytest.fixture
def site(programme: Programme) -> ListedSite:
    return ListedSite.objects.get(url=HOME)


@pytest.fixture
def switched_on(settings: Any) -> None:
    settings.SCAN_LISTED_SITES = True


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses that would be scanned, instead of leaving this machine."""
    asked: list[str] = []
    monkeypatch.setattr(services, "scan", lambda site: asked.append(site.url))
    return asked


def scan(site: ListedSite, websites: Websites, html: str | None = None) -> Scan:
    """Scan the website as it is, or with this page."""
    if html is not None:
        websites.answers[HOME] = page(html)
    made = services.scan(site, visitor=websites.visitor())
    site.refresh_from_db()
    return made


def later(time_machine: Any, **ago: float) -> None:
    time_machine.move_to(timezone.now() + dt.timedelta(**ago), tick=False)


class TestScan:
    def test_keeps_grade_findings_and_numbers(self, site, websites):
        made = scan(site, websites, PIXEL)

        made.refresh_from_db()
        assert (made.grade, made.findings) == ("F", [{"code": "advertising", "facts": ["Meta"]}])
        assert "493023125000" in made.numbers
        assert (site.grade, site.tells_others, site.to_judge) == ("F", True, True)

    def test_gives_a_careful_website_an_a(self, site, websites, programme):
        scan(site, websites)

        programme.refresh_from_db()
        assert (site.grade, site.tells_others, programme.scan_grade) == ("A", False, "A")

    def test_changes_no_listing(self, site, websites, programme):
        """There is no new revision, the approval is still in force, and there are no unpublished changes."""
        before = (programme.latest_revision_id, programme.live_revision_id, programme.last_published_at)

        scan(site, websites, PIXEL)

        programme.refresh_from_db()
        assert (
            programme.latest_revision_id,
            programme.live_revision_id,
            programme.last_published_at,
        ) == before
        assert is_approved(programme, programme.live_revision)
        assert not programme.has_unpublished_changes

    def test_leaves_one_person_enough_for_a_recheck(self, site, websites, programme):
        scan(site, websites, PIXEL)
        programme.refresh_from_db()

        listings.recheck(listing=programme, by=StaffFactory(), on=timezone.localdate(), source="Their page")

        programme.refresh_from_db()
        assert (programme.checked_on, programme.scan_grade) == (timezone.localdate(), "F")

    def test_keeps_the_last_few(self, site, websites):
        for _ in range(Scan.KEPT + 3):
            services._store(Scan(site=site, grade="A"))
        newest = scan(site, websites)

        assert site.scans.count() == Scan.KEPT
        assert site.scans.first() == newest

    def test_keeps_nothing_that_the_database_cannot(self, site, websites):
        websites.answers[HOME] = page(spoiled(body="<a href='tel:\x001\x00' data-track>x</a>"))

        assert scan(site, websites).findings == [{"code": "calls", "facts": ["tel:1"]}]

    def test_of_a_website_that_is_no_longer_listed_keeps_nothing(self, site, websites):
        gone = ListedSite.objects.get(pk=site.pk)
        ListedSite.objects.all().delete()

        services.scan(gone, visitor=websites.visitor())

        assert not Scan.objects.exists()


class TestFailure:
    def test_keeps_the_last_grade_and_says_why(self, site, websites):
        scan(site, websites, PIXEL)
        websites.closed = {"https"}

        made = scan(site, websites)

        assert (made.grade, made.problem, site.grade, site.problem) == ("", "unavailable", "F", "unavailable")

    def test_is_tried_again_less_and_less_often(self, site, websites):
        websites.closed = {"https"}
        waits = []
        for _ in range(6):
            scan(site, websites)
            waits.append((site.due_at - site.tried_at).days)

        assert waits == [1, 3, 7, 14, 30, 30]

    def test_is_forgotten_when_it_answers(self, site, websites):
        websites.closed = {"https"}
        scan(site, websites)
        websites.closed = set()

        scan(site, websites)

        assert (site.failures, site.problem) == (0, "")

    def test_is_none_where_the_website_does_not_want_it(self, site, websites):
        websites.answers[f"{HOME}robots.txt"] = (
            200,
            {"Content-Type": "text/plain"},
            "User-agent: *\nDisallow: /",
        )

        scan(site, websites)

        assert (site.problem, site.failures, (site.due_at - site.tried_at).days) == ("robots", 0, 30)


class TestNotice:
    @pytest.fixture
    def noted(self, site, home, languages, lines):
        FinderPageFactory(parent=home)
        return site

    @pytest.fixture
    def told(self, noted, websites, public, declare, django_capture_on_commit_callbacks):
        """Return a function that scans the website, or this page, and returns whether visitors then get a notice."""
        declare(routes=[HelpPages()])

        def told(html=None):
            with django_capture_on_commit_callbacks(execute=True):
                scan(noted, websites, html)
            return "Others can find out that you visited this website" in public.get("/en/help/").text

        return told

    def test_comes_and_goes_with_what_is_found(self, told, websites):
        assert not told()
        assert told(PIXEL)
        websites.reset()
        assert not told()

    def test_is_for_a_page_that_others_on_the_network_can_read_along(self, told, websites):
        websites.answers[HOME] = redirect(f"http://{HOST}/")
        websites.answers[f"http://{HOST}/"] = page()

        assert told()

    def test_is_not_for_what_is_not_serious(self, told):
        assert not told(spoiled("<link rel='stylesheet' href='https://fonts.googleapis.com/css'>"))

    def test_renders_nothing_while_it_stays_the_same(self, noted, websites, django_capture_on_commit_callbacks):
        scan(noted, websites, PIXEL)

        with django_capture_on_commit_callbacks() as queued:
            scan(noted, websites)

        assert queued == []

    def test_goes_when_the_scan_grows_old(self, noted, websites, time_machine):
        scan(noted, websites, PIXEL)
        later(time_machine, days=FRESH.days + 1)
        job = next(job for job in scheduler.declared() if job.name == "helpline-scan-age")

        for old in job.items():
            job.run(old)

        noted.refresh_from_db()
        assert (noted.tells_others, noted.grade, noted.to_judge) == (False, "", False)
        assert list(job.items()) == []

    def test_is_rendered_on_every_finder_and_beside_lines_on_every_help_page(self, noted, home):
        GuidePageFactory(parent=home.get_children().get(slug="help"), slug="first-steps")

        assert set(HelpPages().invalidated_by(noted)) == {"/en/help/"}
        SupportLineFactory(website=HOME)
        assert set(HelpPages().invalidated_by(noted)) == {"/en/help/", "/en/help/first-steps/"}


class TestJudgement:
    def judge(self, site: ListedSite, verdict: str, rule: str = "advertising") -> None:
        services.judge(site=site, rule=rule, verdict=verdict, reason="We asked them.", by=StaffFactory())
        site.refresh_from_db()

    @pytest.mark.parametrize(
        ("verdict", "follows"),
        [(Judgement.Verdict.IGNORED, ("A", False, False)), (Judgement.Verdict.SEEN, ("F", True, False))],
    )
    def test_lets_a_finding_be_ignored_or_stand_without_asking_again(self, site, websites, verdict, follows):
        scan(site, websites, PIXEL)

        self.judge(site, verdict)

        assert (site.grade, site.tells_others, site.to_judge) == follows

    def test_covers_the_same_again_and_not_what_is_found_later(self, site, websites):
        scan(site, websites, PIXEL)
        self.judge(site, Judgement.Verdict.IGNORED)

        scan(site, websites)
        assert not site.tells_others

        scan(site, websites, PIXEL.replace("<body>", "<body><script>twq('init')</script>"))
        assert (site.grade, site.tells_others, site.to_judge) == ("F", True, True)

    def test_can_pin_what_the_scan_does_not_see(self, site, websites, time_machine):
        scan(site, websites)
        self.judge(site, Judgement.Verdict.PINNED)
        assert (site.grade, site.tells_others, site.to_judge) == ("F", True, False)

        later(time_machine, days=FRESH.days + 1)
        services.regrade(site)

        site.refresh_from_db()
        assert site.tells_others

    def test_can_be_taken_back(self, site, websites):
        scan(site, websites, PIXEL)
        self.judge(site, Judgement.Verdict.IGNORED)

        self.judge(site, Judgement.Verdict.LIFTED)

        assert (site.tells_others, site.to_judge, site.judgements.count()) == (True, True, 2)

    @pytest.mark.parametrize(
        ("rule", "verdict", "reason"),
        [("advertising", "pinned", "  "), ("?", "pinned", "x"), ("mixed", "?", "x")],
    )
    def test_is_nothing_without_a_rule_and_a_reason(self, site, rule, verdict, reason):
        with pytest.raises(ValueError, match="reason"):
            services.judge(site=site, rule=rule, verdict=verdict, reason=reason, by=None)


class TestWhen:
    def test_a_new_website_is_looked_at_when_its_listing_is_published(
        self, switched_on, looked_at, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            programme = ProgrammeFactory(website=HOME, approved=True)
        assert looked_at == [HOME]

        with django_capture_on_commit_callbacks(execute=True):
            programme.website = f"{HOME}new"
            approve(programme)

        assert looked_at == [HOME, f"{HOME}new"]

    def test_a_draft_is_not_looked_at(self, switched_on, looked_at, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            ProgrammeFactory(website=HOME).save_revision(user=StaffFactory())

        assert (looked_at, ListedSite.objects.count()) == ([], 0)

    def test_a_programme_has_the_grade_of_the_website_that_it_names(self, site, websites, programme):
        scan(site, websites, PIXEL)
        programme.refresh_from_db()
        programme.website = "https://other.example/"

        approve(programme)

        programme.refresh_from_db()
        assert programme.scan_grade == ""

    def test_one_website_has_its_turn_at_a_time(self, switched_on):
        for number in range(3):
            ListedSite.objects.create(url=f"https://{number}.example/")

        assert [site.url for site in schedule.due()] == ["https://0.example/"]

    def test_what_is_queued_is_not_queued_again(self, switched_on, site):
        schedule.queue(site)

        assert schedule.due() == []

    def test_nothing_has_its_turn_while_it_is_switched_off(self, site):
        assert schedule.due() == []

    def test_nothing_that_was_queued_before_is_scanned_after_it_is_switched_off(self, site, looked_at):
        schedule.scan_site.func(site.pk)

        assert looked_at == []

    def test_another_process_that_looks_has_the_word(self, switched_on, site, monkeypatch):
        def busy(site):
            raise services.ScanRunningError

        monkeypatch.setattr(services, "scan", busy)

        schedule.scan_site.func(site.pk)

        assert schedule.due() == [site]

    def test_impatience_is_bounded(self, switched_on, site, websites):
        scan(site, websites)

        with pytest.raises(schedule.ScanTooSoonError):
            schedule.request_scan(site)


class TestGather:
    def test_includes_websites_and_contact_points(self):
        point = {"channel": "chat", "url": "https://chat.example/", "languages": ["en"]}
        ProgrammeFactory(website=HOME, approved=True, contacts=[point])
        SupportLineFactory(website="https://line.example/", approved=True)
        ListedSite.objects.all().delete()

        schedule.update_sites()

        assert set(ListedSite.objects.values_list("url", flat=True)) == {
            HOME,
            "https://chat.example/",
            "https://line.example/",
        }

    def test_leaves_alone_what_is_closed_or_a_draft(self):
        ProgrammeFactory(website=HOME)
        ProgrammeFactory(website="https://closed.example/", status=Status.CLOSED, approved=True)
        ListedSite.objects.all().delete()

        schedule.update_sites()

        assert not ListedSite.objects.exists()

    def test_forgets_what_no_listing_names(self, site, programme):
        past_every_rule(programme, website="https://other.example/")

        schedule.update_sites()

        assert list(ListedSite.objects.values_list("url", flat=True)) == ["https://other.example/"]

    def test_takes_the_same_queries_for_few_and_many(self):
        ProgrammeFactory(website=HOME, approved=True)
        with same_queries(schedule.update_sites):
            for number in range(5):
                ProgrammeFactory(website=f"https://{number}.example/", approved=True)


class TestHints:
    def test_report_a_missing_number_until_the_next_check(self, site, websites, programme, time_machine):
        scan(site, websites)
        later(time_machine, days=31)
        scan(site, websites, "<p>Call us: 030 99 99 99 99</p>")

        assert [phone.digits for phone in hints_of([programme])[programme.uuid].gone] == ["+493023125000"]

        later(time_machine, days=1)
        programme.checked_on = timezone.localdate()
        assert not hints_of([programme])[programme.uuid].gone

    def test_put_the_listing_into_the_review_queue_until_the_next_check(self, site, websites, programme, time_machine):
        def reasons():
            return [item.risk.names for item in ranking.items([Programme], timezone.localdate())]

        scan(site, websites)
        later(time_machine, days=31)
        scan(site, websites, "<p>Nothing</p>")
        assert reasons() == [{"missed", "alone"}]

        listings.recheck(listing=programme, by=StaffFactory(), on=timezone.localdate(), source="A call")
        assert reasons() == []

    def test_put_a_listing_whose_website_is_down_into_the_review_queue(self, site, websites, programme):
        ListedSite.objects.filter(pk=site.pk).update(failures=2)
        assert ranking.items([Programme], timezone.localdate()) == []
        websites.closed = {"https"}

        scan(site, websites)

        (item,) = ranking.items([Programme], timezone.localdate())
        assert "down" in item.risk.names

    def test_say_nothing_of_a_number_that_another_page_shows(self, site, websites, programme):
        chat = ListedSite.objects.create(url="https://chat.example/")
        programme.contact_points.create(url=chat.url, channel="chat")
        Scan.objects.create(site=chat, grade="A", numbers=["03023125000"])
        scan(site, websites)
        scan(site, websites, "<p>Nothing</p>")

        assert not hints_of([programme])[programme.uuid].gone

    def test_report_what_does_not_respond(self, site, websites, programme):
        websites.closed = {"https"}
        scan(site, websites)

        assert hints_of([programme])[programme.uuid].down == [site]

    def test_take_the_same_queries_for_few_and_many(self):
        def ask():
            found = list(Programme.objects.prefetch_related("contact_points"))
            sites = list(ListedSite.objects.all())
            return hints_of(found), listings_of(sites), standings_of(sites)

        def make(number):
            ProgrammeFactory(website=f"https://{number}.example/", approved=True)
            site = ListedSite.objects.get(url=f"https://{number}.example/")
            Scan.objects.create(site=site, grade="A", numbers=["112"])

        make(1)
        with same_queries(ask):
            for number in range(2, 9):
                make(number)


class TestCommand:
    def test_does_nothing_while_it_is_switched_off(self):
        with pytest.raises(CommandError, match="switched off"):
            call_command("scan_programmes")

    def test_looks_at_what_is_due(self, site, switched_on, websites, monkeypatch, capsys):
        monkeypatch.setattr(services, "default_visitor", websites.visitor)

        call_command("scan_programmes")

        assert capsys.readouterr().out == f"A {HOME}\n"

    def test_names_an_address_that_no_listing_has(self, switched_on, site):
        with pytest.raises(CommandError, match=r"nobody\.example"):
            call_command("scan_programmes", "https://nobody.example/")


class TestVisitor:
    def test_names_the_site_and_a_contact(self, settings):
        assert services.default_visitor().agent == (
            f"WaymarkSiteCheck/1.0 (+{settings.PUBLIC_URL}/; {settings.DEFAULT_FROM_EMAIL})"
        )

    def test_goes_nowhere_on_this_machine(self, site):
        """Production uses the guard, and no setting turns it off."""
        visitor = services.default_visitor()

        assert not visitor.internet.may_connect("127.0.0.1")
        assert visitor.internet.tls.check_hostname
