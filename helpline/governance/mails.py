"""Emails to the people who work on a listing, each in their own language.

Alarms go immediately to all users who may approve it: the scheduler has hidden or reverted something, or one person has
withdrawn a wrong number.
Comments that staff write about a listing are part of its history, and go to the other participants.
"""

from collections.abc import Iterable

from django.contrib.admin.utils import quote
from django.contrib.auth.models import AbstractUser
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log, registry
from wagtail.models import Page
from wagtail.users.models import UserProfile

from core.http import private_url
from core.languages.lazy import StrOrPromise
from core.languages.names import language_name
from core.mail import outbox
from core.mail.kinds import MailKind
from helpline.approval.mixins import SecondPerson, TwoPersonApproval
from helpline.approval.rule import Approvable, User
from helpline.approval.versions import child_model, in_words
from helpline.governance.review.approvers import people_who_may_approve
from helpline.records.listings import Listing

HIDDEN = MailKind(name="helpline.hidden", title=gettext_lazy("Hidden because it differs from what two people approved"))
REVERTED = MailKind(name="helpline.reverted", title=gettext_lazy("Help page reverted to what two people approved"))
NUMBER_WITHDRAWN = MailKind(
    name="helpline.number_withdrawn", title=gettext_lazy("A wrong number was removed everywhere")
)
MAILS = (HIDDEN, REVERTED, NUMBER_WITHDRAWN)


def notify_approvers(row: TwoPersonApproval, differing: Iterable[str]) -> None:
    """Put an email to each approver into the outbox.

    `differing` are the fields that differ, or none if no version was approved.
    """
    url = private_url(row.snippet_viewset.get_url_name("review"), quote(row.pk))
    _notify(row, differing, kind=HIDDEN, subject=gettext_lazy("Hidden: %(listing)s"), url=url)


def notify_approvers_of_page(page: SecondPerson, differing: Iterable[str]) -> None:
    """Do the same for a help page that was reverted to its approved words."""
    url = private_url("help_pages:review", page.pk)
    _notify(page, differing, kind=REVERTED, subject=gettext_lazy("Reverted: %(listing)s"), url=url)


def notify_approvers_of_number(
    row: Listing, *, number: str, listings: Iterable[Listing], by: User, reason: str
) -> None:
    """Put an email to each approver but `by` into the outbox.

    One person has withdrawn a number, and it takes two to show the right one.
    """
    url = private_url(row.snippet_viewset.get_url_name("review"), quote(row.pk))
    told = {"number": number, "listings": list(listings), "by": by, "reason": reason, "url": url}
    subject = gettext_lazy("Wrong number removed: %(listing)s")
    for user in people_who_may_approve(row).exclude(email="").exclude(pk=by.pk):
        write_to(user, NUMBER_WITHDRAWN, subject, "helpline/mail/number_withdrawn.txt", {"listing": row, **told})


def _notify(row: SecondPerson, differing: Iterable[str], *, kind: MailKind, subject: StrOrPromise, url: str) -> None:
    model = type(row)
    # For children, only the fact that they differ, without their fields.
    facts = [(name,) if child_model(model, name) is None else (name, "") for name in differing]
    context = {
        "listing": lazy(_named, str)(row),
        "facts": lazy(in_words, str)(model, facts),
        "url": url,
        "is_page": isinstance(row, Page),
    }
    for user in people_who_may_approve(row).exclude(email=""):
        write_to(user, kind, subject, "helpline/mail/hidden.txt", context)


def _named(row: SecondPerson) -> str:
    return f"{row} ({language_name(row.locale.language_code)})" if isinstance(row, Page) else str(row)


def write_to(
    user: AbstractUser, kind: MailKind, subject: StrOrPromise, template: str, context: dict[str, object]
) -> None:
    """Put an email to a member of staff into the outbox, in their own language.

    The subject names the `listing` of the context.
    """
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        message = EmailMessage(
            subject=" ".join((str(subject) % context).split()),
            body=render_to_string(template, context),
            to=[user.email],
        )
    outbox.send(message, kind=kind.name)


ACTION = "helpline.comment"
COMMENT = MailKind(name=ACTION, title=gettext_lazy("Comment on a listing"))


@transaction.atomic
def comment(*, listing: Approvable, by: User, text: str, url: str) -> None:
    """Store a comment, and email it to the other people involved.

    `url` is where they reply.
    """
    log(instance=listing, action=ACTION, user=by, revision=listing.latest_revision, data={"reason": text})
    for user in taking_part(listing, but=by):
        context: dict[str, object] = {"listing": listing, "by": by, "text": text, "url": url}
        write_to(user, COMMENT, gettext_lazy("Comment on %(listing)s"), "helpline/mail/comment.txt", context)


def taking_part(listing: Approvable, *, but: User) -> list[AbstractUser]:
    """Return the users who have commented on, changed or decided about it since the last approval, and its approver."""
    last = listing.approvals.select_related("by").first()
    entries = registry.get_logs_for_instance(listing).select_related("user")
    versions = listing.revisions.select_related("user")
    if last is not None:
        entries = entries.filter(timestamp__gte=last.at)
        versions = versions.filter(created_at__gte=last.at)
    people = {one.user for one in (*entries, *versions)} | ({last.by} if last is not None else set())
    return sorted(
        (
            user
            for user in people
            if user is not None and user != but and user.is_active and user.email and may_change(user, listing)
        ),
        key=lambda user: user.pk,
    )


def may_change(user: AbstractUser, listing: Approvable) -> bool:
    if isinstance(listing, Page):
        return bool(listing.permissions_for_user(user).can_edit())
    return bool(user.has_perm(f"{listing._meta.app_label}.change_{listing._meta.model_name}"))
