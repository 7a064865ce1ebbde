"""Statistics of the network: their values, constant query counts, and suppression of small numbers."""

import csv
import io
from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from network.admin.figures import FIGURES, SHOWN_FROM, counted, hidden
from network.models import Member, RecordedOutcome
from tests.factories.network import CategoryFactory, MatchFactory, MemberFactory, OpportunityFactory
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries

PAGE = "/admin/reports/network/"


class TestHidden:
    @given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
    def test_is_enough_that_the_total_gives_no_small_number_away(self, numbers):
        """Tries all combinations with the visible total.

        Each hidden number could be any from 1 to 5, or the whole line is hidden.
        """
        line = {str(number): value for number, value in enumerate(numbers)}
        left_out = hidden(line)
        small = {key for key, value in line.items() if 0 < value < SHOWN_FROM}
        assert small <= left_out
        if not small or left_out == {*line}:
            return
        total = sum(line[key] for key in left_out)
        possible = [
            dict(zip(left_out, guess, strict=True))
            for guess in product(range(1, total + 1), repeat=len(left_out))
            if sum(guess) == total
        ]
        for key in small:
            assert {guess[key] for guess in possible} >= {*range(1, SHOWN_FROM + 1)}

    @pytest.mark.parametrize(
        ("numbers", "left_out"),
        [
            ([0, 5, 9], ""),
            ([4, 5, 9], "ab"),
            ([1, 1, 9, 7], "abd"),
            ([3, 3], "ab"),
            ([3, 0], "ab"),
            ([4, 4, 8], "ab"),
        ],
    )
    def test_is_no_more_than_it_takes(self, numbers, left_out):
        assert hidden(dict(zip("abcd", numbers, strict=False))) == set(left_out)


def team() -> Client:
    client = Client(headers={"host": settings.PRIVATE_HOST})
    client.force_login(UserFactory(is_superuser=True))
    return client


def table(name: str) -> list[list[object]]:
    figure = next(each for each in FIGURES if each.name == name)
    return figure.make(UserFactory(is_superuser=True)).rows


def members(number: int, country: str, *fields: str) -> None:
    for _ in range(number):
        MemberFactory(listed=True, country=country, expertise=list(fields))


@pytest.mark.django_db
class TestFigures:
    def test_of_coverage_hide_what_is_small(self):
        for code in ("a", "b", "c"):
            CategoryFactory(code=code, name=code.upper())
        members(6, "de", "a")
        members(5, "de", "b")
        members(2, "de", "c")
        members(5, "pt", "a", "b")
        members(3, "is", "a")
        members(3, "at", "b")
        members(1, "lu", "c")
        MemberFactory(paused=True, country="pt", expertise=["c"])

        rows = table("coverage")

        assert rows == [
            ["Germany", 13, 6, "hidden", "hidden"],
            ["Portugal", 5, 5, 5, 0],
            ["Other countries", 7, "hidden", "hidden", "hidden"],
        ]

    def test_of_coverage_add_a_larger_country_if_the_small_ones_are_too_few(self):
        members(5, "de")
        members(6, "pt")
        members(1, "is")

        assert [row[:2] for row in table("coverage")] == [["Portugal", 6], ["Other countries", 6]]

    def test_of_coverage_say_nothing_of_a_few(self):
        members(4, "de")

        assert table("coverage") == []

    def test_name_the_fields_without_members(self):
        for code in ("used", "unused", "retired"):
            CategoryFactory(code=code, name=code.title(), retired=code == "retired")
        members(1, "de", "used")
        MemberFactory(paused=True, expertise=["unused"])

        assert table("uncovered") == [["Unused"]]

    @time_machine.travel("2026-11-27 12:00:00+00:00", tick=False)
    def test_of_growth_go_month_by_month(self):
        now = timezone.now()
        for days in (0, 1, 40, 3000):
            MemberFactory(listed=True, decided_at=now - timedelta(days=days))
        MemberFactory(awaiting_review=True)

        rows = table("growth")

        assert len(rows) == 24
        assert rows[:3] == [["November 2026", 2, 4], ["October 2026", 1, 2], ["September 2026", 0, 1]]
        assert rows[-1] == ["December 2024", 0, 1]

    def test_of_what_waits_are_those_of_the_start_page(self):
        now = timezone.now()
        MemberFactory(awaiting_review=True, confirmed_at=now)

        first = table("waiting")[0]

        assert first[:2] == ["Requests to join the network", 1]
        assert first[2]

    # It is the next day in Brussels, the time zone of the site.
    @time_machine.travel("2026-11-27T23:30:00Z", tick=False)
    def test_of_needs_count_those_without_any_contact(self):
        OpportunityFactory(subject="data")
        MatchFactory(opportunity=OpportunityFactory(subject="data"), taken_up_at=timezone.now())
        OpportunityFactory(subject="partner", kind="offer")
        OpportunityFactory(subject="answer", closed_at=timezone.now())

        assert table("unanswered") == [["Data", 2, 1, "28 November 2026"]]

    def test_of_outcomes_hide_what_is_small(self):
        month = timezone.localdate().replace(day=1)
        RecordedOutcome.objects.bulk_create(RecordedOutcome(outcome="contact", month=month) for _ in range(5))
        RecordedOutcome.objects.bulk_create(RecordedOutcome(outcome="result", month=month) for _ in range(4))
        RecordedOutcome.objects.bulk_create(
            RecordedOutcome(outcome="none", month=month.replace(year=month.year - 2)) for _ in range(6)
        )

        assert table("outcomes") == [
            ["Nothing", 0, 6],
            ["We were in contact", 5, 0],
            ["We work together", 0, 0],
            ["There is a result", "hidden", 0],
        ]

    def test_take_the_same_queries_for_few_and_many(self):
        client = team()
        CategoryFactory(code="a")

        def more():
            for country in ("pt", "is", "at", "fr"):
                CategoryFactory(code=country)
                members(2, country, country)

        members(1, "de", "a")
        same_queries(lambda: client.get(PAGE), more)
        assert sum(each.members for each in counted().values()) == Member.objects.count()


@pytest.mark.django_db
class TestPage:
    def test_shows_every_table_and_leads_to_its_file(self):
        CategoryFactory(code="bad", name="=HYPERLINK(1)")
        members(5, "de", "bad")
        client = team()
        page = client.get(PAGE).text

        for figure in FIGURES:
            assert f'id="{figure.name}"' in page
            answer = client.get(f"{PAGE}{figure.name}.csv")
            rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))
            assert answer.headers["Content-Type"].startswith("text/csv")
            if figure.name == "coverage":
                assert rows == [["Country", "Members", "'=HYPERLINK(1)"], ["Germany", "5", "5"]]
        assert client.get(f"{PAGE}nothing.csv").status_code == 404
        assert f'href="{PAGE}"' in client.get("/admin/network/").text
