"""One search of the admin: results by name, number and address, and the users who see them."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from core.admin.search import Typed, look_up
from helpline.models import SupportLine
from tests.factories.campaigns import MaterialFactory, ThemeFactory
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import ProgrammeFactory, SupportLineFactory
from tests.factories.network import MemberFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.queries import queries
from users import roles
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
@cached_fixture
def everything(home):
    """Create one object of each kind."""
    point = {
        "channel": "phone",
        "number": "+3280014112",
        "email": "help@service.example",
        "url": "https://chat.service.example/start",
    }
    ProgrammeFactory(name="Zürcher Hilfe", website="https://www.hilfe.example/", contacts=[point])
    SupportLineFactory(name="Night line", number="116123", country="be")
    MemberFactory(listed=True, name="Agnieszka Nowak", email="nowak@clinic.example")
    StandardPageFactory(parent=home, title="About us", slug="about")
    MaterialFactory(name="Poster for trains")
    ThemeFactory(name="Online safety")
    UserFactory(first_name="Ada", last_name="Lovelace", email="ada@private.example")


@pytest.fixture
def admin() -> User:
    return UserFactory(is_superuser=True, first_name="Root", email="root@private.example")


def found(user, text):
    return [each.title for group in look_up(user, Typed(text)) for each in group.found]


@pytest.mark.usefixtures("everything")
class TestAdminSearch:
    @pytest.mark.parametrize(
        ("text", "title"),
        [
            ("zurcher", "Zürcher Hilfe"),
            ("+3280014112", "Zürcher Hilfe"),
            ("0800 14 112", "Zürcher Hilfe"),
            ("14112", "Zürcher Hilfe"),
            ("+32 (0)800/14.112", "Zürcher Hilfe"),
            ("0032 800 14112", "Zürcher Hilfe"),
            ("hilfe.example", "Zürcher Hilfe"),
            ("http://hilfe.example", "Zürcher Hilfe"),
            ("chat.service.example", "Zürcher Hilfe"),
            ("help@service.example", "Zürcher Hilfe"),
            ("116 123", "Night line"),
            ("116123", "Night line"),
            ("nowak", "Agnieszka Nowak"),
            ("nowak@clinic.example", "Agnieszka Nowak"),
            ("about us", "About us"),
            ("https://site.example/en/about/", "About us"),
            ("trains poster", "Poster for trains"),
            ("online", "Online safety"),
            ("lovelace ada", "Ada Lovelace"),
        ],
    )
    def test_finds_by_name_by_number_in_any_writing_and_by_address(self, admin, text, title):
        assert found(admin, text) == [title]

    @pytest.mark.parametrize("text", ["", "\0", "+", "%", "0", "()", "x" * 500, "/", "http://", "http://[", "١١٦"])
    def test_accepts_any_query(self, private, admin, text):
        private.force_login(admin)

        assert private.get(reverse("admin_search"), {"q": text}).status_code == 200

    def test_shows_only_results_that_the_user_may_open(self, home):
        roles.sync()
        seen = {}
        for role in ("Listing drafter", "Network manager", "Administrator"):
            user = UserFactory(roles=[role])
            seen[role] = [title for text in ("zurcher", "nowak", "lovelace", "trains") for title in found(user, text)]

        assert seen == {
            "Listing drafter": ["Zürcher Hilfe"],
            "Network manager": ["Agnieszka Nowak"],
            "Administrator": ["Zürcher Hilfe", "Agnieszka Nowak", "Ada Lovelace", "Poster for trains"],
        }

    def test_is_where_the_field_in_the_menu_leads(self, private, admin):
        private.force_login(admin)

        html = private.get("/admin/").content.decode()

        assert f'"{reverse("admin_search")}"' in html

    def test_leads_to_where_it_can_be_changed(self, private, admin):
        private.force_login(admin)

        page = BeautifulSoup(private.get(reverse("admin_search"), {"q": "116 123"}).content, "html.parser")

        (link,) = page.select(".admin-search-found a")
        line = SupportLine.objects.get()
        assert link["href"] == reverse(line.snippet_viewset.get_url_name("edit"), args=[line.pk])
        assert "116123" in page.select_one(".admin-search-found").get_text()

    def test_takes_the_same_queries_for_few_and_many(self, admin):
        def search():
            assert found(admin, "hilfe")

        search()
        few = queries(search)
        ProgrammeFactory.create_batch(3, name="Hilfe")
        MaterialFactory.create_batch(3)

        assert queries(search) == few
