"""To-dos of a user on the start page."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import ANY

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from campaigns.roles import CAMPAIGN_EDITOR
from core.admin import todo
from core.admin.todo import Lane, Rank, ToDo, Waiting
from core.models import JobRun
from core.scheduler import Job
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from home.models import HomePage, StandardPage
from network.roles import NETWORK_MANAGER
from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.support.queries import queries
from users import roles
from users.admin.todo import TODOS
from users.models import User

ADMIN = roles.ADMINISTRATOR


def shown(user: User) -> dict[str, int]:
    return {str(line.title): line.count for line in todo.lines(user)}


def in_review(home: HomePage, slug: str) -> StandardPage:
    page: StandardPage = StandardPageFactory(parent=home, slug=slug, introduction=f"Words of {slug}.")
    page.save_revision()
    page.get_workflow().start(page, UserFactory())
    return page


@pytest.fixture
def only(declare: Callable[..., None]) -> None:
    """Keep only the to-dos that belong to no app; apps test their own."""
    declare(todos=TODOS)


def send_for_translation(page: object, *codes: str) -> None:
    source, _ = TranslationSource.update_or_create_from_instance(page)
    for code in codes:
        locale = Locale.objects.get(language_code=code)
        Translation.objects.get_or_create(source=source, target_locale=locale)


# Wagtail 8.0 sends its notifications in a way that Django 6.1 deprecates.
# wagtail-localize 1.14 does not order its translations.
pytestmark = [
    pytest.mark.filterwarnings("ignore:get_connection\\(\\) is deprecated"),
    pytest.mark.filterwarnings("ignore:.*connection.* is deprecated"),
    pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results"),
]


@pytest.mark.django_db
@pytest.mark.usefixtures("only")
class TestLines:
    def test_of_reviews_are_for_those_who_decide(self, all_roles):
        in_review(all_roles, "one")

        assert shown(UserFactory(roles=[ADMIN]))["To review"] == 1
        assert "To review" not in shown(UserFactory(roles=[LISTING_APPROVER]))

    def test_of_the_scheduler_are_for_administrators_and_come_first(self, all_roles, declare):
        names = ("sweep", "paint")
        declare(jobs=[Job(name=n, title=n, run=lambda: None, every=timedelta(hours=1)) for n in names])
        now = timezone.now()
        JobRun.objects.create(name="sweep", started_at=now, finished_at=now, failures=[{"item": "1", "error": "x"}])

        lines = shown(UserFactory(roles=[ADMIN]))

        assert next(iter(lines.items())) == ("Scheduled jobs that are late or have failed", 2)
        assert shown(UserFactory(roles=[CAMPAIGN_EDITOR])) == {}

    def test_say_that_two_people_are_too_few(self, all_roles):
        administrator = UserFactory(roles=[ADMIN])
        approver = UserFactory(roles=[LISTING_APPROVER])
        few = "People with a role in the admin: with fewer than three, no third person is notified"

        def lines(user: User) -> list[int]:
            return [count for title, count in shown(user).items() if title.startswith(few)]

        assert (lines(administrator), lines(approver)) == ([2], [])
        UserFactory(roles=[CAMPAIGN_EDITOR])
        assert lines(administrator) == []

    def test_lead_to_where_the_work_is(self, private, all_roles):
        in_review(all_roles, "one")
        user = UserFactory(roles=[ADMIN])
        private.force_login(user)

        lines = todo.lines(user)

        assert lines
        for line in lines:
            assert private.get(line.url).status_code == 200, line.url


def lanes(private: Client) -> dict[str, list[str]]:
    """Return the text of each line on the board, by the heading of its lane."""
    html = BeautifulSoup(private.get("/admin/").content, "html.parser")
    return {
        lane.h2.get_text(strip=True): [" ".join(line.get_text(" ").split()) for line in lane.select(".board-line")]
        for lane in html.select(".board-lane")
    }


@pytest.mark.django_db
class TestStartPage:
    def test_says_that_nothing_waits(self, private, all_roles, only):
        private.force_login(UserFactory(roles=[NETWORK_MANAGER]))

        assert "Nothing is waiting for you." in private.get("/admin/").content.decode()

    def test_shows_what_an_app_has_declared(self, private, all_roles, declare):
        declare(todos=[ToDo(title="Kettles to fill", count=lambda user: 3, url="wagtailadmin_account")])
        private.force_login(UserFactory(roles=[NETWORK_MANAGER]))

        page = private.get("/admin/").content.decode()

        assert "Kettles to fill" in page
        assert 'href="/admin/account/"' in page

    def test_has_a_lane_for_each_kind_of_waiting_with_number_age_and_one_action(self, private, all_roles, declare):
        long_ago = timezone.now() - timedelta(days=15)
        facts = {
            "Kettles to fill": {"action": "Fill"},
            "Cups to wash": {"rank": Rank.LAUNCH, "urgent": True},
            "Guests to let in": {"rank": Rank.READER},
            "Leaves to sort": {"rank": Rank.TRANSLATION},
            "Tea to drink": {"lane": Lane.LATE},
            "Pots that broke": {"lane": Lane.FAILED},
        }
        waiting = {"count": lambda _: Waiting(3, long_ago), "url": "wagtailadmin_account"}
        declare(todos=[ToDo(title=title, **waiting, **more) for title, more in facts.items()])
        private.force_login(UserFactory(roles=[NETWORK_MANAGER]))

        board = lanes(private)

        assert board == {
            "Waiting for you": ["3 Guests to let in Oldest: 2 weeks See : Guests to let in",
                                "3 Cups to wash First Oldest: 2 weeks See : Cups to wash",
                                "3 Leaves to sort Oldest: 2 weeks See : Leaves to sort",
                                "3 Kettles to fill Oldest: 2 weeks Fill : Kettles to fill"],
            "Overdue": ["3 Tea to drink Oldest: 2 weeks See : Tea to drink"],
            "Failed": ["3 Pots that broke Oldest: 2 weeks See : Pots that broke"],
        }  # fmt: skip

    def test_shows_users_their_own_submissions_waiting_for_a_decision(self, private, all_roles, only):
        page = StandardPageFactory(parent=all_roles, slug="one")
        page.save_revision()
        roles.sync()
        editor, other = UserFactory(roles=[CAMPAIGN_EDITOR]), UserFactory(roles=[NETWORK_MANAGER])
        page.get_workflow().start(page, editor)

        private.force_login(editor)
        [line] = lanes(private)["Submitted: a second person decides"]
        [shown_line] = [line for line in todo.lines(editor) if line.lane == Lane.OTHERS]
        report = private.get(shown_line.url).content.decode()
        private.force_login(other)

        assert line.startswith("1 Submitted by you, and not decided")
        assert page.title in report
        assert "Submitted: a second person decides" not in lanes(private)

    @pytest.mark.parametrize(
        ("role", "first"),
        [
            (ADMIN, "Invite a user to the admin"),
            (CAMPAIGN_EDITOR, "Add a material to print or post"),
            (LISTING_DRAFTER, "Add a programme that is missing"),
            (LISTING_APPROVER, "Add a programme that is missing"),
            (NETWORK_MANAGER, "Look through the members of the network"),
            ("Translator: German", "See what is translated, language by language"),
        ],
    )
    def test_says_what_each_role_can_do_if_nothing_waits(self, private, all_roles, declare, role, first):
        declare(todos=[])
        private.force_login(UserFactory(roles=[role]))

        links = BeautifulSoup(private.get("/admin/").content, "html.parser").select(".board-empty a")

        assert first in [link.get_text() for link in links]
        assert len(links) <= todo.SUGGESTED
        for link in links:
            assert private.get(link["href"], follow=True).redirect_chain in ([], [(ANY, 302)])

    def test_takes_the_same_queries_for_few_and_many(self, private, all_roles):
        def fill(home: HomePage, *names: str) -> None:
            for name in names:
                send_for_translation(in_review(home, name), "de", "fr", "ar")

        private.force_login(UserFactory(roles=[ADMIN]))
        fill(all_roles, "one", "two")
        private.get("/admin/")
        few = queries(lambda: private.get("/admin/"))
        fill(all_roles, *(f"page-{n}" for n in range(3)))

        assert queries(lambda: private.get("/admin/")) == few


@pytest.mark.django_db
class TestScheduledJobsReport:
    def test_says_that_no_scheduler_runs_and_what_went_wrong(self, private, all_roles):
        private.force_login(UserFactory(roles=[ADMIN]))
        assert "The scheduler is not running." in private.get("/admin/reports/scheduled-jobs/").content.decode()
        now, failures = timezone.now(), [{"item": "A page", "error": "ValueError: <b>no</b>"}]
        JobRun.objects.create(name="publish", started_at=now, finished_at=now, failures=failures)

        page = private.get("/admin/reports/scheduled-jobs/").content.decode()

        assert "The scheduler is not running." not in page
        assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in page
