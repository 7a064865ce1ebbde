"""To-dos for the people who manage the network."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.todo import Lane, Rank, Suggestion, ToDo, Waiting
from core.mail import views
from core.memo import per_batch
from core.models import OutgoingMail
from network.admin.access import NAMESPACE, PERMISSION
from network.mail import EventLetter, GroupLetter, Letter
from network.models import (
    ConversationReport,
    DigestIndexPage,
    DigestPage,
    EvidenceReview,
    GroupMembership,
    Member,
    Opportunity,
    Practice,
    ProposedTexts,
    ReviewEntry,
)


def counting(
    rows: Callable[[AbstractUser], QuerySet[Any]],
    since: str,
    *,
    permission: str = PERMISSION,
    each: str = "pk",
) -> Callable[[AbstractUser], Waiting]:
    """Return a function that counts the pending rows of a user with a permission.

    It counts distinct values of the field `each`, and returns the oldest value of `since`, a time, with them.
    """
    number = len(PENDING)
    PENDING.append(Pending(rows, since, permission, each))
    return lambda user: pending_of(user).get(number, Waiting(0))


class Pending(NamedTuple):
    rows: Callable[[AbstractUser], QuerySet[Any]]
    since: str
    permission: str
    each: str


PENDING: list[Pending] = []


@per_batch
def pending_of(user: AbstractUser) -> dict[int, Waiting]:
    """Count all kinds of pending rows in one query, which the to-dos of a page share."""
    counts = [
        rows(user).order_by().values(number=Value(number)).annotate(count=Count(each, distinct=True), since=Min(since))
        for number, (rows, since, permission, each) in enumerate(PENDING)
        if user.has_perm(permission)
    ]
    found = counts[0].union(*counts[1:], all=True) if counts else []
    return {row["number"]: Waiting(row["count"], row["since"]) for row in found}


def undelivered(user: AbstractUser) -> QuerySet[OutgoingMail]:
    """Return undelivered mail of the network; none for users who see all mail of the site anyway."""
    if user.has_perm(views.PERMISSION):
        return OutgoingMail.objects.none()
    return OutgoingMail.objects.failed().filter(kind__in=[*Letter.values, *EventLetter.values, *GroupLetter.values])


def answers_for(user: AbstractUser) -> Waiting:
    """Count the answers of owners that are waiting for an editor."""
    if not user.has_perm("network.change_practice"):
        return Waiting(0)
    return Waiting(EvidenceReview.objects.with_proposed_answer().count())


def digests_due(user: AbstractUser) -> Waiting:
    if not user.has_perm(PERMISSION):
        return Waiting(0)
    return Waiting(**DigestPage.objects.due().order_by().aggregate(count=Count("pk"), since=Min("due_on")))


def asking_to_join(user: AbstractUser) -> QuerySet[GroupMembership]:
    """Return the requests to join groups without a chair.

    In other groups, the chair decides.
    """
    led = GroupMembership.objects.chairs().filter(group_key=OuterRef("group_key"))
    return GroupMembership.objects.asking().exclude(Exists(led))


def digests_url() -> str:
    """Return the address of the list of digests in the page explorer."""
    index = DigestIndexPage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    return reverse("wagtailadmin_explore", args=[index.pk]) if index else reverse("wagtailadmin_explore_root")


REVIEW = pgettext_lazy("what to do with what is waiting", "Review")
REQUESTS = ToDo(
    title=_("Requests to join the network"),
    count=counting(lambda user: Member.objects.for_team(), "confirmed_at"),
    url=f"{NAMESPACE}:index",
    rank=Rank.PERSON,
    action=REVIEW,
)
WORDS = ToDo(
    title=_("New texts of members to read"),
    count=counting(lambda user: ProposedTexts.objects.waiting().of_members(), "proposed_at"),
    url=f"{NAMESPACE}:index",
    rank=Rank.PERSON,
    action=REVIEW,
)
OPPORTUNITIES = ToDo(
    title=_("Needs and offers of members to read"),
    count=counting(lambda user: Opportunity.objects.to_read(), "created_at"),
    url="opportunities-to-read",
    rank=Rank.PERSON,
    action=REVIEW,
)
OPINIONS = ToDo(
    title=_("Second opinions about members, asked for by a colleague"),
    count=counting(lambda user: ReviewEntry.objects.opinions_wanted().exclude(author=user.pk), "written_at"),
    url=f"{NAMESPACE}:index",
    rank=Rank.PERSON,
)
# These members were reminded.
# The team decides without their answer.
UNANSWERED = ToDo(
    title=_("Members who have not answered a question for two weeks"),
    count=counting(lambda user: ReviewEntry.objects.given_up_on(), "written_at", each="member"),
    url=f"{NAMESPACE}:index",
    lane=Lane.LATE,
)
REPORTS = ToDo(
    title=_("Reported conversations of members"),
    count=counting(lambda user: ConversationReport.objects.open(), "reported_at"),
    url=f"{NAMESPACE}:reports",
    rank=Rank.READER,
    action=REVIEW,
)
# Only practices whose pending version was written by another user.
PRACTICES = ToDo(
    title=_("Practices to read and publish"),
    count=counting(
        lambda user: Practice.objects.to_approve().exclude(latest_revision__user=user.pk),
        "latest_revision__created_at",
        permission="network.change_practice",
    ),
    url="wagtailsnippets_network_practice:list",
    action=REVIEW,
)
EVIDENCE = ToDo(
    title=_("Evidence of practices to weigh"),
    count=counting(
        lambda user: EvidenceReview.objects.waiting_for(user.pk),
        "opened_at",
        permission="network.weigh_evidence",
    ),
    url="evidence-waiting",
    action=REVIEW,
)
ANSWERS = ToDo(
    title=_("Answers of owners to evidence ratings"),
    count=answers_for,
    url="evidence-waiting",
    rank=Rank.PERSON,
)
DIGESTS_DUE = ToDo(
    title=_("Research digests to be looked at again"),
    count=digests_due,
    url=digests_url,
    lane=Lane.LATE,
)
GROUPS = ToDo(
    title=_("Members who ask to join a group without a chair"),
    count=counting(asking_to_join, "asked_at", permission="network.change_groupmembership"),
    url="group-members",
    rank=Rank.PERSON,
)
LOST_LETTERS = ToDo(
    title=_("Mail to members that could not be delivered"),
    count=counting(undelivered, "created_at"),
    url=f"{NAMESPACE}:letters",
    lane=Lane.FAILED,
)
SUGGESTIONS = (
    Suggestion(title=_("Look through the members of the network"), url=f"{NAMESPACE}:index", permission=PERMISSION),
    Suggestion(
        title=_("Go over the texts that reviewers start from"),
        url="wagtailsnippets_network_reviewtemplate:list",
        permission="network.change_reviewtemplate",
    ),
    Suggestion(
        title=_("Go over the categories that members choose from"),
        url="wagtailsnippets_network_category:list",
        permission="network.change_category",
    ),
)
TODOS = (
    REQUESTS,
    WORDS,
    OPPORTUNITIES,
    REPORTS,
    OPINIONS,
    UNANSWERED,
    PRACTICES,
    EVIDENCE,
    ANSWERS,
    LOST_LETTERS,
    DIGESTS_DUE,
    GROUPS,
)
