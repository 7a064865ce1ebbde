"""Priority of listings to be checked: the table of rules, and the resulting order."""

import datetime as dt

import pytest
from django.utils import timezone

from helpline.admin.review_queue import ranking
from helpline.governance.risk import RiskFactors, risk
from helpline.models import OperatorContact, Programme, Report, SupportLine
from helpline.vocabulary.codes import Alert, LineKind, OperatorAnswer, ReportReason, Status
from tests.factories.helpline import (
    ProgrammeFactory,
    SupportLineFactory,
    days_ago,
    past_every_rule,
)
from tests.helpline.rows import same_queries

FRESH = {"shown": True, "callable": True, "days_late": -100}
LATE = {**FRESH, "days_late": 3}
GERMAN = {"channel": "phone", "number": "+493023125001", "languages": ["de"]}
HIDDEN = {**FRESH, "callable": False, "stale": True, "days_late": 95}


def score(**facts):
    return risk(RiskFactors(**{**FRESH, **facts})).score


class TestRisk:
    def test_of_what_was_checked_in_time_is_nothing(self):
        assert not risk(RiskFactors(**FRESH))

    def test_is_nothing_however_many_depend_on_it_while_there_is_no_reason(self):
        assert not risk(RiskFactors(**FRESH, alone=9, kind=LineKind.EMERGENCY))

    def test_puts_reasons_in_this_order(self):
        reasons = [
            LATE,
            {"answer": OperatorAnswer.GONE},
            {"reports": 1},
            {"number_missed": True},
            HIDDEN,
            {"reopened_days": 1},
            {"answer": OperatorAnswer.RIGHT},
            {"website_down": True},
            {"alert_days": 15},
            {"closed_days": 91, "callable": False},
            {"undelivered": True},
            {"days_late": -30},
            {"shown": False, "callable": False, "days_late": None},
        ]

        scores = [score(**reason) for reason in reasons]

        assert scores == sorted(scores, reverse=True)
        assert len(set(scores)) == len(scores)

    @pytest.mark.parametrize(
        "almost", [{"days_late": -31}, {"alert_days": 14}, {"closed_days": 90}, {"reopened_days": 0}]
    )
    def test_begins_on_the_day(self, almost):
        assert score(**almost) == 0

    def test_grows_with_each_day_that_passes(self):
        assert score(**LATE) < score(**{**LATE, "days_late": 40}) < score(**{**LATE, "days_late": 80})

    def test_grows_with_those_who_have_nothing_else(self):
        assert score(**LATE) < score(**LATE, alone=1) < score(**LATE, alone=4)

    def test_puts_crisis_lines_before_other_lines_and_those_before_programmes(self):
        of = {kind: score(**LATE, kind=kind) for kind in ("", LineKind.VICTIM_SUPPORT, LineKind.SUICIDE_CRISIS)}

        assert of[""] < of[LineKind.VICTIM_SUPPORT] < of[LineKind.SUICIDE_CRISIS]

    def test_is_not_in_the_hands_of_one_who_reports_a_hundred_times(self):
        assert score(reports=100) == score(reports=6) < score(**LATE, reports=1)

    def test_says_why(self):
        found = risk(RiskFactors(**LATE, alone=2, kind=LineKind.SUICIDE_CRISIS))

        assert found.messages == [
            "The check is overdue, and people can still call or write.",
            "People call it in a crisis.",
            "There is nothing else for 2 of its countries and languages.",
        ]


def due(listing, days, **more):
    """Make a listing's check so many days overdue."""
    fields = {"checked_on": days_ago(days + 182), "next_check_due": days_ago(days), **more}
    past_every_rule(listing, **fields)


def found(*models):
    return ranking.items(models or (Programme, SupportLine), timezone.localdate())


def names(*models):
    return [item.name for item in found(*models)]


def rules(name):
    return next((item.risk.names for item in found() if item.name == name), frozenset())


@pytest.mark.django_db
class TestItems:
    def test_take_into_account_that_an_emergency_number_is_never_hidden(self):
        due(SupportLineFactory(name="112", kind=LineKind.EMERGENCY, number="112", approved=True), 300)

        assert "late" in rules("112")
        assert "hidden" not in rules("112")

    def test_pass_over_what_was_taken_off_the_list(self):
        due(ProgrammeFactory(approved=True), 300, status=Status.DELISTED)

        assert names() == []

    def test_include_listings_that_were_due_to_reopen(self):
        programme = ProgrammeFactory(name="Back", approved=True)
        past_every_rule(programme, status=Status.CLOSED_UNTIL, closed_until=days_ago(1))

        assert "reopened" in rules("Back")

    def test_include_alerts_that_were_not_reviewed(self):
        programme = ProgrammeFactory(name="Disturbed", approved=True)
        past_every_rule(
            programme,
            alert=Alert.PHONE_DISTURBED,
            last_published_at=timezone.now() - dt.timedelta(days=15),
        )

        assert "alert" in rules("Disturbed")

    def test_count_the_pairs_without_another_listing(self):
        due(ProgrammeFactory(name="Alone", countries=["de", "at"], contacts=[GERMAN], approved=True), 1)
        due(ProgrammeFactory(name="One of two", countries=["fr"], contacts=[GERMAN], approved=True), 1)
        ProgrammeFactory(name="The other", countries=["fr"], contacts=[GERMAN], approved=True)

        assert {item.name: dict(item.risk.rules).get("alone", 0) for item in found()} == {
            "Alone": 2,
            "One of two": 0,
        }

    def test_let_what_works_anywhere_stand_in_for_one_country(self):
        due(ProgrammeFactory(name="National", countries=["de"], contacts=[GERMAN], approved=True), 1)
        ProgrammeFactory(countries=["xx"], contacts=[GERMAN], approved=True)

        assert "alone" not in rules("National")

    def test_do_not_count_what_is_closed_or_not_shown_as_something_else(self):
        due(ProgrammeFactory(name="Alone", countries=["de"], contacts=[GERMAN], approved=True), 1)
        ProgrammeFactory(countries=["de"], contacts=[GERMAN])
        closed = ProgrammeFactory(countries=["de"], contacts=[GERMAN], approved=True)
        past_every_rule(closed, status=Status.CLOSED)

        assert "alone" in rules("Alone")

    def test_count_the_only_line_of_its_kind(self):
        due(SupportLineFactory(name="Only", approved=True), 1)
        due(SupportLineFactory(name="Not only", country="fr", approved=True), 1)
        SupportLineFactory(country="fr", approved=True)

        assert "alone" in rules("Only")
        assert "alone" not in rules("Not only")

    def test_include_reports_by_others(self):
        reported, answered, lost = (
            ProgrammeFactory(name=name, approved=True) for name in ("Reported", "Answered", "Lost")
        )
        # The same primary key in the other table, which must not be confused.
        SupportLineFactory(name="Same number", pk=reported.pk, approved=True)
        Report.objects.create(listing=reported, what=ReportReason.NUMBER)
        Report.objects.create(listing=answered, what=OperatorAnswer.GONE)
        OperatorContact.objects.create(listing=lost, email="a@example.org", failed_at=timezone.now())

        assert names() == ["Answered", "Reported", "Lost"]

    def test_forget_what_is_done(self):
        Report.objects.create(
            listing=ProgrammeFactory(approved=True), what=ReportReason.NUMBER, resolved_at=timezone.now()
        )

        assert names() == []

    def test_take_the_same_queries_for_few_and_many(self):
        def look():
            ranking.tasks(found()[:20])

        due(ProgrammeFactory(approved=True), 5)
        due(SupportLineFactory(approved=True), 5)
        with same_queries(look):
            for number in range(3):
                due(ProgrammeFactory(approved=True), number)
                due(SupportLineFactory(approved=True), number)
                Report.objects.create(listing=ProgrammeFactory(), what=ReportReason.NUMBER)
