"""To-dos about listings on the start page of the admin."""

import pytest
from django.test import Client
from django.utils import timezone

from core.admin import todo
from helpline.admin.review_queue.todo import listing_todos
from helpline.records.visibility import HIDES_AFTER
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from tests.factories.helpline import (
    ProgrammeFactory,
    StaffFactory,
    days_ago,
    past_every_rule,
)
from tests.factories.users import UserFactory
from tests.helpline.rows import same_queries

# Wagtail 8.0 sends its notifications in a way that Django 6.1 deprecates.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:get_connection\\(\\) is deprecated"),
    pytest.mark.filterwarnings("ignore:.*connection.* is deprecated"),
]


def shown(user: object) -> list[tuple[str, int, bool]]:
    return [(str(line.title), line.count, line.urgent) for line in listing_todos(user)]


class TestLines:
    @pytest.mark.parametrize(
        ("approved", "late", "line"),
        [
            (True, 0, ("To check again: programmes", 1, False)),
            (
                True,
                HIDES_AFTER.days,
                ("Numbers hidden because they have not been checked: programmes", 1, True),
            ),
            (False, None, ("Never checked: programmes", 1, False)),
        ],
    )
    def test_list_what_is_to_be_checked(self, approved, late, line):
        programme = ProgrammeFactory(approved=approved)
        if late is not None:
            past_every_rule(programme, next_check_due=days_ago(late))

        assert shown(StaffFactory()) == [line]

    @pytest.mark.usefixtures("admin_roles")
    def test_show_a_draft_to_its_author_until_it_is_submitted(self):
        programme = ProgrammeFactory(approved=True)
        writer, other = StaffFactory(), StaffFactory()
        programme.name = "Another name"
        programme.save_revision(user=writer)

        assert shown(writer) == [("Written by you and not submitted: programmes", 1, False)]
        assert shown(other) == []

        programme.get_workflow().start(programme, writer)
        assert shown(writer) == []

    @pytest.mark.usefixtures("admin_roles")
    def test_ask_for_one_decision_once_and_only_who_may_decide(self):
        listings = [ProgrammeFactory(approved=True, name=f"Submitted {n}") for n in range(2)]
        approver, drafter = UserFactory(roles=[LISTING_APPROVER]), UserFactory(roles=[LISTING_DRAFTER])
        ProgrammeFactory.create_batch(2, checked_on=timezone.localdate())  # drafts that were not submitted
        for listing in listings:
            listing.name += "!"
            listing.save_revision(user=drafter)
            listing.get_workflow().start(listing, drafter)
        # The approver has changed the second, before its author wrote the last version.
        listings[1].operator = "An operator"
        listings[1].save_revision(user=approver)
        listings[1].name += "?"
        listings[1].save_revision(user=drafter)

        assert [(str(line.title), line.count) for line in todo.lines(approver)] == [("To review", 1)]
        assert [(line.lane, line.count) for line in todo.lines(drafter)] == [(todo.Lane.OTHERS, 2)]

    def test_are_not_for_those_who_have_no_part_in_it(self):
        ProgrammeFactory()

        assert shown(StaffFactory(permissions=[])) == []

    def test_take_the_same_queries_for_few_and_many(self):
        user = StaffFactory()
        ProgrammeFactory()
        with same_queries(lambda: shown(user)):
            ProgrammeFactory.create_batch(10)

    def test_lead_to_the_listings_they_count(self, private: Client):
        user = StaffFactory(is_superuser=True)
        private.force_login(user)
        ProgrammeFactory(name="Never seen")
        approved = ProgrammeFactory(name="Due now", approved=True)
        past_every_rule(approved, next_check_due=timezone.localdate())

        pages = {str(line.title): private.get(line.url).content.decode() for line in listing_todos(user)}

        assert "Due now" in pages["To check again: programmes"]
        assert "Never seen" not in pages["To check again: programmes"]
        assert "Never seen" in pages["Never checked: programmes"]
