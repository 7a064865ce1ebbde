"""The mail that says at once that the clock has hidden something or put it back, or that one person has taken a wrong number off.

It goes to everyone who may approve it, in their own language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page
from wagtail.users.models import UserProfile

from core.doors import desk_url
from core.languages.names import language_name
from core.mail import outbox
from core.mail.kinds import MailKind
from helpline.governance.approvers import people_who_may_approve
from helpline.records.two_people import child_model, in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_stubs_ext import StrOrPromise

HIDDEN = MailKind(
    name="helpline.hidden", title=gettext_lazy("Hidden because it differs from what two people approved")
)


PUT_BACK = MailKind(
    name="helpline.put_back", title=gettext_lazy("Help page put back to what two people approved")
)


TAKEN_OFF = MailKind(name="helpline.taken_off", title=gettext_lazy("A wrong number was taken off everywhere"))
MAILS = (HIDDEN, PUT_BACK, TAKEN_OFF)


def tell_approvers(row: Any, differing: Iterable[str]) -> None:
    """Put a mail to each approver into the outbox. `differing` are the fields that differ; none if no version was approved."""
    url = desk_url(row.snippet_viewset.get_url_name("review"), quote(row.pk))
    _tell(row, differing, kind=HIDDEN, subject=gettext_lazy("Hidden: %(listing)s"), url=url)


def tell_of_page(page: Any, differing: Iterable[str]) -> None:
    """Do the same about a help page that got its approved words back."""
    url = desk_url("help_pages:review", page.pk)
    _tell(page, differing, kind=PUT_BACK, subject=gettext_lazy("Put back: %(listing)s"), url=url)


def tell_of_number(row: Any, *, number: str, listings: Iterable[Any], by: Any, reason: str) -> None:
    """Put a mail to each approver but `by` into the outbox: a number was taken off by one person, and putting the right one back takes two."""
    url = desk_url(row.snippet_viewset.get_url_name("review"), quote(row.pk))
    for user in people_who_may_approve(row).exclude(email="").exclude(pk=by.pk):
        with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
            context = {"number": number, "listings": list(listings), "by": by, "reason": reason, "url": url}
            message = EmailMessage(
                subject=" ".join((_("Wrong number taken off: %(listing)s") % {"listing": row}).split()),
                body=render_to_string("helpline/mail/taken_off.txt", context),
                to=[user.email],
            )
        outbox.send(message, kind=TAKEN_OFF.name)


def _tell(row: Any, differing: Iterable[str], *, kind: MailKind, subject: StrOrPromise, url: str) -> None:
    model = type(row)
    # Of children, that they are others: not which of their fields.
    facts = [(name,) if child_model(model, name) is None else (name, "") for name in differing]
    for user in people_who_may_approve(row).exclude(email=""):
        with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
            name = str(row)
            if isinstance(row, Page):
                name = f"{name} ({language_name(row.locale.language_code)})"
            message = EmailMessage(
                subject=" ".join((str(subject) % {"listing": name}).split()),
                body=render_to_string(
                    "helpline/mail/hidden.txt",
                    {
                        "listing": name,
                        "facts": in_words(model, facts),
                        "url": url,
                        "is_page": isinstance(row, Page),
                    },
                ),
                to=[user.email],
            )
        outbox.send(message, kind=kind.name)
