"""Comments that staff write to each other about a listing. They are part of its history, beside what was done to it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log, registry
from wagtail.models import Page

from core.mail.kinds import MailKind
from helpline.governance.alarms import write_to

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

    from helpline.approval.rule import Approvable, User

ACTION = "helpline.comment"
COMMENT = MailKind(name=ACTION, title=gettext_lazy("Comment on a listing"))


@transaction.atomic
def comment(*, listing: Approvable, by: User, text: str, url: str) -> None:
    """Store a comment, and mail it to the other people involved. `url` leads to where they reply."""
    log(instance=listing, action=ACTION, user=by, revision=listing.latest_revision, data={"reason": text})
    for user in taking_part(listing, but=by):
        context: dict[str, object] = {"listing": listing, "by": by, "text": text, "url": url}
        write_to(user, COMMENT, gettext_lazy("Comment on %(listing)s"), "helpline/mail/comment.txt", context)


def taking_part(listing: Approvable, *, but: User) -> list[AbstractUser]:
    """Return the users who have commented on, changed or decided about it since the last approval, and who approved it then."""
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
            if user is not None
            and user != but
            and user.is_active
            and user.email
            and may_change(user, listing)
        ),
        key=lambda user: user.pk,
    )


def may_change(user: AbstractUser, listing: Approvable) -> bool:
    if isinstance(listing, Page):
        return bool(listing.permissions_for_user(user).can_edit())
    return bool(user.has_perm(f"{listing._meta.app_label}.change_{listing._meta.model_name}"))
