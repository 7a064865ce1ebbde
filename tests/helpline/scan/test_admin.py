"""The report on listed websites and the page of each, for users who maintain listings."""

import pytest
from django.urls import reverse

from helpline.admin.listed_sites import site_todos
from helpline.models import Judgement, ListedSite, Programme, Scan
from helpline.scan import services
from tests.factories.helpline import (
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
    days_ago,
    past_every_rule,
)
from tests.helpline.rows import same_queries

pytestmark = pytest.mark.django_db
REPORT = "listed_sites:list"


def site_with(*codes, url="https://service.example/", **fields) -> ListedSite:
    """Return a website that a programme links to, with these findings."""
    ProgrammeFactory(name=f"Programme of {url}", website=url, approved=True)
    site = ListedSite.objects.get(url=url)
    findings = [{"code": code, "facts": ["Meta"] if code == "advertising" else []} for code in codes]
    Scan.objects.create(site=site, grade="A", findings=findings)
    ListedSite.objects.filter(pk=site.pk).update(**fields)
    services.regrade(site)
    site.refresh_from_db()
    return site


def page_of(site) -> str:
    return reverse("listed_sites:site", args=[site.pk])


class TestReport:
    @pytest.fixture(autouse=True)
    def _editor(self, sign_in):
        sign_in("view_listedsite")

    def test_names_websites_with_grade_finding_and_listings(self, private):
        site_with("advertising")

        text = private.get(reverse(REPORT)).text

        assert "https://service.example/" in text
        assert "Advertising companies learn who opens the page." in text
        assert "Programme of https://service.example/" in text

    def test_has_the_worst_first(self, private):
        site_with(url="https://good.example/")
        site_with("advertising", url="https://worst.example/")
        site_with("others", url="https://weak.example/")

        text = private.get(reverse(REPORT)).text

        places = [text.index(f"https://{name}.example/") for name in ("worst", "weak", "good")]
        assert places == sorted(places)

    def test_can_be_filtered(self, private):
        site_with(url="https://good.example/")
        site_with("advertising", url="https://bad.example/")
        site_with(url="https://down.example/", failures=3, problem="gone")

        for query, shown in (
            ("grade=F", {"bad"}),
            ("grade=A&grade=F", {"good", "bad", "down"}),
            ("state=to-judge", {"bad"}),
            ("state=telling", {"bad"}),
            ("state=down", {"down"}),
            ("state=unseen", set()),
            ("url=goo", {"good"}),
            ("state=foo", {"good", "bad", "down"}),
            ("grade=9", {"good", "bad", "down"}),
        ):
            text = private.get(f"{reverse(REPORT)}?{query}").text
            found = {name for name in ("good", "bad", "down") if f"Programme of https://{name}.example/" in text}
            assert found == shown, query

    def test_says_that_the_scan_is_switched_off(self, private):
        assert "The privacy scan is switched off" in private.get(reverse(REPORT)).text

    def test_takes_the_same_queries_for_few_and_many(self, private):
        def visit():
            assert private.get(reverse(REPORT)).status_code == 200

        site_with("advertising", url="https://a.example/")
        with same_queries(visit):
            for name in "bcd":
                site = site_with("others", url=f"https://{name}.example/")
                SupportLineFactory(website=site.url)
                services.judge(site=site, rule="others", verdict="seen", reason="Known", by=None)


class TestSite:
    def test_shows_the_findings_their_reasons_and_the_advice(self, private, sign_in):
        sign_in("view_listedsite")
        site = site_with("advertising", "no_hsts")

        text = private.get(page_of(site)).text

        for words in (
            "Meta",
            "Ask them to remove the advertising pixels.",
            "HSTS",
            "to be judged",
            "Programme of",
        ):
            assert words in text

    def test_shows_the_notice_that_visitors_read(self, private, sign_in):
        sign_in("view_listedsite")

        assert "Visitors see this beside the link" in private.get(page_of(site_with("analytics"))).text

    def test_accepts_a_verdict_with_a_reason(self, private, sign_in, anna):
        sign_in("change_listedsite", person=anna)
        site = site_with("advertising")

        given = {"rule": "advertising", "verdict": "ignored", "reason": "Only after consent: we looked."}
        private.post(page_of(site), given)

        said = Judgement.objects.get()
        assert (said.by, said.verdict, said.facts) == (anna, "ignored", ["Meta"])
        assert "Only after consent: we looked." in private.get(page_of(site)).text

    @pytest.mark.parametrize(
        "given",
        [
            {"rule": "advertising", "verdict": "ignored", "reason": " "},
            {"rule": "foo", "verdict": "ignored", "reason": "x"},
            {"rule": "advertising", "verdict": "foo", "reason": "x"},
            {},
        ],
    )
    def test_notes_nothing_without_a_reason(self, private, sign_in, given):
        sign_in("change_listedsite")
        site = site_with("advertising")

        assert private.post(page_of(site), given).status_code == 200

        assert not Judgement.objects.exists()

    def test_has_it_looked_at_again(self, private, sign_in, settings, monkeypatch, django_capture_on_commit_callbacks):
        settings.SCAN_LISTED_SITES = True
        looked_at = []
        monkeypatch.setattr(services, "scan", looked_at.append)
        sign_in("change_listedsite")
        site = site_with()

        with django_capture_on_commit_callbacks(execute=True):
            response = private.post(page_of(site), {"again": "1"}, follow=True)

        assert looked_at == [site]
        assert "The website will be scanned within a minute" in response.text

    def test_says_that_the_scan_is_switched_off(self, private, sign_in):
        sign_in("change_listedsite")
        site = site_with()

        assert "Scan again now" not in private.get(page_of(site)).text
        assert "switched off" in private.post(page_of(site), {"again": "1"}, follow=True).text

    def test_that_is_not_there_is_not_found(self, private, sign_in):
        sign_in("view_listedsite")

        assert private.get(reverse("listed_sites:site", args=[999]), follow=True).status_code == 404


class TestPermission:
    @pytest.mark.parametrize(
        ("permission", "sees", "changes"),
        [
            ("view_listedsite", True, False),
            ("change_listedsite", True, True),
            ("change_supportline", False, False),
        ],
    )
    def test_is_that_of_listing_groups(self, private, sign_in, permission, sees, changes):
        sign_in(permission)
        site = site_with("advertising")

        assert (private.get(reverse(REPORT)).status_code == 200) is sees
        assert (private.get(page_of(site)).status_code == 200) is sees
        private.post(page_of(site), {"rule": "advertising", "verdict": "seen", "reason": "So it is."})
        assert Judgement.objects.exists() is changes


class TestOnTheListing:
    @pytest.fixture(autouse=True)
    def _administrator(self, private, admin_user):
        private.force_login(admin_user)

    def page(self, private, name, *args):
        return private.get(reverse(f"wagtailsnippets_helpline_programme:{name}", args=args)).text

    def test_its_edit_view_leads_to_its_websites(self, private):
        site = site_with("advertising")

        text = self.page(private, "edit", Programme.objects.get().pk)

        assert page_of(site) in text
        assert "Advertising companies learn who opens the page." in text

    def test_a_new_one_has_none(self, private):
        assert "Privacy of its websites" not in self.page(private, "add")

    def test_its_edit_view_reports_a_missing_number(self, private):
        site = site_with()
        programme = Programme.objects.get()
        past_every_rule(programme, checked_on=days_ago(1))
        Scan.objects.create(site=site, grade="A", numbers=["03023125000"])
        Scan.objects.create(site=site, grade="A", numbers=["112"])

        assert "no longer shows this number" in self.page(private, "edit", programme.pk)


class TestStartPage:
    def shown(self, user):
        return [(str(line.title), line.count) for line in site_todos(user)]

    def test_lists_findings_without_a_verdict_and_sites_that_are_down(self):
        site_with("advertising", failures=3)

        assert self.shown(StaffFactory()) == [
            ("Listed websites that do not answer", 1),
            ("Listed websites with a serious finding from the privacy scan", 1),
        ]

    def test_is_quiet_about_the_rest(self):
        site_with("others", failures=1)

        assert self.shown(StaffFactory()) == []
        assert self.shown(StaffFactory(permissions=[])) == []
