"""What the start page of the desk says about listings."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from helpline.desk.worklist.todo import listing_todos
from helpline.models import Programme
from helpline.records.freshness import HIDES_AFTER
from tests.factories.helpline import (
    ProgrammeFactory,
    StaffFactory,
    past_every_rule,
)
from tests.support.queries import queries

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def shown(user: object) -> list[tuple[str, int, bool]]:
    return [(str(line.title), line.count, line.urgent) for line in listing_todos(user)]


def due(days: int) -> None:
    """Make every programme's check so many days overdue."""
    for programme in Programme.objects.all():
        past_every_rule(programme, next_check_due=timezone.localdate() - dt.timedelta(days=days))


class TestLines:
    def test_tell_what_is_due(self):
        ProgrammeFactory(approved=True)
        due(0)

        assert shown(StaffFactory()) == [("To check again: programmes", 1, False)]

    def test_let_hidden_numbers_stand_first(self):
        ProgrammeFactory(approved=True)
        due(HIDES_AFTER.days)

        assert shown(StaffFactory()) == [
            ("Numbers hidden because nobody has checked them: programmes", 1, True)
        ]

    def test_tell_what_was_never_checked(self):
        ProgrammeFactory.create_batch(2)

        assert shown(StaffFactory()) == [("Never checked, and not shown: programmes", 2, False)]

    def test_ask_only_those_to_approve_who_did_not_write_it(self):
        programme = ProgrammeFactory(approved=True)
        writer, other = StaffFactory(), StaffFactory()
        drafter = StaffFactory(permissions=["change_programme"])
        programme.name = "Another name"
        programme.save_revision(user=writer)

        titles = {user: [title for title, _, _ in shown(user)] for user in (writer, other, drafter)}

        assert titles[other] == ["To approve: programmes changed by somebody else"]
        assert titles[writer] == titles[drafter] == []

    def test_are_not_for_those_who_have_no_part_in_it(self):
        ProgrammeFactory()

        assert shown(StaffFactory(permissions=[])) == []

    def test_take_the_same_queries_for_few_and_many(self):
        user = StaffFactory()
        ProgrammeFactory()
        shown(user)
        few = queries(lambda: shown(user))
        ProgrammeFactory.create_batch(10)

        assert queries(lambda: shown(user)) == few

    def test_lead_to_the_listings_they_count(self, desk: Client):
        user = StaffFactory(is_superuser=True)
        desk.force_login(user)
        ProgrammeFactory(name="Never seen")
        approved = ProgrammeFactory(name="Due now", approved=True)
        past_every_rule(approved, next_check_due=timezone.localdate())

        pages = {str(line.title): desk.get(line.url).content.decode() for line in listing_todos(user)}

        assert "Due now" in pages["To check again: programmes"]
        assert "Never seen" not in pages["To check again: programmes"]
        assert "Never seen" in pages["Never checked, and not shown: programmes"]
