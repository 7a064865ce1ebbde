"""What the public may see is decided in one place, in two languages that must agree: Python and SQL."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.db import models
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from helpline.models import Programme, SupportLine
from helpline.records import visibility
from helpline.records.freshness import CHECK_EVERY, HIDES_AFTER
from helpline.vocabulary.codes import LineKind, Status

TODAY = dt.date(2026, 11, 26)
NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
# Days around each step, such as the last on which contact details are shown and the first on which they are not.
DAYS = st.none() | st.sampled_from(
    [
        TODAY - back
        for edge in (dt.timedelta(), HIDES_AFTER, CHECK_EVERY + HIDES_AFTER, CHECK_EVERY)
        for back in (edge - dt.timedelta(days=1), edge, edge + dt.timedelta(days=1))
    ]
)
LISTINGS = st.builds(
    dict,
    live=st.booleans(),
    status=st.sampled_from(Status.values),
    first_published_at=st.none() | st.just(NOW),
    checked_on=DAYS,
    next_check_due=DAYS,
)
LINES = st.builds(lambda facts, kind: {**facts, "kind": kind}, LISTINGS, st.sampled_from(LineKind.values))


def holds(model, condition) -> set[int]:
    return set(model.objects.filter(condition).values_list("pk", flat=True))


@pytest.mark.django_db
class TestPythonAndSql:
    """Each rule gives the same answer for every listing, in Python and in SQL."""

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
    @given(rows=st.lists(LISTINGS, min_size=8, max_size=40))
    @tries(max_examples=25, deadline=None)
    def test_agree_about_programmes(self, demo, rows):
        self.agree(Programme, rows, demo=demo)

    @pytest.mark.parametrize("demo", [False, True], ids=["real", "demonstration"])
    @given(rows=st.lists(LINES, min_size=8, max_size=40))
    @tries(max_examples=25, deadline=None)
    def test_agree_about_support_lines(self, demo, rows):
        self.agree(SupportLine, rows, demo=demo)

    def agree(self, model, rows, *, demo):
        model.objects.all()._raw_delete(model.objects.db)
        made = models.QuerySet(model).bulk_create([model(**row) for row in rows])  # past the two-person rule

        with override_settings(DEMO=demo):
            for name, (rule, condition) in self.RULES.items():
                in_python = {row.pk for row in made if rule(row)}
                assert holds(model, condition(model is SupportLine)) == in_python, name


class TestEmergencyNumber:
    @pytest.mark.parametrize("kind", LineKind.values)
    def test_alone_never_goes_stale(self, kind):
        line = SimpleNamespace(kind=kind, checked_on=dt.date(2020, 1, 1), next_check_due=None)

        assert visibility.is_stale(line, TODAY) is (kind != LineKind.EMERGENCY)

    def test_is_hidden_while_it_is_closed(self):
        line = SimpleNamespace(
            kind=LineKind.EMERGENCY, status=Status.CLOSED, checked_on=TODAY, next_check_due=None
        )

        assert visibility.hides_contact(line, TODAY)


class TestDecidedOnce:
    """No other module of the helpline asks whether this is the demonstration, or repeats one of the rules."""

    PATTERN = re.compile(
        r"settings\.DEMO|live=True, *status|Freshness\.HIDDEN|HIDES_AFTER|[!=]= Kind\.EMERGENCY.*fresh"
    )
    MAY = {"helpline/records/visibility.py", "helpline/records/freshness.py"}

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
