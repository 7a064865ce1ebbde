"""Records and notifications of changes to accounts in the admin.

An administrator who changes an address or removes a second factor can sign in as another person.
So each change is logged with its old and new values, and mailed to the previous address and all other administrators.
What the approvals make of it: `core.publishing.account_changes`.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter, log
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from core.http import private_url
from core.http.access import SECOND_FACTORS
from core.languages.names import joined
from core.mail import outbox
from core.publishing.account_changes import ACTION
from users import alerts, mail, roles, services
from users.models import User

# The actions in the log. After a restriction, an account has only lost something: it may still approve.
CHANGE = ACTION
RESTRICTION = "users.account_restriction"
LABELS: dict[str, Promise] = {
    "email": gettext_lazy("Email address"),
    "roles": gettext_lazy("Roles"),
    "second_factors": gettext_lazy("Second factors"),
    "is_active": gettext_lazy("May sign in"),
    "is_superuser": gettext_lazy("Superuser"),
}

type Change = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class AccountState:
    """What makes an account that of a person, and what it may do; empty: no account in the admin."""

    email: str = ""
    roles: tuple[str, ...] = ()
    second_factors: int = 0
    is_active: bool = False
    is_superuser: bool = False

    def changes(self, after: "AccountState") -> dict[str, Change]:
        """Return the old and new values that differ, by name."""
        before, now = asdict(self), asdict(after)
        return {name: (before[name], now[name]) for name in before if before[name] != now[name]}


def state(pk: int | None) -> AccountState:
    """Return the state of an account as stored; without a key, or without access to the admin, an empty one."""
    user = User.objects.in_admin().filter(pk=pk).first() if pk else None
    if user is None:
        return AccountState()
    return AccountState(
        email=user.email,
        roles=tuple(user.groups.order_by("name").values_list("name", flat=True)),
        second_factors=Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).count(),
        is_active=user.is_active,
        is_superuser=user.is_superuser,
    )


def record(user: User, *, before: AccountState, by: User | None) -> None:
    """Log a change of an account since `before`, and notify its previous address and all other administrators.

    Call it in the transaction of the change.
    `by` is None on the server's console.
    Accounts without access to the admin are left alone, and so are deleted ones and new second factors.
    """
    after = state(user.pk)
    if not after.email:
        return
    changes = before.changes(after)
    if before.second_factors < after.second_factors:
        del changes["second_factors"]
    if not changes:
        return
    suspends = any(_gives_access(name, old, new) for name, (old, new) in changes.items())
    log(instance=user, action=CHANGE if suspends else RESTRICTION, user=by, data={"changes": changes})
    _notify(user, before=before, changes=changes, by=by, suspends=suspends)


def _gives_access(name: str, old: Any, new: Any) -> bool:
    """Return whether another person could use the account after a change, or can do more with it."""
    if name == "roles":
        return not set(new) <= set(old)
    return name in {"email", "second_factors"} or bool(new)


def _notify(user: User, *, before: AccountState, changes: dict[str, Change], by: User | None, suspends: bool) -> None:
    own_language = UserProfile.get_for_user(user).get_preferred_language()
    recipients = {before.email: own_language} if before.email else {}
    for administrator in services.administrators().exclude(email="").exclude(pk__in=[user.pk, by.pk if by else None]):
        recipients[administrator.email] = UserProfile.get_for_user(administrator).get_preferred_language()
    for address, language in recipients.items():
        with translation.override(language):
            context = {
                "user": user,
                "by": by,
                "site_name": mail.site_name(),
                "changes": list(sentences(changes)),
                "until": timezone.now() + settings.ACCOUNT_CHANGE_LASTS if suspends else None,
                "account": private_url("wagtailusers_users:edit", user.pk),
            }
            message = EmailMessage(
                subject=_("The account of %(user)s was changed") % {"user": " ".join(str(user).split())},
                body=render_to_string("users/mail/account_change.txt", context),
                to=[address],
            )
        outbox.send(message, kind=mail.ACCOUNT_CHANGE.name)


def sentences(changes: dict[str, Change]) -> Iterator[str]:
    """Yield each change in words: its name, the old and the new value."""
    labels = roles.labels()
    for name, values in changes.items():
        before, after = (_in_words(value, labels) for value in values)
        yield alerts.in_words(str(LABELS[name]), before, after)


def _in_words(value: Any, labels: dict[str, str]) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, (list, tuple)):
        return joined(str(labels.get(name, name)) for name in value)
    return str(value)


class ChangeFormatter(LogFormatter):
    """Show old and new values in the history of an account."""

    label = gettext_lazy("Change an account")

    def format_message(self, log_entry: ModelLogEntry) -> str:
        return "; ".join(sentences(log_entry.data["changes"]))


# --- Changes by the user, on allauth's pages ------------------------------------------------------


def record_own_address(*, user: User, from_email_address: EmailAddress | None, **kwargs: object) -> None:
    """Receive allauth's `email_changed`."""
    after = state(user.pk)
    if from_email_address is not None:
        _record_own(user, after, email=from_email_address.email)


def record_own_factor(*, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    """Receive allauth's `authenticator_removed`."""
    after = state(user.pk)
    if authenticator.type in SECOND_FACTORS:
        _record_own(user, after, second_factors=after.second_factors + 1)


def _record_own(user: User, after: AccountState, **before: Any) -> None:
    if user.works_in_admin:
        record(user, before=AccountState(**{**asdict(after), **before}), by=user)
