"""The rules that a listing meets, as a checklist: what the public reads in the policy, and what the second person answers.

Rules are data. Each says whom it is about and what it asks. Which facts it depends on is said by the facts themselves
(`helpline.records.facts`): after a change only the points that the change touches are asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from helpline.records import facts
from helpline.records.contact_points import ContactPoint
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from django_stubs_ext import StrOrPromise

PROGRAMME, SUPPORT_LINE, TEXT = "programme", "supportline", "programmetext"
LISTINGS = (PROGRAMME, SUPPORT_LINE)


class ChecklistAnswer(TextChoices):
    YES = "yes", pgettext_lazy("checklist", "yes")
    NO = "no", pgettext_lazy("checklist", "no")
    DOES_NOT_APPLY = "does_not_apply", pgettext_lazy("checklist", "does not apply")


class Answered(TypedDict):
    answer: str
    note: str


# The answer to each point, by its code.
type Checklist = Mapping[str, Answered]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPoint:
    """One rule: a sentence that is true of what we list. `required`: whoever is not so is not listed."""

    code: str
    rule: StrOrPromise
    why: StrOrPromise
    kinds: tuple[str, ...] = LISTINGS
    of_every_fact: bool = False  # asked again after any change
    required: bool = True
    may_not_apply: bool = False

    def is_touched(self, changed: Collection[str]) -> bool:
        """Whether one of the changed facts is its own; those of a contact point are written `contact_points.number`."""
        return self.of_every_fact or not facts_of(self.code).isdisjoint(changed)


@cache
def facts_of(code: str) -> frozenset[str]:
    """The names of the facts that a point depends on."""
    own = {fact.name for model in (Programme, SupportLine) for fact in facts.of(model) if code in fact.points}
    of_contacts = {f"contact_points.{fact.name}" for fact in facts.of(ContactPoint) if code in fact.points}
    return frozenset(own | of_contacts)


POINTS = (
    PolicyPoint(
        code="source",
        rule=gettext_lazy("Every fact is as the source says it, and the source was read or asked."),
        why=gettext_lazy("Read it yourself, on the page of the service, on the day that is given."),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="organisation",
        rule=gettext_lazy("An organisation that can be held to account runs it."),
        why=gettext_lazy("It has a name, an address and somebody who answers for it."),
    ),
    PolicyPoint(
        code="child_protection",
        rule=gettext_lazy("It has written rules for the protection of children."),
        why=gettext_lazy("On its page, or sent to us."),
        kinds=(PROGRAMME,),
    ),
    PolicyPoint(
        code="confidentiality",
        rule=gettext_lazy("It has written rules on what it keeps to itself."),
        why=gettext_lazy("On its page, or sent to us."),
        kinds=(PROGRAMME,),
    ),
    PolicyPoint(
        code="no_forum",
        rule=gettext_lazy(
            "It is no forum among peers, and no site that presents sexual interest in children as normal."
        ),
        why=gettext_lazy("Read more than the first page of its website."),
    ),
    PolicyPoint(
        code="human",
        rule=gettext_lazy("A person answers, not a machine."),
        why=gettext_lazy("Where it is self-help alone, this does not apply."),
        kinds=(PROGRAMME,),
        may_not_apply=True,
    ),
    PolicyPoint(
        code="reporting",
        rule=gettext_lazy(
            "What makes it tell others was read by somebody who knows the law of that country."
        ),
        why=gettext_lazy("If nobody has: answer no. The listing then says that it is not known."),
        kinds=(PROGRAMME,),
        required=False,
    ),
    PolicyPoint(
        code="not_for",
        rule=gettext_lazy("The listing says whom it does not take, and where it works."),
        why=gettext_lazy("Nobody should call in vain."),
        kinds=(PROGRAMME,),
    ),
    PolicyPoint(
        code="cost",
        rule=gettext_lazy("It is free, or the listing says that it costs money."),
        why=gettext_lazy("If nothing is known: answer no. The listing then says so."),
        kinds=(PROGRAMME,),
        required=False,
    ),
    PolicyPoint(
        code="contact",
        rule=gettext_lazy("Each number and address was called, written to, or compared digit by digit."),
        why=gettext_lazy("One wrong digit sends somebody to a stranger."),
    ),
    PolicyPoint(
        code="hours",
        rule=gettext_lazy("Opening hours and languages are those of the service."),
        why=gettext_lazy("If the service does not say them, leave them empty and answer: does not apply."),
        may_not_apply=True,
    ),
    PolicyPoint(
        code="kind",
        rule=gettext_lazy("It is what its kind says, for the whole country."),
        why=gettext_lazy("An emergency number is never shown as anything else, and nothing else as one."),
        kinds=(SUPPORT_LINE,),
    ),
    PolicyPoint(
        code="plain",
        rule=gettext_lazy("The words are plain, and speak of people, not of labels."),
        why=gettext_lazy("They blame nobody who looks for help, and excuse nothing that harms a child."),
        kinds=(TEXT,),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="promises",
        rule=gettext_lazy("The words promise nothing that the service does not."),
        why=gettext_lazy("Above all of secrecy."),
        kinds=(TEXT,),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="no_facts",
        rule=gettext_lazy("There is no number, hour or address in the words."),
        why=gettext_lazy("A text does not change when the fact does."),
        kinds=(TEXT,),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="read",
        rule=gettext_lazy("Somebody who speaks the language has read every sentence."),
        why=gettext_lazy("Nothing goes out as a machine has translated it."),
        kinds=(TEXT,),
        of_every_fact=True,
    ),
)


def points(kind: str, changed: Collection[str] | None = None) -> tuple[PolicyPoint, ...]:
    """The rules for a kind of listing; after a change, those that it touches."""
    return tuple(
        point for point in POINTS if kind in point.kinds and (changed is None or point.is_touched(changed))
    )


def problems(asked: Collection[PolicyPoint], checklist: Checklist) -> Iterator[tuple[PolicyPoint, str]]:
    """What stands against an approval with these answers, point by point, as sentences for editors."""
    for point in asked:
        given: Any = checklist.get(point.code) or {}
        answer, note = given.get("answer"), (given.get("note") or "").strip()
        if answer not in ChecklistAnswer.values:
            yield point, _("Not answered yet.")
        elif answer == ChecklistAnswer.NO and point.required:
            yield point, _("What is not so is not listed.")
        elif answer == ChecklistAnswer.DOES_NOT_APPLY and not point.may_not_apply:
            yield point, _("This applies to every listing of its kind.")
        elif answer != ChecklistAnswer.YES and not note:
            yield point, _("Say why in the note.")


def kept(asked: Collection[PolicyPoint], checklist: Checklist) -> dict[str, Answered]:
    """The answers as they are stored: those that were asked for, and no others."""
    return {
        point.code: Answered(
            answer=str(checklist[point.code]["answer"]), note=checklist[point.code].get("note", "").strip()
        )
        for point in asked
    }
