"""Recent changes of accounts by which one person could act as two.

A user who creates an account, or changes its address, second factor or roles, may be able to sign in with it.
For `ACCOUNT_CHANGE_LASTS` the two count as one person, and the account approves nothing.
The app with the accounts writes these changes to Wagtail's log, and `core.publishing.approval` asks this module.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from core.languages.names import joined

# The action in the log, with the account as its object.
ACTION = "core.account_change"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A change of `account` by `by` (keys of users); None: on the server's console."""

    account: int
    by: int | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class RecentChanges:
    """The changes of all accounts within `ACCOUNT_CHANGE_LASTS`."""

    changes: tuple[AccountChange, ...]

    def suspended_until(self, user: int | None) -> dt.datetime | None:
        """Return the time until which an account approves nothing; None if it has not been changed recently."""
        times = [change.at for change in self.changes if change.account == user]
        return max(times) + settings.ACCOUNT_CHANGE_LASTS if times else None

    def accounts_changed_by(self, user: int | None) -> set[int]:
        """Return the keys of the accounts that a user has changed, directly or through another one of them."""
        found: set[int] = set()
        while more := {change.account for change in self.changes if change.by in {user, *found}} - found:
            found |= more
        return found - {user}

    def allow(self, user: int | None, *, beside: Collection[int | None]) -> bool:
        """Return whether a user may be the second person beside the users `beside`."""
        return self.suspended_until(user) is None and self.accounts_changed_by(user).isdisjoint(beside)


def recent() -> RecentChanges:
    entries = ModelLogEntry.objects.filter(
        action=ACTION,
        content_type=ContentType.objects.get_for_model(get_user_model()),
        timestamp__gt=timezone.now() - settings.ACCOUNT_CHANGE_LASTS,
    )
    rows = entries.values_list("object_id", "user_id", "timestamp")
    return RecentChanges(tuple(AccountChange(int(account), by, at) for account, by, at in rows))


def blockers(*, by: int | None, beside: Iterable[int | None]) -> Iterator[str]:
    """Yield the reasons in recent changes of accounts why `by` cannot be the second person, as sentences.

    `by` is the key of a user, `beside` are those of the authors; None stands for an import or a deleted user.
    """
    changes = recent()
    until = changes.suspended_until(by)
    if until is not None:
        when = date_format(timezone.localtime(until), "DATETIME_FORMAT")
        yield _(
            "Your account is new, or its address, second factor or roles have changed: it can approve from %(when)s."
        ) % {"when": when}
    if same := changes.accounts_changed_by(by).intersection(beside):
        people = get_user_model()._default_manager.filter(pk__in=same)
        yield _("You have recently created or changed the account of %(people)s: another person must approve this.") % {
            "people": joined(sorted(map(str, people)))
        }
