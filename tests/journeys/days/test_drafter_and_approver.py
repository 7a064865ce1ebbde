"""The day of a drafter and of an approver: one drafts a listing, the other approves it, on a site in four languages."""

import time
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from helpline.roles import LISTING_APPROVER
from helpline.vocabulary.codes import LineKind
from home.models import HomePage
from tests.factories.helpline import FinderPageFactory, SupportLineFactory
from tests.factories.users import UserFactory
from tests.journeys.days.conftest import Day
from tests.support.browser import axe, overflow
from tests.support.server import SiteServer
from users import roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FINDERS = {"en": "/en/help/", "de": "/de/help/", "fr": "/fr/help/", "ar": "/ar/help/"}
# To end a hanging test.
# A benchmark measures how soon it is public: the machine that runs the tests may be busy.
SECONDS = 120


@pytest.fixture
def site(real_site: SiteServer) -> SiteServer:
    return real_site


@pytest.fixture
def finders(site: SiteServer, home: HomePage, languages: dict[str, Any]) -> None:
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
        site.wait_for(path)


@pytest.fixture
def people(home: HomePage) -> None:
    """Two people who may each approve: the drafter may not approve what she has written."""
    roles.sync()
    for name in ("Anna", "Ben"):
        UserFactory(email=f"{name.lower()}@example.org", first_name=name, roles=[LISTING_APPROVER], with_password=True)


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


class TestDrafterAndApprover:
    def test_day(self, day: Day, finders: None, people: None) -> None:
        site, private = day.site, day.site.private_url
        anna, ben = day.sign_in("anna@example.org"), day.sign_in("ben@example.org")

        draft(anna, private)
        choose(anna, "Publish")
        anna.get_by_text("Saved as a draft, but not published.").wait_for()
        expect(anna.get_by_text("You cannot approve this:")).to_be_visible()
        expect(anna.get_by_role("button", name="Approve and publish")).to_have_count(0)
        assert "Line of trust" not in site.get("/de/help/").text

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
        all_finders(site, "Line of trust")

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
        all_finders(site, "tel:+493023125999")

        assert all("493023125000" not in site.get(path).text for path in FINDERS.values())
