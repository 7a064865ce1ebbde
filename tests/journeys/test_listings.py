"""The admin of listings: every page on a small screen and in Arabic, and a file beside what a person checked."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone, translation
from playwright.sync_api import Page, expect
from wagtail.users.models import UserProfile

from helpline.exchange.open_data import exports
from helpline.governance import reconfirmation
from helpline.models import ListedSite, OperatorContact, Programme, Report, Scan, SupportLine
from helpline.roles import LISTING_APPROVER
from helpline.scan import services as scans
from helpline.vocabulary.codes import OperatorAnswer
from home.models import HomePage
from tests.factories.helpline import ProgrammeFactory, SupportLineFactory, days_ago
from tests.factories.users import UserFactory
from tests.journeys.conftest import open_admin
from tests.support.browser import Opener, axe, cut_off, overflow, turned_numbers
from tests.support.server import SiteServer
from users import roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
