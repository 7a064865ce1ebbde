"""The rules for a listing, as a checklist: the public reads them in the policy, and the second person answers them.

Rules are data.
Each has the kinds of record it applies to, and its question.
The facts themselves name the points that depend on them (`helpline.records.facts`).
After a change, the second person answers only the points that it affects.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypedDict

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.languages.lazy import StrOrPromise
from helpline.records import facts
from helpline.records.laws import CountryLaw
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.support_lines import SupportLine

PROGRAMME, SUPPORT_LINE, TEXT = "programme", "supportline", "programmetext"
LAW, LAW_TEXT = "countrylaw", "lawtext"
LISTINGS = (PROGRAMME, SUPPORT_LINE)
HELP_PAGES = ("finderpage", "guidepage", "checkpage")


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
    """Rule as a sentence that is true of listed services.

    `required`: a service that does not meet it is not listed.
    """

    code: str
    rule: StrOrPromise
    why: StrOrPromise
    kinds: tuple[str, ...] = LISTINGS
    of_every_fact: bool = False  # asked again after any change
    required: bool = True
    may_not_apply: bool = False

    def is_affected(self, changed: Collection[str]) -> bool:
        """Return whether it depends on one of the changed facts.

        Those of a contact point are written `contact_points.number`.
        """
        return self.of_every_fact or not facts_of(self.code).isdisjoint(changed)


@cache
def facts_of(code: str) -> frozenset[str]:
    """Return the names of the facts that a point depends on."""
    own = {
        fact.name
        for model in (Programme, SupportLine, CountryLaw)
        for fact in facts.for_model(model)
        if code in fact.points
    }
    of_contacts = {f"contact_points.{fact.name}" for fact in facts.for_model(ContactPoint) if code in fact.points}
    return frozenset(own | of_contacts)


POINTS = (
    PolicyPoint(
        code="source",
        rule=gettext_lazy("Every fact matches what the source says, and the source was read or asked."),
        why=gettext_lazy("Read it yourself on the page of the service, on the date given."),
        kinds=(*LISTINGS, LAW),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="organisation",
        rule=gettext_lazy("It is run by an organisation that can be held to account."),
        why=gettext_lazy("It has a name, an address and a person who is responsible for it."),
    ),
    PolicyPoint(
        code="child_protection",
        rule=gettext_lazy("It has written rules for protecting children."),
        why=gettext_lazy("On its page, or sent to us."),
        kinds=(PROGRAMME,),
    ),
    PolicyPoint(
        code="confidentiality",
        rule=gettext_lazy("It has written rules on confidentiality."),
        why=gettext_lazy("On its page, or sent to us."),
        kinds=(PROGRAMME,),
    ),
    PolicyPoint(
        code="no_forum",
        rule=gettext_lazy(
            "It is not a peer forum, and not a site that presents sexual interest in children as normal."
        ),
        why=gettext_lazy("Read more than the first page of its website."),
    ),
    PolicyPoint(
        code="human",
        rule=gettext_lazy("A person answers, not a machine."),
        why=gettext_lazy("This does not apply if it offers self-help only."),
        kinds=(PROGRAMME,),
        may_not_apply=True,
    ),
    PolicyPoint(
        code="reporting",
        rule=gettext_lazy("A person who knows the law of that country has reviewed what makes it tell others."),
        why=gettext_lazy("If not, answer no. The listing then says that it is not known."),
        kinds=(PROGRAMME,),
        required=False,
    ),
    PolicyPoint(
        code="not_for",
        rule=gettext_lazy("The listing says who it does not accept, and where it works."),
        why=gettext_lazy("People should not call in vain."),
        kinds=(PROGRAMME,),
    ),
    PolicyPoint(
        code="cost",
        rule=gettext_lazy("It is free, or the listing says that it costs money."),
        why=gettext_lazy("If this is not known, answer no. The listing then says so."),
        kinds=(PROGRAMME,),
        required=False,
    ),
    PolicyPoint(
        code="contact",
        rule=gettext_lazy("Each number and address was called, written to, or compared digit by digit."),
        why=gettext_lazy("One wrong digit connects people with a stranger."),
    ),
    PolicyPoint(
        code="hours",
        rule=gettext_lazy("Opening hours and languages are as the service states them."),
        why=gettext_lazy("If the service does not state them, leave them empty and answer “does not apply”."),
        may_not_apply=True,
    ),
    PolicyPoint(
        code="kind",
        rule=gettext_lazy("It is what its kind says, for the whole country."),
        why=gettext_lazy("An emergency number is never shown as anything else, and nothing else is shown as one."),
        kinds=(SUPPORT_LINE,),
    ),
    PolicyPoint(
        code="in_force",
        rule=gettext_lazy("A person who knows the law of that country has read it as it is in force today."),
        why=gettext_lazy("Not a summary, and not an old version. Name them as the reviewer."),
        kinds=(LAW,),
    ),
    PolicyPoint(
        code="may_and_must",
        rule=gettext_lazy("What people must do, what they may do, and what is not known are kept apart."),
        why=gettext_lazy("If you are not sure, choose the stricter code. The law promises nothing about a service."),
        kinds=(LAW,),
    ),
    PolicyPoint(
        code="plain",
        rule=gettext_lazy("The text is plain, and speaks of people, not labels."),
        why=gettext_lazy(
            "It does not blame anyone who looks for help, and does not excuse anything that harms a child."
        ),
        kinds=(TEXT, LAW_TEXT, *HELP_PAGES),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="promises",
        rule=gettext_lazy("The text promises nothing that the service does not."),
        why=gettext_lazy("Above all about confidentiality."),
        kinds=(TEXT, *HELP_PAGES),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="as_the_law",
        rule=gettext_lazy("The text says no less and no more than the law, and says what is not known."),
        why=gettext_lazy("“May” is never “must”. It promises nothing about a service."),
        kinds=(LAW_TEXT,),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="no_facts",
        rule=gettext_lazy("The text contains no numbers, opening hours or addresses."),
        why=gettext_lazy("A text does not change when the fact does."),
        kinds=(TEXT,),
        of_every_fact=True,
    ),
    PolicyPoint(
        code="read",
        rule=gettext_lazy("A person who speaks the language has read every sentence."),
        why=gettext_lazy("No machine translation is published unread."),
        kinds=(TEXT, LAW_TEXT, *HELP_PAGES),
        of_every_fact=True,
    ),
)


def points(kind: str, changed: Collection[str] | None = None) -> tuple[PolicyPoint, ...]:
    """Return the points for a kind of record: all of them, or those affected by the changed facts."""
    return tuple(point for point in POINTS if kind in point.kinds and (changed is None or point.is_affected(changed)))


def problems(asked: Collection[PolicyPoint], checklist: Checklist) -> Iterator[tuple[PolicyPoint, str]]:
    """Yield the problems of these answers that prevent an approval: pairs of a point and a sentence for editors."""
    for point in asked:
        given: Answered | dict[str, str] = checklist.get(point.code) or {}
        answer, note = given.get("answer"), (given.get("note") or "").strip()
        if answer not in ChecklistAnswer.values:
            yield point, _("Not answered yet.")
        elif answer == ChecklistAnswer.NO and point.required:
            yield point, _("A service that does not meet this rule is not listed.")
        elif answer == ChecklistAnswer.DOES_NOT_APPLY and not point.may_not_apply:
            yield point, _("This applies to every listing of this kind.")
        elif answer != ChecklistAnswer.YES and not note:
            yield point, _("Say why in the note.")


def answers_to_store(asked: Collection[PolicyPoint], checklist: Checklist) -> dict[str, Answered]:
    """Return the answers to store, without those to points outside the checklist."""
    return {
        point.code: Answered(
            answer=str(checklist[point.code]["answer"]), note=checklist[point.code].get("note", "").strip()
        )
        for point in asked
    }
