"""A network manager's day: requests to join, one asked back and approved, one declined, and a member hidden."""

import re

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from demo import content
from demo.models import Mail
from home.models import HomePage
from network.roles import NETWORK_MANAGER
from tests.factories.network import CategoryFactory, DirectoryPageFactory, MemberFactory
from tests.factories.users import UserFactory
from tests.journeys.days.conftest import Day
from tests.support.browser import axe, overflow
from tests.support.cached_fixtures import cached_fixture
from tests.support.server import SiteServer
from tests.support.waiting import wait_until
from users import roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LEA = "lea@example.org"


@pytest.fixture
def site(working_site: SiteServer) -> SiteServer:
    return working_site


@pytest.fixture
@cached_fixture
def directory(home: HomePage) -> None:
    """The directory with a member, a manager, and a request to join that was confirmed."""
    with transaction.atomic():  # one render for all of it
        roles.sync()
        CategoryFactory(code="helplines", name="Helplines")
        DirectoryPageFactory(parent=home, introduction=content.read("network", "en").introduction)
        MemberFactory(listed=True, name="Bob Ray")
        MemberFactory(awaiting_review=True, name="Cheap Watches")
        UserFactory(email="network@example.org", roles=[NETWORK_MANAGER], with_password=True)


def follow_newest(page: Page, site: SiteServer, *, number: int) -> None:
    """Follow the link in the mail of this number to Léa, in the mailbox of the demonstration."""
    wait_until(lambda: Mail.objects.filter(recipients=LEA).count() == number)
    page.goto(f"{site.private_url}/demo/mailbox/")
    page.get_by_role("row").filter(has_text=LEA).first.get_by_role("link").click()
    page.locator(".mail-text a").first.click()


class TestNetworkManager:
    def test_day(self, day: Day, directory: None) -> None:
        site = day.site
        site.wait_for("/en/network/")
        lea = day.open(f"{site.public_url}/en/network/", width=360)
        self.join(lea, site)

        manager = day.sign_in("network@example.org")
        self.open_request(manager, "Léa Müllerová")
        assert [*axe(manager), *overflow(manager)] == []
        self.say(manager, "ask_back", "Which helplines?")
        self.answer(lea, site)
        manager.goto(day.admin())
        self.open_request(manager, "Léa Müllerová")
        expect(manager.get_by_text("Those of Czechia.")).to_be_visible()
        manager.get_by_role("button", name="Approve").click()
        manager.get_by_text("Approved.").wait_for()

        manager.goto(day.admin())
        self.open_request(manager, "Cheap Watches")
        self.say(manager, "decline", "The network is for prevention.")
        site.wait_for("/en/network/", contains="Léa Müllerová")
        self.find(day.open(f"{site.public_url}/en/network/", scripts=False))
        follow_newest(lea, site, number=3)
        assert "Léa Müllerová" in lea.inner_text("main")

        manager.goto(day.site.private_url + reverse("network_review:index"))
        manager.get_by_role("link", name="Bob Ray").click()
        manager.get_by_role("button", name="Hide", exact=True).click()
        manager.get_by_text("Hidden.").first.wait_for()
        wait_until(lambda: "Bob Ray" not in site.get("/en/network/").text)

    def join(self, lea: Page, site: SiteServer) -> None:
        """Ask to join, and confirm the request with the link in the mail."""
        lea.get_by_role("link", name="Join the network").click()
        lea.get_by_label("Name of the person or organisation").fill("Léa Müllerová")
        lea.get_by_label("Email address").fill(LEA)
        lea.get_by_label("Researcher").check()
        lea.get_by_label("Country you work in").select_option("cz")
        lea.get_by_label("Czech", exact=True).check()
        lea.get_by_label("Helplines").check()
        lea.get_by_label("One or two sentences about your work").fill("Studies how people find a helpline.")
        audiences = lea.get_by_role("group", name="Who sees what")
        for detail in ("Name", "Country", "About"):
            audiences.get_by_label(detail, exact=True).select_option("Everybody")
        lea.get_by_label("Give me a page of my own").check()
        lea.get_by_label("I have read this").check()
        lea.get_by_role("button", name="Ask to join").click()
        lea.wait_for_url("**/join/sent/")
        assert "We have saved your request" in lea.inner_text("main")

        follow_newest(lea, site, number=1)
        assert "Léa Müllerová" in lea.inner_text("main")
        lea.get_by_role("button", name="Confirm my request").click()
        lea.wait_for_url("**/members/confirmed/")
        assert site.get("/en/network/?q=mullerova").text.count("Léa") == 0

    def open_request(self, manager: Page, name: str) -> None:
        manager.get_by_role("link", name=re.compile("Requests to join")).click()
        manager.get_by_role("link", name=name).click()

    def say(self, manager: Page, action: str, words: str) -> None:
        """Fill in the text of an action, and press its button."""
        button = manager.locator(f"button[name=action][value={action}]")
        form = manager.locator("form", has=button)
        form.locator("textarea").fill(words)
        button.click()
        manager.locator(".messages .success").wait_for()

    def answer(self, lea: Page, site: SiteServer) -> None:
        follow_newest(lea, site, number=2)
        lea.get_by_role("button", name="Open my profile").click()
        expect(lea.get_by_text("Which helplines?")).to_be_visible()
        assert [*axe(lea), *overflow(lea)] == []
        lea.get_by_label("Your answer").fill("Those of Czechia.")
        lea.get_by_role("button", name="Send my answer").click()
        expect(lea.get_by_text("A person will read your answer.")).to_be_visible()

    def find(self, visitor: Page) -> None:
        """Find her in the directory, with what she shows and no more."""
        visitor.get_by_label("Words").fill("mullerova")
        visitor.get_by_role("button", name="Search").click()
        assert "1 member" in visitor.inner_text("#members")
        visitor.get_by_role("link", name="Léa Müllerová").click()
        words = visitor.inner_text("main")
        assert "Studies how people find a helpline." in words
        assert "Czechia" in words
        assert "Helplines" not in words
        assert "example.org" not in words
