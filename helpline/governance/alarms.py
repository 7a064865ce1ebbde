"""The mail that says at once that the clock has hidden something: to everyone who may approve it, in their own language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.users.models import UserProfile

from core.doors import desk_url
from core.mail import outbox
from core.mail.kinds import MailKind
from helpline.governance.approvers import people_who_may_approve
from helpline.records.two_people import child_model, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN = MailKind(
    name="helpline.hidden", title=gettext_lazy("Hidden because it differs from what two people approved")
)


def tell_approvers(row: Any, differing: Iterable[str]) -> None:
    """Put a mail to each approver into the outbox. `differing` are the fields that differ; none if no version was approved."""
    model = type(row)
    # Of children, that they are others: not which of their fields.
    facts = [(name,) if child_model(model, name) is None else (name, "") for name in differing]
    url = desk_url(row.snippet_viewset.get_url_name("review"), quote(row.pk))
    for user in people_who_may_approve(row).exclude(email=""):
        with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
            message = EmailMessage(
                subject=" ".join((_("Hidden: %(listing)s") % {"listing": row}).split()),
                body=render_to_string(
                    "helpline/mail/hidden.txt", {"listing": row, "facts": in_words(model, facts), "url": url}
                ),
                to=[user.email],
            )
        outbox.send(message, kind=HIDDEN.name)
