"""The admin: nothing loaded from other origins, no unused interfaces, and plain words in its menus."""

import html
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.test import Client
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.models import Locale

from campaigns.models import CampaignIndexPage
from campaigns.roles import CAMPAIGN_EDITOR
from helpline.roles import LISTING_DRAFTER
from home.models import HomePage
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    MaterialFactory,
    PartnerFactory,
    ThemeFactory,
    UsageReportFactory,
)
from tests.factories.helpline import ProgrammeFactory
from tests.factories.users import UserFactory
from tests.support.mail import delivered
from tests.users.addresses import admin_addresses
from users import roles

pytestmark = pytest.mark.django_db

WORK = ["Pages", "Listings", "Campaigns", "Network", "Pictures", "Files", "People", "Reports", "Settings"]


@pytest.fixture
def administrator(private: Client, all_roles: HomePage) -> Client:
    private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
    return private


class TestThirdParties:
    """Checks our own files. tests/users/test_access.py checks the requests of each page."""

    def test_no_style_or_script_of_ours_loads_anything_from_another_origin(self):
        read = 0
        for finder in finders.get_finders():
            for path, storage in finder.list([]):
                if path.split("/")[0] in {"users", "css", "js"} and path.endswith((".css", ".js")):
                    text = Path(storage.path(path)).read_text(encoding="utf-8")
                    read += 1
                    assert not re.search(r"""(url\(|import\s|import\(|fetch\(|src\s*=)\s*['"]?(https?:)?//""", text), (
                        path
                    )
        assert read > 2

    def test_no_user_is_looked_up_by_the_hash_of_their_address(self, administrator):
        assert "gravatar" not in administrator.get("/admin/").content.decode()

    def test_nothing_asks_whether_there_is_a_newer_version(self, private, all_roles):
        private.force_login(UserFactory(is_superuser=True))

        page = private.get("/admin/").content.decode()

        assert "releases.wagtail.org" not in page
        assert "w-upgrade" not in page

    def test_text_cannot_embed_pages_of_others(self):
        features = django_settings.WAGTAILADMIN_RICH_TEXT_EDITORS["default"]["OPTIONS"]["features"]

        assert "embed" not in features
        assert not apps.is_installed("wagtail.embeds")


class TestInterfaces:
    @pytest.mark.parametrize("host", ["localhost", "private.localhost"])
    @pytest.mark.parametrize(
        "address",
        [
            "/api/",
            "/api/v2/",
            "/api/v2/pages/",
            "/api/v3/",
            "/api/v3/pages/",
            "/api/v3/redirects/",
            "/api/main/",
            "/admin/api/v3/",
            "/admin/api-tokens/",
            "/_allauth/browser/v1/config",
            "/django-admin/",
            "/admin/search/promotions/",
        ],
    )
    def test_that_are_unused_are_not_there(self, all_roles, host, address):
        client = Client(headers={"host": host})
        client.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))

        assert client.get(address, follow=True).status_code == 404

    @pytest.mark.parametrize(
        "app", ["wagtail.api.v2", "wagtail.api.v3", "allauth.usersessions", "allauth.headless", "allauth.socialaccount",
                "wagtail.contrib.search_promotions", "django.contrib.admin", "wagtail.embeds"],
    )  # fmt: skip
    def test_that_store_or_serve_too_much_are_not_installed(self, app):
        assert not apps.is_installed(app)

    def test_of_the_admin_itself_is_for_the_admin_alone(self, public, all_roles):
        public.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))

        assert {public.get(address).status_code for address in admin_addresses()} == {404}


class TestChoosers:
    """They find what is not published only for people who work on it."""

    @pytest.mark.parametrize("role", ["Translator: French", roles.ADMINISTRATOR])
    def test_name_no_drafts_to_others(self, private, all_roles, role):
        published = MaterialFactory(name="A published sheet")
        unpublished = (
            MaterialFactory(name="A draft sheet", live=False),
            ProgrammeFactory(name="A draft sheet"),
            ThemeFactory(name="A draft sheet"),
            UsageReportFactory(partner=PartnerFactory(name="A draft sheet")),
        )
        private.force_login(UserFactory(roles=[role]))

        for row in (published, *unpublished):
            base = f"/admin/snippets/choose/{row._meta.app_label}/{row._meta.model_name}/"
            expected = row is published or role == roles.ADMINISTRATOR
            assert private.get(f"{base}results/?q=sheet").status_code == 200
            for path in ("", "results/", f"chosen/{row.pk}/", f"chosen-multiple/?id={row.pk}"):
                response = private.get(base + path)
                is_named = response.status_code == 200 and str(row) in html.unescape(response.text)
                assert is_named == expected, base + path

    @pytest.mark.parametrize(
        ("role", "sees"), [("Translator: French", False), (CAMPAIGN_EDITOR, True), (roles.ADMINISTRATOR, True)]
    )
    def test_name_no_drafts_of_pages_to_people_who_do_not_see_them_in_the_explorer(
        self, private, all_roles, search_index, role, sees
    ):
        section = CampaignIndexPage.objects.get()
        public = CampaignPageFactory(parent=section, title="A public sheet")
        draft = CampaignPageFactory(parent=section, title="A draft sheet")
        draft.unpublish()
        renamed = CampaignPageFactory(parent=section, title="An old sheet")
        renamed.title = "A new sheet"
        renamed.save_revision()
        private.force_login(UserFactory(roles=[role]))
        base = "/admin/choose-page/"
        chosen = "&".join(f"id={page.pk}" for page in (public, draft, renamed))

        for path in (f"{section.pk}/", f"{draft.pk}/", "search/?q=sheet", f"chosen-multiple/?{chosen}"):
            response = private.get(base + path)
            assert response.status_code == 200
            named = [title for title in ("A draft sheet", "A new sheet") if title in html.unescape(response.text)]
            assert named == [title for title in named if sees], path
            if path != f"{draft.pk}/":
                assert "A public sheet" in response.text, path
                assert bool(named) == sees, path

    def test_offer_translators_their_own_drafts(self, private, all_roles):
        french = CopyPageForTranslationAction(all_roles, Locale.objects.get(language_code="fr")).execute()
        roles.sync()
        section = CampaignIndexPageFactory(parent=french, locale=french.locale, title="Un brouillon")
        section.unpublish()
        private.force_login(UserFactory(roles=["Translator: French"]))

        assert "Un brouillon" in private.get(f"/admin/choose-page/{french.pk}/").text


class TestMenus:
    def words(self, client: Client, *, language: str = "en") -> str:
        return client.get("/admin/", headers={"accept-language": language}).content.decode()

    @pytest.mark.parametrize(
        ("role", "there", "missing"),
        [
            (roles.ADMINISTRATOR, WORK, ["Groups"]),
            # Settings: signatory of certificates.
            (
                CAMPAIGN_EDITOR,
                ["Pages", "Campaigns", "Pictures", "Files", "Settings"],
                ["Listings", "People"],
            ),
            (
                LISTING_DRAFTER,
                ["Pages", "Listings", "Terms"],
                ["Materials", "People", "Settings", "Pictures"],
            ),
            ("Translator: German", ["Terms", "Reports"], ["Listings", "Materials", "People", "Settings"]),
        ],
    )
    def test_show_what_a_role_can_do(self, private, all_roles, role, there, missing):
        private.force_login(UserFactory(roles=[role]))
        page = self.words(private)
        labels = re.findall(r'"label": "([^"]+)"', page)

        assert [word for word in there if word not in labels] == []
        assert [word for word in missing if word in labels] == []

    def test_are_in_the_order_of_the_work(self, private, all_roles):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
        labels = re.findall(r'"label": "([^"]+)"', self.words(private))

        assert [label for label in labels if label in WORK and labels.count(label) == 1] == WORK

    def test_have_no_link_to_anybody_else_s_help(self, private, all_roles):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))

        page = self.words(private)

        assert "docs.wagtail.org" not in page
        assert "guide.wagtail.org" not in page


class TestOwnAccount:
    def test_has_neither_password_nor_address_to_change_past_the_second_factor(self, private, all_roles):
        user = UserFactory(roles=[roles.ADMINISTRATOR])
        private.force_login(user)
        page = private.get("/admin/account/").content.decode()
        assert "password" not in page
        assert 'name="name_email-email"' not in page

        private.post(
            "/admin/account/",
            {"name_email-first_name": "A", "name_email-last_name": "B", "name_email-email": "x@example.org"},
        )

        user.refresh_from_db()
        assert user.email != "x@example.org"
        assert delivered() == []

    def test_offers_no_time_zone_that_browsers_do_not_know(self, private, all_roles):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))

        assert 'value="localtime"' not in private.get("/admin/account/").content.decode()


class TestEmptyLists:
    """An empty list explains its entries, and offers a first action."""

    @pytest.mark.parametrize(
        ("address", "says", "leads_to"),
        [
            ("/admin/programmes/", "a second person compares it with the source", "/admin/programmes/add/"),
            (
                "/admin/support-lines/",
                "a second person compares it with the source",
                "/admin/support-lines/add/",
            ),
            (
                "/admin/snippets/campaigns/material/",
                "a file for each language",
                "/admin/snippets/campaigns/material/add/",
            ),
            ("/admin/network/", "their request stands here until it is answered", "/en/members/join/"),
        ],
    )
    def test_teach(self, administrator, address, says, leads_to):
        html = BeautifulSoup(administrator.get(address).content, "html.parser")

        assert says in html.select_one(".nothing-yet").get_text()
        assert html.select_one(".nothing-yet a")["href"] == leads_to

    def test_say_something_else_to_those_who_search(self, administrator):
        html = BeautifulSoup(administrator.get("/admin/network/", {"q": "unknown"}).content, "html.parser")

        assert html.select_one(".nothing-yet") is None
