"""A partner's day, on a phone, with a link and no account.

Her page, her report of use, her certificate, until the link is revoked.
"""

import pypdfium2
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from campaigns.models import Partner, UsageReport
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    MaterialFactory,
    PartnerFactory,
    chosen,
)
from tests.factories.users import UserFactory
from tests.journeys.days.conftest import Day
from tests.support.browser import axe, cut_off, overflow
from tests.support.server import SiteServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(site_server: SiteServer) -> SiteServer:
    return site_server


@pytest.fixture
def lantern(site, home) -> Partner:
    """A partner of a public campaign, and an editor."""
    partner = PartnerFactory(name="Lantern", country="be")
    page = CampaignPageFactory(
        parent=CampaignIndexPageFactory(parent=home),
        title="Choose your path",
        partners=chosen(partner),
        period_start="2026-10-01",
    )
    MaterialFactory(campaign=page)
    UserFactory(email="editor@example.org", is_superuser=True, with_password=True)
    return partner


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def is_sound(page: Page) -> bool:
    return [*axe(page), *overflow(page), *cut_off(page)] == []


class TestPartner:
    def test_day(self, day: Day, lantern: Partner) -> None:
        editor = day.sign_in("editor@example.org")
        editor.goto(day.site.private_url + reverse("partner", args=[lantern.pk]))
        editor.get_by_role("button", name="Make a link").click()
        link = editor.locator(".help-block code").inner_text()

        page = day.open(link, width=320)
        expect(page.get_by_role("heading", level=1)).to_have_text("Lantern")
        here = page.url
        assert link.strip("/").rsplit("/", 1)[1] not in here
        assert is_sound(page)
        self.tell(page)
        page.goto(here)
        expect(page.get_by_text("2 November 2026, Belgium")).to_be_visible()
        with page.expect_download() as downloading:
            page.get_by_role("link", name="Choose your path").click()
        certificate = downloading.value.path().read_bytes()

        assert [words for words in ("Lantern", "Choose your path") if words not in text_of(certificate)] == []
        report = UsageReport.objects.get()
        assert (report.partner, report.copies, report.state) == (lantern, 250, UsageReport.State.WAITING)

        editor.get_by_role("button", name="Revoke").click()
        page.goto(here)
        expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
        stranger = day.open(link, width=320)
        expect(stranger.get_by_role("heading", level=1)).to_have_text("This link no longer works")

    def tell(self, page: Page) -> None:
        """Submit a report of use: refused without its copies, put right, previewed, sent."""
        page.get_by_role("link", name="Tell us how you used the materials").click()
        assert is_sound(page)
        page.get_by_label("Campaign").select_option("Choose your path")
        page.get_by_label("Day").fill("2026-11-02")
        page.get_by_label("How you used it").fill("In the waiting rooms of three surgeries.")
        page.get_by_label("Copies").fill("-1")
        page.locator("form").evaluate_all("all => all.forEach((each) => { each.noValidate = true; })")
        page.get_by_role("button", name="Look at it before you send it").click()
        expect(page.get_by_label("How you used it")).to_have_value("In the waiting rooms of three surgeries.")
        assert is_sound(page)
        page.get_by_label("Copies").fill("250")
        page.get_by_role("button", name="Look at it before you send it").click()
        expect(page.get_by_text("Belgium")).to_be_visible()  # her own country is chosen already
        assert is_sound(page)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
