"""Two-person approval: what one person may change alone, and who may be the second person.

Everything that takes two people asks this module: listings, laws and help pages, practices, ratings of evidence,
digests, words and contacts in the settings, exit addresses, launches, and requests to unpublish.
What one person may change is a table of facts, which an app declares (`one_person_changes`): what is not in it takes
two people, so a new field does.
A person is not an account: an account that another user has just created or changed does not stand for a second person
(`core.publishing.account_changes`).

See docs/decisions/0077.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils.translation import gettext as _

from core import declarations
from core.publishing import account_changes
from core.publishing.account_changes import RecentChanges

# A user's key; None: the import command, or a user who was deleted.
type Author = int | None
# The fields of a record, as a revision holds them.
type Content = Mapping[str, Any]
# Whether one person may change a fact, given the record before and after.
type AllowedChange = Callable[[Content, Content], bool]


class SecondPersonRequiredError(PermissionDenied):
    """Raised if this takes two people, and the user cannot be the second one.

    The message tells the user why.
    """


def freely(before: Content, after: Content) -> bool:
    """Allow any value: a date, a choice, or a note that no reader sees."""
    return True


def takes_one(model: type[Model], *, before: Content, after: Content, changed: Iterable[str]) -> bool:
    """Return whether one person may change these fields of a public record of this model.

    `before` is the record as it was approved, `after` as it would become public.
    """
    allowed: dict[str, AllowedChange] = {}
    for function in declarations.collect("one_person_changes"):
        allowed |= function(model)
    return all(name in allowed and allowed[name](before, after) for name in changed)


def blockers(by: Author, authors: Collection[Author], *, own: str = "") -> Iterator[str]:
    """Yield the reasons why the user `by` cannot be the second person beside these authors, as sentences.

    `own` is the sentence for an author, if the caller can say more than the general one.
    """
    if by is None or by in authors:
        yield own or _("You have changed this since it was last approved: a second person must approve it.")
    yield from account_changes.blockers(by=by, beside=authors)


def may_approve(by: Author, authors: Collection[Author], *, changes: RecentChanges | None = None) -> bool:
    """Return whether the user `by` can be the second person beside these authors.

    `changes` are those of `account_changes.recent()`, for callers that ask about many users.
    """
    recent = account_changes.recent() if changes is None else changes
    return by is not None and by not in authors and recent.allow(by, beside=authors)


def ensure_second_person(by: Author, authors: Collection[Author], *, own: str = "") -> None:
    """Raise SecondPersonRequiredError if the user `by` cannot be the second person beside these authors."""
    if against := list(blockers(by, authors, own=own)):
        raise SecondPersonRequiredError(" ".join(against))
