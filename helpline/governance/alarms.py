"""The mail that says at once that the clock has hidden something or put it back, or that one person has taken a wrong number off.

It goes to everyone who may approve it, in their own language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.utils import quote
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy
from wagtail.models import Page
from wagtail.users.models import UserProfile

from core.doors import desk_url
from core.languages.names import language_name
from core.mail import outbox
from core.mail.kinds import MailKind
from helpline.approval.versions import child_model, in_words
from helpline.governance.review.approvers import people_who_may_approve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractUser
    from django_stubs_ext import StrOrPromise

    from helpline.approval.mixins import SecondPerson, TwoPeople
    from helpline.approval.rule import User
    from helpline.records.listings import Listing

HIDDEN = MailKind(
    name="helpline.hidden", title=gettext_lazy("Hidden because it differs from what two people approved")
)
PUT_BACK = MailKind(
    name="helpline.put_back", title=gettext_lazy("Help page put back to what two people approved")
)
TAKEN_OFF = MailKind(name="helpline.taken_off", title=gettext_lazy("A wrong number was taken off everywhere"))
MAILS = (HIDDEN, PUT_BACK, TAKEN_OFF)


def tell_approvers(row: TwoPeople, differing: Iterable[str]) -> None:
    """Put a mail to each approver into the outbox. `differing` are the fields that differ; none if no version was approved."""
    url = desk_url(row.snippet_viewset.get_url_name("review"), quote(row.pk))
    _tell(row, differing, kind=HIDDEN, subject=gettext_lazy("Hidden: %(listing)s"), url=url)


def tell_of_page(page: SecondPerson, differing: Iterable[str]) -> None:
    """Do the same about a help page that got its approved words back."""
    url = desk_url("help_pages:review", page.pk)
    _tell(page, differing, kind=PUT_BACK, subject=gettext_lazy("Put back: %(listing)s"), url=url)


def tell_of_number(row: Listing, *, number: str, listings: Iterable[Listing], by: User, reason: str) -> None:
    """Put a mail to each approver but `by` into the outbox: a number was taken off by one person, and putting the right one back takes two."""
    url = desk_url(row.snippet_viewset.get_url_name("review"), quote(row.pk))
    told = {"number": number, "listings": list(listings), "by": by, "reason": reason, "url": url}
    subject = gettext_lazy("Wrong number taken off: %(listing)s")
    for user in people_who_may_approve(row).exclude(email="").exclude(pk=by.pk):
        write_to(user, TAKEN_OFF, subject, "helpline/mail/taken_off.txt", {"listing": row, **told})


def _tell(
    row: SecondPerson, differing: Iterable[str], *, kind: MailKind, subject: StrOrPromise, url: str
) -> None:
    model = type(row)
    # Of children, that they are others: not which of their fields.
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
    """Put a mail to a member of staff into the outbox, in their own language. The subject names the `listing` of the context."""
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        message = EmailMessage(
            subject=" ".join((str(subject) % context).split()),
            body=render_to_string(template, context),
            to=[user.email],
        )
    outbox.send(message, kind=kind.name)
