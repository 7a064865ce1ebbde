"""Two people and a listing: one drafts it, another approves it, and it is public in every language."""

import time
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone, translation
from playwright.sync_api import Page, expect
from wagtail.users.models import UserProfile

from helpline.exchange.open_data import exports
from helpline.governance import reconfirmation
from helpline.models import ListedSite, OperatorContact, Programme, Report, Scan, SupportLine
from helpline.roles import LISTING_APPROVER
from helpline.scan import services as scans
from helpline.vocabulary.codes import LineKind, OperatorAnswer
from home.models import HomePage
from tests.factories.helpline import FinderPageFactory, ProgrammeFactory, SupportLineFactory, days_ago
from tests.factories.users import UserFactory
from tests.journeys.conftest import open_admin
from tests.support.browser import Opener, axe, cut_off, overflow, turned_numbers
from tests.support.server import SiteServer
from users import roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FINDERS = {"en": "/en/help/", "de": "/de/help/", "fr": "/fr/help/", "ar": "/ar/help/"}
# To end a hanging test.
# A benchmark measures how soon it is public: the machine that runs the tests may be busy.
SECONDS = 120


@pytest.fixture
def finders(real_site: SiteServer, home: HomePage, languages: dict[str, Any]) -> None:
    """A finder in each language, with the crisis lines that it needs to be rendered."""
    with transaction.atomic():  # one render for all of it
        for kind in (LineKind.EMERGENCY, LineKind.SUICIDE_CRISIS):
            SupportLineFactory(kind=kind, country="de", approved=True)
        for code, locale in languages.items():
            above = home
            if code != "en":
                above = home.copy_for_translation(locale)
                above.save_revision().publish()
            FinderPageFactory(parent=above, locale=locale, title=f"Find support {code}")
    for path in FINDERS.values():
        real_site.wait_for(path)


@pytest.fixture
def signed_in(real_site: SiteServer, home: HomePage, open_page: Opener) -> Any:
    """Return a function that signs people in to the admin, each in a separate browser."""
    roles.sync()

    def sign_in(name: str) -> Page:
        user = UserFactory(
            email=f"{name.lower()}@example.org", first_name=name, roles=[LISTING_APPROVER], with_password=True
        )
        return open_admin(open_page, real_site, user.email)

    return sign_in


def choose(page: Page, action: str) -> None:
    """Choose an action from the form's menu."""
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=action).click()


def draft(page: Page, private: str) -> None:
    page.goto(f"{private}/admin/programmes/add/")
    page.locator("#id_name").fill("Line of trust")
    page.locator("#id_countries").fill("Germany")
    page.locator("#id_countries").press("Enter")
    page.locator("#id_audiences input").first.check()
    page.get_by_role("tab", name="Contact").click()
    page.get_by_role("button", name="Add contact point").click()
    page.locator("#id_contact_points-0-channel").select_option("phone")
    page.locator("#id_contact_points-0-number").fill("+493023125000")
    page.locator("#id_contact_points-0-languages").fill("German")
    page.locator("#id_contact_points-0-languages").press("Enter")
    page.get_by_role("tab", name="Check").click()
    page.locator("#id_status").select_option("verified")
    # Typing the date would open the calendar in front of the buttons.
    page.locator("#id_checked_on").evaluate(
        "(field, day) => { field.value = day; field.dispatchEvent(new Event('change', {bubbles: true})); }",
        timezone.localdate().isoformat(),
    )
    page.locator("#id_checked_source").fill("https://service.example/contact")
    page.locator("#id_why").fill("Found on their page.")


def approve(page: Page, reason: str) -> int:
    """Answer each point of the checklist with yes, state the method, and approve.

    Return the number of points.
    """
    points = page.locator(".listing-point")
    for point in points.all():
        point.get_by_label("yes", exact=True).check()
    count = points.count()
    page.get_by_label("How you checked it").fill(reason)
    page.get_by_role("button", name="Approve and publish").click()
    page.get_by_text("Approved. The public will see it shortly.").wait_for()
    return count


def all_finders(site: SiteServer, words: str) -> None:
    until = time.monotonic() + SECONDS
    for path in FINDERS.values():
        site.wait_for(path, contains=words, seconds=until - time.monotonic())


class TestTwoPersonApproval:
    def test_show_a_listing_and_change_its_number_in_every_language(
        self, real_site: SiteServer, finders: None, signed_in: Any
    ) -> None:
        private = real_site.private_url
        anna, ben = signed_in("Anna"), signed_in("Ben")

        draft(anna, private)
        choose(anna, "Publish")
        anna.get_by_text("Saved as a draft, but not published.").wait_for()
        expect(anna.get_by_text("You cannot approve this:")).to_be_visible()
        expect(anna.get_by_role("button", name="Approve and publish")).to_have_count(0)
        assert "Line of trust" not in real_site.get("/de/help/").text

        anna.get_by_role("link", name="Open the form").click()
        anna.get_by_role("tab", name="Check").click()
        anna.locator("#id_why").fill("Found on their page.")
        choose(anna, "Submit to Two-person approval")
        anna.get_by_text("is waiting for a second person").wait_for()

        ben.goto(f"{private}/admin/")
        ben.get_by_role("link", name="To review").click()
        ben.get_by_role("link", name="Line of trust").first.click()
        ben.get_by_role("link", name="Compare and decide").first.click()
        expect(ben.get_by_role("cell", name="+493023125000")).to_be_visible()
        assert axe(ben, within=".listing-review") == []
        assert approve(ben, "Called them.") > 8
        all_finders(real_site, "Line of trust")

        anna.goto(f"{private}/admin/programmes/")
        anna.get_by_role("link", name="Line of trust").first.click()
        anna.get_by_role("tab", name="Contact").click()
        anna.locator("#id_contact_points-0-number").fill("+493023125999")
        anna.get_by_role("tab", name="Check").click()
        anna.locator("#id_why").fill("New number on their page.")
        choose(anna, "Submit to Two-person approval")
        anna.get_by_text("is waiting for a second person").wait_for()
        ben.goto(f"{private}/admin/programmes/")
        ben.get_by_role("link", name="Line of trust").first.click()
        ben.set_viewport_size({"width": 320, "height": 640})
        ben.goto(ben.url.replace("/edit/", "/review/"))
        expect(ben.get_by_text("New number on their page.")).to_be_visible()
        assert overflow(ben) == []
        assert approve(ben, "Called the new number.") == 2
        all_finders(real_site, "tel:+493023125999")

        assert all("493023125000" not in real_site.get(path).text for path in FINDERS.values())


class TestEveryPageOfTheAdmin:
    """Pages for maintaining listings work on a small screen and in Arabic, and show every number as it is dialled."""

    @pytest.fixture
    def listing(self, home: HomePage) -> Programme:
        """A published listing whose website has a finding."""
        phone = {"channel": "phone", "number": "+493023125000", "languages": ["ar", "de"]}
        listing: Programme = ProgrammeFactory(
            name="Line of trust",
            website="https://service.example/",
            approved=True,
            contacts=[{**phone, "opening_hours": "Mo-Fr 09:00-17:00", "timezone": "Europe/Berlin"}],
        )
        site = ListedSite.objects.get(url=listing.website)
        Scan.objects.create(
            site=site,
            grade="F",
            findings=[{"code": "advertising", "facts": ["Meta"]}],
            final_url="https://elsewhere.example/",
        )
        scans.regrade(site)
        return listing

    @pytest.fixture
    def letter(self, listing: Programme) -> str:
        """Return the token of an unanswered letter.

        Another letter was answered, with a draft that changes the number.
        """
        contact = OperatorContact.objects.create(
            listing=listing, email="us@service.example", language="ar", asked_on=days_ago(1)
        )
        with translation.override("ar"):
            reconfirmation.accept_answer(
                token=reconfirmation.make_token(contact, days_ago(1)),
                answer=OperatorAnswer.CHANGED,
                changed={f"{listing.contact_points.get().uuid}-number": "+493023125999"},
                language="ar",
            )
        line = SupportLineFactory(name="Line of the night", number="+493023125997", approved=True)
        asked = OperatorContact.objects.create(listing=line, email="us@line.example", asked_on=timezone.localdate())
        return reconfirmation.make_token(asked, timezone.localdate())

    @pytest.fixture
    def paths(self, listing: Programme, letter: str) -> list[str]:
        line = SupportLine.objects.get(name="Line of the night")
        report = Report.objects.get()
        site = ListedSite.objects.get(url=listing.website)
        of_listings = [
            f"{kind}/{page}"
            for kind, pk in (("programmes", listing.pk), ("support-lines", line.pk))
            for page in ("", f"edit/{pk}/", f"review/{pk}/", f"now/{pk}/", f"history/{pk}/")
        ]
        others = [
            "to-check/", f"to-check/reports/{report.pk}/", f"to-check/operator/programme/{listing.pk}/",
            "listed-sites/", f"listed-sites/{site.pk}/", "reports/coverage/", "listings/import/",
        ]  # fmt: skip
        of_strangers = [f"reconfirmation/{letter}/", f"report/{line.uuid}/", f"report/{listing.uuid}/"]
        return [
            *(f"/admin/{path}" for path in [*of_listings, *others]),
            *(f"/ar/{path}" for path in of_strangers),
        ]

    def test_is_accessible_and_turns_no_number(self, real_site: SiteServer, paths: list[str], signed_in: Any) -> None:
        page = signed_in("Anna")
        profile = UserProfile.get_for_user(get_user_model().objects.get(email="anna@example.org"))

        faults = {}
        for language, width in (("en", 1280), ("ar", 320)):
            profile.preferred_language = language
            profile.save()
            page.set_viewport_size({"width": width, "height": 800})
            for path in paths:
                answer = page.goto(real_site.private_url + path)
                assert answer is not None
                assert answer.status == 200, path
                if found := [
                    *axe(page, within="main"),
                    *overflow(page),
                    *cut_off(page),
                    *turned_numbers(page),
                ]:
                    faults[language, path] = found

        assert faults == {}

    def test_shows_a_file_that_differs_from_what_a_person_checked(
        self, real_site: SiteServer, listing: Programme, signed_in: Any
    ) -> None:
        page = signed_in("Anna")
        text = exports.public_csv("programmes").replace("+493023125000", "+493023125999")
        page.goto(f"{real_site.private_url}/admin/listings/import/")
        page.locator("input[type=file]").set_input_files(
            {"name": "theirs.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        page.get_by_role("button", name="Read the file").click()

        # The page loads itself again until the worker has read the file, which comes after all that is to be rendered.
        row = page.get_by_role("row").filter(has_text="Line of trust")
        expect(row).to_contain_text("Left unchanged: a person has edited or checked it")
        expect(row.get_by_role("cell", name="+493023125000")).to_be_visible()
        expect(row.get_by_role("cell", name="+493023125999")).to_be_visible()
        expect(page.get_by_text("The file would change nothing.")).to_be_visible()
        assert axe(page, within="main") == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert overflow(page) == []
