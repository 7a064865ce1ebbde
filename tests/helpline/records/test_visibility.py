"""Visibility is decided in one place, in two languages that must agree: Python and SQL."""

import datetime as dt
import re
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.db import models

from helpline.models import CountryLaw, Programme, ProgrammeText, SupportLine
from helpline.records import visibility
from helpline.records.visibility import CHECK_EVERY, HIDES_AFTER
from helpline.vocabulary.codes import LineKind, Status
from tests.factories.helpline import ProgrammeTextFactory, past_every_rule

TODAY = dt.date(2026, 11, 26)
NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
# Days around each step, such as the last on which contact details are shown and the first on which they are not.
DAYS = [
    None,
    *(
        TODAY - edge + dt.timedelta(days=after)
        for edge in (dt.timedelta(), HIDES_AFTER, CHECK_EVERY + HIDES_AFTER, CHECK_EVERY)
        for after in (-1, 0, 1)
    ),
]
# Every state that a listing can be in, and every state of its check with it.
LISTINGS = [
    *(
        {"live": live, "status": status, "first_published_at": published}
        for live, status, published in product((False, True), Status, (None, NOW))
    ),
    *(
        {"live": True, "status": status, "checked_on": checked_on, "next_check_due": due}
        for status, checked_on, due in product(Status, DAYS, DAYS)
    ),
]
LINES = [{**facts, "kind": kind} for facts, kind in product(LISTINGS, (LineKind.EMERGENCY, LineKind.SUICIDE_CRISIS))]


def holds(model, condition) -> set[int]:
    return set(model.objects.filter(condition).values_list("pk", flat=True))


@pytest.mark.django_db
class TestPythonAndSql:
    """Each rule gives the same result for every listing, in Python and in SQL."""

    RULES = {
        "public": (lambda row: visibility.is_public(row), lambda has_kind: visibility.public_q()),
        "shown": (lambda row: visibility.is_shown(row), lambda has_kind: visibility.shown_q()),
        "known": (lambda row: visibility.is_known(row), lambda has_kind: visibility.known_q()),
        "closed": (lambda row: visibility.is_closed(row), lambda has_kind: visibility.closed_q()),
        "stale": (
            lambda row: visibility.is_stale(row, TODAY),
            lambda has_kind: visibility.stale_q(TODAY, has_kind=has_kind),
        ),
        "hides contact": (
            lambda row: visibility.hides_contact(row, TODAY),
            lambda has_kind: visibility.closed_q() | visibility.stale_q(TODAY, has_kind=has_kind),
        ),
    }

    @pytest.mark.parametrize("demo", [False, True], ids=["real", "demonstration"])
    @pytest.mark.parametrize(
        ("model", "rows"),
        [(Programme, LISTINGS), (SupportLine, LINES), (CountryLaw, LISTINGS)],
        ids=["programmes", "support lines", "laws"],
    )
    def test_agree(self, model, rows, demo, settings):
        settings.DEMO = demo
        made = models.QuerySet(model).bulk_create([model(**row) for row in rows])  # bypasses the two-person rule

        for name, (rule, condition) in self.RULES.items():
            in_python = {row.pk for row in made if rule(row)}
            assert holds(model, condition(model is SupportLine)) == in_python, name


class TestListing:
    """The rule itself, which both languages implement."""

    @pytest.mark.parametrize(
        ("status", "listed"),
        [
            (Status.DRAFT, False),
            (Status.VERIFIED, True),
            (Status.CLOSED_UNTIL, True),
            (Status.CLOSED, True),
            (Status.DELISTED, False),
        ],
    )
    def test_is_public_when_it_is_approved_and_on_the_list(self, status, listed):
        assert visibility.is_public(SimpleNamespace(live=True, status=status)) is listed
        assert not visibility.is_public(SimpleNamespace(live=False, status=status))

    def test_that_is_unchecked_is_shown_only_in_the_demonstration(self, settings):
        draft = SimpleNamespace(live=False, status=Status.DRAFT)
        settings.DEMO = False
        assert not visibility.is_shown(draft)

        settings.DEMO = True

        assert visibility.is_shown(draft)

    def test_that_was_taken_off_the_list_is_shown_nowhere(self, settings):
        settings.DEMO = True

        assert not visibility.is_shown(SimpleNamespace(live=True, status=Status.DELISTED))

    def test_is_known_once_it_was_public(self, settings):
        settings.DEMO = False

        assert visibility.is_known(SimpleNamespace(first_published_at=NOW))
        assert not visibility.is_known(SimpleNamespace(first_published_at=None))

    def test_hides_its_contact_details_while_it_is_closed_or_long_overdue(self):
        fresh = {"checked_on": TODAY, "next_check_due": None}
        overdue = {"checked_on": dt.date(2020, 1, 1), "next_check_due": None}

        assert visibility.hides_contact(SimpleNamespace(status=Status.CLOSED, **fresh), TODAY)
        assert visibility.hides_contact(SimpleNamespace(status=Status.VERIFIED, **overdue), TODAY)
        assert not visibility.hides_contact(SimpleNamespace(status=Status.VERIFIED, **fresh), TODAY)

    def test_is_stale_on_the_day_on_which_its_details_are_hidden(self):
        due = TODAY - HIDES_AFTER
        checked = SimpleNamespace(checked_on=due - CHECK_EVERY, next_check_due=due)

        assert visibility.is_stale(checked, TODAY)
        assert not visibility.is_stale(checked, TODAY - dt.timedelta(days=1))


@pytest.mark.django_db
class TestText:
    """A text is shown once two people have approved it; in the demonstration before, but never in the open data."""

    @pytest.mark.parametrize("demo", [False, True], ids=["real", "demonstration"])
    def test_is_shown_once_it_is_approved(self, settings, demo):
        settings.DEMO = demo
        approved, draft = ProgrammeTextFactory.create_batch(2)
        past_every_rule(approved, live=True)

        assert holds(ProgrammeText, visibility.visible_text_q()) == {
            approved.pk,
            *([draft.pk] if demo else []),
        }
        assert holds(ProgrammeText, visibility.text_public_q()) == {approved.pk}
        assert holds(Programme, visibility.text_public_q("texts__")) == {approved.programme.pk}


class TestEmergencyNumber:
    @pytest.mark.parametrize("kind", LineKind.values)
    def test_alone_never_goes_stale(self, kind):
        line = SimpleNamespace(kind=kind, checked_on=dt.date(2020, 1, 1), next_check_due=None)

        assert visibility.is_stale(line, TODAY) is (kind != LineKind.EMERGENCY)

    def test_is_hidden_while_it_is_closed(self):
        line = SimpleNamespace(kind=LineKind.EMERGENCY, status=Status.CLOSED, checked_on=TODAY, next_check_due=None)

        assert visibility.hides_contact(line, TODAY)


class TestDecidedOnce:
    """No other module of the helpline checks for the demonstration, or repeats one of the rules."""

    PATTERN = re.compile(
        r"settings\.DEMO|live=True, *status|Freshness\.HIDDEN|HIDES_AFTER|[!=]= Kind\.EMERGENCY.*fresh"
    )
    MAY = {"helpline/records/visibility.py"}

    def found(self, source: str) -> bool:
        return self.PATTERN.search(source) is not None

    def test_in_the_helpline(self):
        sources = [
            path
            for path in Path(django_settings.ROOT, "helpline").rglob("*.py")
            if path.relative_to(django_settings.ROOT).as_posix() not in self.MAY
        ]

        assert len(sources) > 100
        assert [str(path) for path in sources if self.found(path.read_text())] == []

    @pytest.mark.parametrize(
        "specimen",
        [
            "if settings.DEMO:",
            "hides = row.kind != Kind.EMERGENCY and row.freshness(today)",
            "filter(next_check_due__lte=today - HIDES_AFTER)",
        ],
    )
    def test_a_second_place_would_be_found(self, specimen):
        assert self.found(specimen)
