"""A researcher's way through the network, from the join form to erasure, with one marked word in all her texts."""

import re
from uuid import uuid4

import pytest
from django.db import transaction
from playwright.sync_api import expect

from demo.models import Mail
from network.messages import services as conversations
from network.models import Member
from network.review import services as review
from tests.factories.network import (
    CategoryFactory,
    DirectoryPageFactory,
    EventIndexPageFactory,
    EventPageFactory,
    MemberFactory,
    OpportunityFactory,
    with_account,
)
from tests.factories.users import UserFactory
from tests.network.personal_data.test_erasures import found
from tests.support.browser import axe, overflow
from tests.support.mail import delivered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = "canarina@example.org"
# The mailbox of the demonstration stands for hers: delivered mail cannot be recalled.
DELIVERED = ["public.demo_mail"]


@pytest.fixture
def practitioner(home) -> Member:
    """A member with a need, in a network with an event."""
    with transaction.atomic():  # one render for all of it
        CategoryFactory(code="helplines", name="Helplines")
        DirectoryPageFactory(parent=home)
        EventPageFactory(parent=EventIndexPageFactory(parent=home), title="Summer school", joining_details="In room 7.")
        bob = with_account(MemberFactory(listed=True, name="Bob Ray", languages=["en"]))
        OpportunityFactory(owner=bob, title="Who evaluates our helpline?", expertise=["helplines"], populations=[])
    return bob


def follow(page, mail: str) -> None:
    """Open the first link of a mail that leads to the members' area."""
    page.goto(re.search(r"https?://\S+/members/\S+", mail)[0])


def join(page, site) -> None:
    page.goto(f"{site.private_url}/en/members/join/")
    page.get_by_label("Name of the person or organisation").fill("Canarina Müllerová")
    page.get_by_label("Email address").fill(ADDRESS)
    page.get_by_label("Researcher").check()
    page.get_by_label("Country you work in").select_option("cz")
    page.get_by_label("English", exact=True).check()
    page.get_by_label("Helplines").check()
    page.get_by_label("One or two sentences about your work").fill("Canarina studies helplines.")
    audiences = page.get_by_role("group", name="Who sees what")
    audiences.get_by_label("Name", exact=True).select_option("Everybody")
    for detail in ("Languages", "Fields of work"):
        audiences.get_by_label(detail, exact=True).select_option("Members who have signed in")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Ask to join").click()
    page.wait_for_url("**/join/sent/")
    follow(page, Mail.objects.get(recipients=ADDRESS).text)
    page.get_by_role("button", name="Confirm my request").click()
    page.wait_for_url("**/members/confirmed/")


class TestResearcher:
    def test_joins_is_matched_writes_takes_part_and_leaves_without_a_trace(self, site_server, open_page, practitioner):
        manager, site = UserFactory(is_superuser=True), site_server
        page = open_page(width=360, scheme="dark")
        join(page, site)
        hers = Member.objects.get(email=ADDRESS)

        review.ask_back(member=hers, by=manager, question="Which helplines?")
        follow(page, delivered()[-1].body)  # sent from here, and not from the site
        page.get_by_role("button", name="Open my profile").click()
        expect(page.get_by_text("Which helplines?")).to_be_visible()
        page.get_by_label("Your answer").fill("Those of Canarina's country.")
        page.get_by_role("button", name="Send my answer").click()
        expect(page.get_by_text("A person will read your answer.")).to_be_visible()
        review.approve(member=hers, by=manager)

        page.get_by_role("link", name="See what others see of you").click()
        everybody, members, team = (
            page.locator(f'h2:has-text("{who}") ~ dl').first.inner_text()
            for who in ("What everybody sees", "What other members see", "What the network's team sees")
        )
        assert "Canarina" in everybody
        assert "Helplines" not in everybody
        assert "Helplines" in members
        assert "studies" not in members
        assert "Canarina studies helplines." in team

        menu = page.get_by_role("navigation", name="Members' area")
        menu.get_by_role("link", name="Your profile").click()
        page.get_by_role("button", name="Open an account").click()
        menu.get_by_role("link", name="What fits you").click()
        expect(page.get_by_role("heading", name="Who evaluates our helpline?")).to_be_visible()
        assert "Helplines" in page.inner_text("main li")
        page.get_by_role("link", name="Who evaluates our helpline?").click()
        page.get_by_role("button", name="I will write to them").click()
        page.get_by_label("Subject").fill("Canarina's offer")
        page.get_by_label("Your message").fill("Canarina would like to.")
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_text("It waits in their inbox.")).to_be_visible()
        conversations.write_message(
            conversation=hers.conversations_started.get(), participant=practitioner, author=practitioner,
            text="Dear Canarina, gladly.", key=uuid4(),
        )  # fmt: skip

        menu.get_by_role("link", name="Your events").click()
        expect(menu.get_by_role("link", name="Your events")).to_have_attribute("aria-current", "page")
        assert axe(page) == []
        assert overflow(page) == []
        menu.get_by_role("link", name=re.compile("Messages.*1 conversation waits for you")).click()
        page.get_by_role("link", name="Bob Ray").click()
        expect(page.get_by_text("Dear Canarina, gladly.")).to_be_visible()
        expect(menu.get_by_role("link", name="Messages", exact=True)).to_be_visible()

        page.goto(f"{site.public_url}/en/events/")
        page.get_by_role("link", name="Summer school").click()
        page.get_by_role("link", name="Register").click()
        page.get_by_role("button", name="Register").click()
        menu.get_by_role("link", name="Your events").click()
        expect(page.get_by_text("You have a place.")).to_be_visible()
        (held,) = found("canarina")
        assert set(DELIVERED) < set(held)

        menu.get_by_role("link", name="Data and leaving").click()
        page.get_by_role("link", name="Leave the network and delete everything").click()
        page.get_by_role("button", name="Delete everything and leave").click()
        page.wait_for_url("**/members/left/")
        assert found("canarina", str(hers.uuid)) == [DELIVERED, ["public.network_erasure"]]
