"""To-dos for the people who manage the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.desk.todo import Lane, Suggestion, ToDo, Waiting
from core.mail import views
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
    Posting,
    Practice,
    ProposedWords,
    ReviewEntry,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser


def requests_for(user: AbstractUser) -> Waiting:
    if not user.has_perm(PERMISSION):
        return Waiting(0)
    found = Member.objects.for_team().order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("confirmed_at")))


def words_for(user: AbstractUser) -> Waiting:
    if not user.has_perm(PERMISSION):
        return Waiting(0)
    found = ProposedWords.objects.waiting().of_members().order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("proposed_at")))


def postings_for(user: AbstractUser) -> Waiting:
    """Count the needs and offers that somebody has to read before everybody sees them."""
    if not user.has_perm(PERMISSION):
        return Waiting(0)
    found = Posting.objects.to_read().order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("created_at")))


def opinions_for(user: AbstractUser) -> Waiting:
    """Count the second opinions that somebody else has asked for."""
    if not user.has_perm(PERMISSION):
        return Waiting(0)
    found = ReviewEntry.objects.opinions_wanted().exclude(author=user.pk).order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("written_at")))


def unanswered_for(user: AbstractUser) -> Waiting:
    """Count the questions that stay unanswered though the member was reminded: the team decides without."""
    if not user.has_perm(PERMISSION):
        return Waiting(0)
    found = ReviewEntry.objects.given_up_on().order_by()
    return Waiting(**found.aggregate(count=Count("member", distinct=True), since=Min("written_at")))


def reports_for(user: AbstractUser) -> Waiting:
    """Count the conversations that were reported and that nobody has decided about."""
    if not user.has_perm(PERMISSION):
        return Waiting(0)
    found = ConversationReport.objects.open().order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("reported_at")))


def lost_letters_for(user: AbstractUser) -> Waiting:
    """Count undelivered mail for those who do not see all mail of the site anyway."""
    if not user.has_perm(PERMISSION) or user.has_perm(views.PERMISSION):
        return Waiting(0)
    found = OutgoingMail.objects.failed().filter(
        kind__in=[*Letter.values, *EventLetter.values, *GroupLetter.values]
    )
    return Waiting(**found.order_by().aggregate(count=Count("pk"), since=Min("created_at")))


def practices_for(user: AbstractUser) -> Waiting:
    """Count the practices with a version that somebody else has written."""
    if not user.has_perm("network.change_practice"):
        return Waiting(0)
    found = Practice.objects.to_approve().exclude(latest_revision__user=user.pk).order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("latest_revision__created_at")))


def evidence_for(user: AbstractUser) -> Waiting:
    """Count the reviews of evidence that a user can still take part in."""
    if not user.has_perm("network.weigh_evidence"):
        return Waiting(0)
    found = EvidenceReview.objects.waiting_for(user.pk).order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("opened_at")))


def answers_for(user: AbstractUser) -> Waiting:
    """Count the answers of owners that somebody has to read."""
    if not user.has_perm("network.change_practice"):
        return Waiting(0)
    return Waiting(EvidenceReview.objects.with_proposed_answer().count())


def digests_due_for(user: AbstractUser) -> Waiting:
    """Count the digests that are due for another look."""
    if not user.has_perm(PERMISSION):
        return Waiting(0)
    found = DigestPage.objects.due().order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("due_on")))


def groups_for(user: AbstractUser) -> Waiting:
    """Count those who ask to join a group that nobody leads. In the others, the chair decides."""
    if not user.has_perm("network.change_groupmembership"):
        return Waiting(0)
    led = GroupMembership.objects.chairs().filter(group_key=OuterRef("group_key"))
    found = GroupMembership.objects.asking().exclude(Exists(led)).order_by()
    return Waiting(**found.aggregate(count=Count("pk"), since=Min("asked_at")))


def digests_url() -> str:
    """Return the address of the list of digests in the page explorer."""
    index = DigestIndexPage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    return reverse("wagtailadmin_explore", args=[index.pk]) if index else reverse("wagtailadmin_explore_root")


REQUESTS = ToDo(
    title=_("Requests to join the network"),
    count=requests_for,
    url=f"{NAMESPACE}:index",
    somebody_waits=True,
    action=pgettext_lazy("what to do with what is waiting", "Review"),
)
WORDS = ToDo(
    title=_("New words of members to read"),
    count=words_for,
    url=f"{NAMESPACE}:index",
    somebody_waits=True,
    action=pgettext_lazy("what to do with what is waiting", "Review"),
)
POSTINGS = ToDo(
    title=_("Needs and offers of members to read"),
    count=postings_for,
    url="postings-to-read",
    somebody_waits=True,
    action=pgettext_lazy("what to do with what is waiting", "Review"),
)
OPINIONS = ToDo(
    title=_("Second opinions about members, asked for by a colleague"),
    count=opinions_for,
    url=f"{NAMESPACE}:index",
    somebody_waits=True,
)
UNANSWERED = ToDo(
    title=_("Members who have not answered a question for two weeks"),
    count=unanswered_for,
    url=f"{NAMESPACE}:index",
    lane=Lane.LATE,
)
REPORTS = ToDo(
    title=_("Reported conversations of members"),
    count=reports_for,
    url=f"{NAMESPACE}:reports",
    somebody_waits=True,
    action=pgettext_lazy("what to do with what is waiting", "Review"),
)
PRACTICES = ToDo(
    title=_("Practices to read and publish"),
    count=practices_for,
    url="wagtailsnippets_network_practice:list",
    action=pgettext_lazy("what to do with what is waiting", "Review"),
)
EVIDENCE = ToDo(
    title=_("Evidence of practices to weigh"),
    count=evidence_for,
    url="evidence-waiting",
    action=pgettext_lazy("what to do with what is waiting", "Review"),
)
ANSWERS = ToDo(
    title=_("Answers of owners to labels of evidence"),
    count=answers_for,
    url="evidence-waiting",
    somebody_waits=True,
)
DIGESTS_DUE = ToDo(
    title=_("Research digests to be looked at again"),
    count=digests_due_for,
    url=digests_url,
    lane=Lane.LATE,
)
GROUPS = ToDo(
    title=_("Members who ask to join a group that nobody leads"),
    count=groups_for,
    url="group-members",
    somebody_waits=True,
)
LOST_LETTERS = ToDo(
    title=_("Mail to members that could not be delivered"),
    count=lost_letters_for,
    url=f"{NAMESPACE}:letters",
    lane=Lane.FAILED,
)
SUGGESTIONS = (
    Suggestion(
        title=_("Look through the members of the network"), url=f"{NAMESPACE}:index", permission=PERMISSION
    ),
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
    POSTINGS,
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
