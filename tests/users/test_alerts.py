"""No single user decides where readers of help pages are sent, and all other administrators know about a change."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import ModelLogEntry

from core.admin import todo
from core.models import ExitAddress, SiteSettings
from core.models.settings import DEFAULT_EXIT
from helpline.roles import LISTING_APPROVER
from home.models import HomePage
from prerender import addresses
from tests.factories.users import UserFactory
from tests.support.mail import delivered
from users import account_changes, alerts, roles
from users.models import User

pytestmark = pytest.mark.django_db
TRACKER = "https://tracker.evil.example/?from=waymark"


@pytest.fixture
def ada(all_roles: HomePage, private: Client) -> User:
    """An administrator who is signed in, beside another one."""
    UserFactory(roles=[roles.ADMINISTRATOR], email="witness@example.org")
    user: User = UserFactory(roles=[roles.ADMINISTRATOR], first_name="Ada", email="ada@example.org")
    private.force_login(user)
    return user


@pytest.fixture
def arun(all_roles: HomePage) -> User:
    user: User = UserFactory(roles=[LISTING_APPROVER], email="arun@example.org")
    return user


def of(user: User) -> Client:
    client = Client(headers={"host": "private.localhost"})
    client.force_login(user)
    return client


def settings_form(**changed: object) -> tuple[str, dict[str, object]]:
    row = SiteSettings.objects.get()
    return f"/admin/settings/core/sitesettings/{row.site_id}/", {"name": row.name, **changed}


class TestExit:
    def test_of_one_administrator_leads_to_no_address_of_theirs(self, private, ada):
        private.post("/admin/exit_addresses/new/", {"url": TRACKER})
        mine = ExitAddress.objects.get(url=TRACKER)
        own = private.post(f"/admin/exit_addresses/edit/{mine.pk}/").content.decode()
        url, form = settings_form(exit=mine.pk, exit_url=TRACKER)
        private.post(url, form)

        assert "You have proposed this address: another person approves it." in own
        assert SiteSettings.objects.get().exit_url == DEFAULT_EXIT

    def test_stored_by_other_means_is_not_shown(self, all_roles):
        SiteSettings.objects.update(exit=ExitAddress.objects.create(url=TRACKER))

        assert SiteSettings.objects.get().exit_url == DEFAULT_EXIT

    def test_leads_to_what_a_second_person_has_approved_and_everyone_is_notified(self, private, ada, arun):
        weather = "https://weather.example/"
        private.post("/admin/exit_addresses/new/", {"url": weather})
        row = ExitAddress.objects.get(url=weather)
        waiting = [[str(line.title) for line in todo.lines(user)] for user in (ada, arun)]
        of(arun).post(f"/admin/exit_addresses/edit/{row.pk}/")
        url, form = settings_form(exit=row.pk)
        private.post(url, form)

        assert ["Exit addresses to approve" in titles for titles in waiting] == [False, True]
        assert SiteSettings.objects.get().exit_url == weather
        approved, chosen = (mail for mail in delivered() if mail.to == ["witness@example.org"])
        assert f"exit address: - → {weather}" in approved.body
        assert "Ada Example (ada@example.org) has changed" in chosen.body
        assert f"site settings: {DEFAULT_EXIT} → {weather}" in chosen.body
        assert [entry.data["after"] for entry in ModelLogEntry.objects.filter(action=alerts.ACTION)] == [weather] * 2

    def test_is_not_approved_by_an_account_of_the_one_who_proposed_it(self, private, ada, arun):
        private.post("/admin/exit_addresses/new/", {"url": TRACKER})
        account_changes.record(arun, before=account_changes.AccountState(), by=ada)
        row = ExitAddress.objects.get(url=TRACKER)

        assert "Your account is new" in of(arun).post(f"/admin/exit_addresses/edit/{row.pk}/").content.decode()
        row.refresh_from_db()
        assert row.approved_at is None


class TestRedirects:
    @pytest.mark.parametrize("link", ["https://evil.example/help/", "https://user@evil.example", "//evil.example/"])
    @pytest.mark.parametrize("old", ["/en/help/pt/", "en/help/old-guide", "/de/embed/de/"])
    def test_of_help_addresses_lead_to_no_other_website(self, private, ada, old, link):
        page = private.post("/admin/redirects/add/", {"old_path": old, "is_permanent": "on", "redirect_link": link})

        assert page.status_code == 200
        assert not Redirect.objects.exists()

    def test_changed_to_another_website_are_refused(self, private, ada, home):
        row = Redirect.objects.create(old_path="/en/help/old", redirect_page=home)

        page = private.post(
            f"/admin/redirects/{row.pk}/", {"old_path": row.old_path, "redirect_link": "https://evil.example/"}
        ).content.decode()

        assert "/en/help/old is a help address: it can only redirect to a page of this site." in page
        row.refresh_from_db()
        assert row.redirect_page_id == home.pk

    def test_are_imported_all_or_none(self, private, ada):
        rows = b"from,to\n/en/fine,https://example.org/\n/en/help/pt/,https://evil.example/\n"
        page = private.post("/admin/redirects/import/", {"import_file": SimpleUploadedFile("moved.csv", rows)})
        hidden = page.context["form"].initial

        page = private.post(
            "/admin/redirects/import/process/",
            {**hidden, "from_index": "0", "to_index": "1", "permanent": "on"},
            follow=True,
        )

        assert "Nothing was imported. /en/help/pt is a help address" in page.content.decode()
        assert not Redirect.objects.exists()

    def test_stored_by_other_means_are_not_served(self, home):
        Redirect.objects.bulk_create(
            Redirect(old_path=old, redirect_link="https://evil.example/") for old in ("/en/help/pt", "/en/other")
        )

        assert {address.path for address in addresses.of_redirects()} == {"/en/other/"}

    def test_of_a_help_address_to_a_page_are_mailed_to_other_administrators(self, private, ada, home):
        private.post("/admin/redirects/add/", {"old_path": "/en/help/old/", "redirect_page": home.pk})
        private.post("/admin/redirects/add/", {"old_path": "/en/old/", "redirect_page": home.pk})

        [mail] = delivered()
        assert mail.to == ["witness@example.org"]
        assert f"/en/help/old: - → {home.title}" in mail.body
