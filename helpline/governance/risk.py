"""Priority of listings to be checked.

Pure: a table of rules, and a function over it.
A rule defines how often it applies to a listing (0: not at all), the weight of each time, and the message for staff.
The risk of a listing is the sum.
Some rules are reasons to check it.
The others only make it more urgent: people have no other number to call, or are in a crisis.
So a listing without a reason is not in the review queue, however many people depend on it.

The weights give this order: overdue listings that people can still contact, reported problems, numbers that are already
hidden.
Next come listings that were due to reopen, alerts that have not been reviewed, and checks that are due soon.
Listings that the public does not see yet are last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext_lazy as _

from core.languages.lazy import StrOrPromise
from helpline.vocabulary.codes import LineKind, OperatorAnswer

# Days.
DUE_SOON = 30
OLD_ALERT = 14
LONG_CLOSED = 90
# Limits, so that no number of reports and no delay pushes everything else aside.
MOST_AGAIN = 5
STEP = 10
MOST_STEPS = 30
MOST_ALONE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFactors:
    """Facts about a listing on one day that affect its risk."""

    shown: bool  # public
    callable: bool  # and shows a number, an address or a chat
    closed: bool = False  # it is marked as closed
    kind: str = ""  # of a support line; empty for a programme
    is_law: bool = False  # it has no contact details, and is not shown when it is stale
    stale: bool = False  # its contact details are hidden, because its check is so long overdue
    days_late: int | None  # since the check was due, negative before; None if it was never checked
    reopened_days: int = 0  # since the day until which it was closed
    closed_days: int = 0  # since it was marked as temporarily closed, without a date
    alert_days: int = 0  # since its alert was last reviewed
    # The number of pairs of country and language, or of country and kind of line, that no other listing serves.
    alone: int = 0
    reports: int = 0  # unresolved, not from its operator
    answer: str = ""  # unresolved, from its operator
    number_missed: bool = False  # the privacy scan no longer finds it on the page where it used to be
    website_down: bool = False  # it has repeatedly not responded to the privacy scan
    undelivered: bool = False  # the letter to its operator was given up

    @property
    def late(self) -> bool:
        return self.days_late is not None and self.days_late >= 0


class RuleEffect(Enum):
    REASON = "reason"  # puts a listing into the review queue
    PRESSING = "pressing"  # moves a listing in it further up


@dataclass(frozen=True, slots=True)
class RiskRule:
    """One row of the table. `message` may contain `%(times)s`."""

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
        "gone", RuleEffect.REASON, lambda facts: facts.answer in {OperatorAnswer.GONE, OperatorAnswer.DELIST}, 90,
        _("The operator says that it no longer exists, or asks to be taken off the list."),
    ),
    RiskRule(
        "reported", RuleEffect.REASON, lambda facts: facts.reports > 0, 85,
        _("An error was reported."),
    ),
    RiskRule(
        "missed", RuleEffect.REASON, lambda facts: facts.shown and facts.number_missed, 82,
        _("A number is no longer on the page where it used to be."),
    ),
    RiskRule(
        "hidden", RuleEffect.REASON,
        lambda facts: facts.shown and facts.stale and not facts.callable and not facts.closed and not facts.is_law, 62,
        _("Numbers and addresses are hidden because they have not been checked."),
    ),
    RiskRule(
        "law_hidden", RuleEffect.REASON, lambda facts: facts.shown and facts.stale and facts.is_law, 62,
        _("It is no longer shown because it has not been checked."),
    ),
    RiskRule(
        "reopened", RuleEffect.REASON, lambda facts: facts.shown and facts.reopened_days > 0, 60,
        _("It was due to reopen, and the date has passed."),
    ),
    RiskRule(
        "answered", RuleEffect.REASON, lambda facts: facts.answer in {OperatorAnswer.RIGHT, OperatorAnswer.CHANGED}, 50,
        _("The operator has answered: the answer is waiting for you."),
    ),
    RiskRule(
        "down", RuleEffect.REASON, lambda facts: facts.shown and facts.website_down and not facts.closed, 45,
        _("Its website does not respond."),
    ),
    RiskRule(
        "alert", RuleEffect.REASON, lambda facts: facts.shown and facts.alert_days > OLD_ALERT, 40,
        _("Its alert has not been reviewed for more than two weeks."),
    ),
    RiskRule(
        "overdue", RuleEffect.REASON,
        lambda facts: facts.shown and facts.late and not facts.callable and (facts.closed or not facts.stale), 35,
        _("The check is overdue."),
    ),
    RiskRule(
        "long_closed", RuleEffect.REASON, lambda facts: facts.shown and facts.closed_days > LONG_CLOSED, 25,
        _("It has been temporarily closed for more than three months."),
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
    RiskRule(
        "unchecked", RuleEffect.REASON, lambda facts: facts.days_late is None, 10, _("It has never been checked.")
    ),
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
        _("There is nothing else for %(times)s of its countries and languages."),
    ),
)  # fmt: skip
REASONS = {rule.name: rule for rule in RULES if rule.part is RuleEffect.REASON}


@dataclass(frozen=True, slots=True)
class Risk:
    """Risk of a listing, with its score, and the names of the rules that apply, each with its number of times."""

    score: int
    rules: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return self.score > 0

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _times in self.rules)

    @property
    def messages(self) -> list[str]:
        """Return the messages of the rules that apply, reasons first and heaviest first."""
        found = dict(self.rules)
        return [
            str(rule.message) % {"times": found[rule.name]} for rule in RULES if rule.name in found and rule.message
        ]


def risk(facts: RiskFactors) -> Risk:
    """Return the risk of leaving a listing as it is.

    The score is 0 (false) if there is no reason to check it.
    """
    found = [(rule, int(rule.times(facts))) for rule in RULES]
    applying = [(rule, times) for rule, times in found if times]
    if not any(rule.part is RuleEffect.REASON for rule, _times in applying):
        return Risk(0)
    return Risk(
        sum(rule.weight * times for rule, times in applying),
        tuple((rule.name, times) for rule, times in applying),
    )
