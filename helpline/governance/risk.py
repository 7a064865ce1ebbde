"""Which listing is to be checked first. Pure: a table of rules, and a function over it.

A rule says how often it applies to a listing (0: not at all), what each time weighs, and what staff read. The risk of a listing is the
sum. Some rules are reasons to look at it; the others only make it more pressing: who has no other number to call, who is in a crisis.
So a listing without a reason is not in the work list, however many depend on it.

The order that the weights give: what the public can call and is overdue; what somebody says is wrong; numbers that are hidden already;
what was to open again, alerts that nobody has looked at, checks that are due soon; and last what the public does not see yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from helpline.vocabulary.codes import LineKind, OperatorAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrOrPromise

# Days.
DUE_SOON = 30
OLD_ALERT = 14
LONG_CLOSED = 90
# However many reports somebody sends, and however late a listing is, it does not push aside everything else.
MOST_AGAIN = 5
STEP = 10
MOST_STEPS = 30
MOST_ALONE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFactors:
    """What is known of a listing on one day, as far as it bears on the risk."""

    shown: bool  # the public sees it
    callable: bool  # and reads there a number, an address or a chat to turn to
    closed: bool = False  # it says so itself
    kind: str = ""  # of a support line; empty for a programme
    stale: bool = False  # its contact details are hidden, because nobody has checked it for so long
    days_late: int | None  # since the check was due, negative before; None where nobody has checked it
    reopened_days: int = 0  # since the day until which it was closed
    closed_days: int = 0  # since somebody said that it is closed for a time, without a day
    alert_days: int = 0  # since somebody last looked at its alert
    alone: int = (
        0  # for how many pairs of country and language, or of country and kind of line, there is nothing else
    )
    reports: int = 0  # by others, open
    answer: str = ""  # of its operator, open
    number_missed: bool = False  # the privacy scan no longer finds it on the page where it once stood
    website_down: bool = False  # it did not answer the privacy scan, again and again
    undelivered: bool = False  # the letter to its operator was given up

    @property
    def late(self) -> bool:
        return self.days_late is not None and self.days_late >= 0


class RuleEffect(Enum):
    REASON = "reason"  # puts a listing into the work list
    PRESSING = "pressing"  # moves one that is there further up


@dataclass(frozen=True, slots=True)
class RiskRule:
    """One row of the table. `message` may name `%(times)s`."""

    name: str
    part: RuleEffect
    times: Callable[[RiskFactors], int]
    weight: int
    message: StrOrPromise = ""


RULES = (
    RiskRule(
        "late", RuleEffect.REASON, lambda facts: facts.shown and facts.late and facts.callable, 100,
        _("The check is overdue, and people can still call or write."),
    ),
    RiskRule(
        "gone", RuleEffect.REASON, lambda facts: facts.answer in {OperatorAnswer.GONE, OperatorAnswer.TAKE_OFF}, 90,
        _("The operator says that it does not exist any more, or wants to be taken off."),
    ),
    RiskRule(
        "reported", RuleEffect.REASON, lambda facts: facts.reports > 0, 85,
        _("Somebody says that something is wrong."),
    ),
    RiskRule(
        "missed", RuleEffect.REASON, lambda facts: facts.shown and facts.number_missed, 82,
        _("A number is no longer on the page where it once stood."),
    ),
    RiskRule(
        "hidden", RuleEffect.REASON,
        lambda facts: facts.shown and facts.stale and not facts.callable and not facts.closed, 62,
        _("Numbers and addresses are hidden, because nobody has checked them."),
    ),
    RiskRule(
        "reopened", RuleEffect.REASON, lambda facts: facts.shown and facts.reopened_days > 0, 60,
        _("The day until which it was closed has passed."),
    ),
    RiskRule(
        "answered", RuleEffect.REASON, lambda facts: facts.answer in {OperatorAnswer.RIGHT, OperatorAnswer.CHANGED}, 50,
        _("The operator has answered: it waits for you."),
    ),
    RiskRule(
        "down", RuleEffect.REASON, lambda facts: facts.shown and facts.website_down and not facts.closed, 45,
        _("Its website does not answer."),
    ),
    RiskRule(
        "alert", RuleEffect.REASON, lambda facts: facts.shown and facts.alert_days > OLD_ALERT, 40,
        _("Nobody has looked at its alert for more than two weeks."),
    ),
    RiskRule(
        "overdue", RuleEffect.REASON,
        lambda facts: facts.shown and facts.late and not facts.callable and (facts.closed or not facts.stale), 35,
        _("The check is overdue."),
    ),
    RiskRule(
        "long_closed", RuleEffect.REASON, lambda facts: facts.shown and facts.closed_days > LONG_CLOSED, 25,
        _("It has been closed for a time for more than three months."),
    ),
    RiskRule(
        "undelivered", RuleEffect.REASON, lambda facts: facts.undelivered, 15,
        _("The letter to its operator could not be delivered."),
    ),
    RiskRule(
        "soon", RuleEffect.REASON,
        lambda facts: facts.shown and facts.days_late is not None and -DUE_SOON <= facts.days_late < 0, 12,
        _("The next check is due within a month."),
    ),
    RiskRule("unchecked", RuleEffect.REASON, lambda facts: facts.days_late is None, 10, _("Nobody has ever checked it.")),
    RiskRule(
        "longer", RuleEffect.PRESSING, lambda facts: min(max(facts.days_late or 0, 0) // STEP, MOST_STEPS), 2,
    ),
    RiskRule(
        "crisis", RuleEffect.PRESSING, lambda facts: facts.kind in {LineKind.EMERGENCY, LineKind.SUICIDE_CRISIS}, 25,
        _("People call it in a crisis."),
    ),
    RiskRule("line", RuleEffect.PRESSING, lambda facts: bool(facts.kind), 5),
    RiskRule("again", RuleEffect.PRESSING, lambda facts: min(max(facts.reports - 1, 0), MOST_AGAIN), 3),
    RiskRule(
        "alone", RuleEffect.PRESSING, lambda facts: min(facts.alone, MOST_ALONE), 3,
        _("There is nothing else in its countries and languages: %(times)s of them."),
    ),
)  # fmt: skip
REASONS = {rule.name: rule for rule in RULES if rule.part is RuleEffect.REASON}


@dataclass(frozen=True, slots=True)
class Risk:
    """How pressing a listing is, and why: the names of the rules that apply, each with how often."""

    score: int
    rules: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return self.score > 0

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _times in self.rules)

    @property
    def messages(self) -> list[str]:
        """The reasons as sentences, the heaviest first."""
        found = dict(self.rules)
        return [
            str(rule.message) % {"times": found[rule.name]}
            for rule in RULES
            if rule.name in found and rule.message
        ]


def risk(facts: RiskFactors) -> Risk:
    """The risk of leaving a listing as it is; nothing (and false) where there is no reason to look at it."""
    found = [(rule, int(rule.times(facts))) for rule in RULES]
    applying = [(rule, times) for rule, times in found if times]
    if not any(rule.part is RuleEffect.REASON for rule, _times in applying):
        return Risk(0)
    return Risk(
        sum(rule.weight * times for rule, times in applying),
        tuple((rule.name, times) for rule, times in applying),
    )
