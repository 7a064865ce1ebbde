"""Two-person approval: what one person may change alone, and who may be the second person.

Everything that takes two people asks this module: listings, laws and help pages, practices, ratings of evidence,
digests, and requests to unpublish.
What one person may change is a table of facts, which an app declares (`one_person_changes`): what is not in it takes
two people, so a new field does.
A person is not an account: an account that another user has just created or changed does not stand for a second person
beside that user (`account_changes`).

See docs/decisions/0077.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils.translation import gettext as _

from core import declarations

# A user's key; None: an import, or a user who was deleted.
type Author = int | None
# The fields of a record, as a revision holds them.
type Content = Mapping[str, Any]
# Whether one person may change a fact, given the record before and after.
type AllowedChange = Callable[[Content, Content], bool]


class SecondPersonRequiredError(PermissionDenied):
    """Raised if this takes two people, and the user cannot be the second one.

    The message tells the user why.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """Recent change of an account that bears on who its owner is, or on what the owner may do.

    `user` is the account, `by` the user who changed it, and None if that is not known.
    An account that is `suspended` approves nothing for as long as the change counts as recent.
    """

    user: int
    by: Author
    suspended: bool = False


def takes_one(model: type[Model], *, before: Content, after: Content, changed: Iterable[str]) -> bool:
    """Return whether one person may change these fields of a public record of this model.

    `before` is the record as it was approved, `after` as it would become public.
    """
    allowed: dict[str, AllowedChange] = {}
    for function in declarations.collect("one_person_changes"):
        allowed |= function(model)
    return all(name in allowed and allowed[name](before, after) for name in changed)


def account_changes() -> list[AccountChange]:
    """Return the recent changes of accounts.

    The number of queries does not depend on the number of users.
    """
    return [change for function in declarations.collect("account_changes") for change in function()]


def blockers(
    by: Author, authors: Collection[Author], *, own: str = "", changes: Iterable[AccountChange] | None = None
) -> Iterator[str]:
    """Yield the reasons why the user `by` cannot be the second person beside these authors, as sentences.

    `own` is the sentence for an author, if the caller can say more than the general one.
    `changes` are those of `account_changes()`, for callers that ask about many users.
    """
    if by is None or by in authors:
        yield own or _("You have changed this since it was last approved: a second person must approve it.")
    recent = account_changes() if changes is None else list(changes)
    if any(change.user == by and change.suspended for change in recent):
        yield _("Your account was created or changed a short time ago and cannot approve yet. Ask another person.")
    if any(
        ((change.user == by and change.by in authors) or (change.by == by and change.user in authors))
        for change in recent
        if change.by not in (None, change.user)
    ):
        yield _(
            "You have changed the account of an author a short time ago, or an author has changed yours. Ask another "
            "person to approve this."
        )


def may_approve(by: Author, authors: Collection[Author], *, changes: Iterable[AccountChange] | None = None) -> bool:
    """Return whether the user `by` can be the second person beside these authors."""
    return not any(blockers(by, authors, changes=changes))


def ensure_second_person(by: Author, authors: Collection[Author], *, own: str = "") -> None:
    """Raise SecondPersonRequiredError if the user `by` cannot be the second person beside these authors."""
    if against := list(blockers(by, authors, own=own)):
        raise SecondPersonRequiredError(" ".join(against))
