"""The board on the start page of the admin: open tasks, in lanes, and suggestions if there are none.

An app declares its items on its `AppConfig` (`core.declarations`), as `todos` and as `suggestions`:

    MISSING = ToDo(title=_("Pictures without a licence"), count=count_missing, url="wagtailimages:index")
    ADD = Suggestion(title=_("Add a picture"), url="wagtailimages:add", permission="wagtailimages.add_image")

`count` takes the user and returns how many are waiting for them, 0 if it is not their task, or a `Waiting` that also
holds the date of the oldest.
It makes at most one query, so that the number of queries of the start page is fixed.
For several lines, such as one per language, declare a function that takes the user and returns `ToDoLine`s.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.components import Component

from core import declarations
from core.languages.lazy import StrOrPromise

SEE = pgettext_lazy("what to do with what is waiting", "See")
# The number of suggestions for a user without open tasks.
SUGGESTED = 3


class Lane(TextChoices):
    """The lanes of the board, in their order."""

    YOU = "you", _("Waiting for you")
    LATE = "late", pgettext_lazy("heading: what should have been done by now", "Overdue")
    FAILED = "failed", pgettext_lazy("heading: what did not work", "Failed")
    OTHERS = "others", _("Submitted: a second person decides")


class Rank(IntEnum):
    """The order of the lines of a lane: first what harms a reader."""

    READER = 1  # a reader may be led wrong, or has been harmed
    CHECK = 2  # what readers rely on is older than it should be
    LAUNCH = 3  # it has an hour
    PERSON = 4  # a person waits for an answer
    TRANSLATION = 5
    ANY_TIME = 6


ICONS = {Lane.YOU: "tasks", Lane.LATE: "time", Lane.FAILED: "warning", Lane.OTHERS: "group"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """The number of things waiting, and the date of the oldest."""

    count: int
    since: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDoLine:
    """One line of the board: an open task, the number and age of its items, and the place to do it.

    Lines are in the order of their `rank`; in each, `urgent` ones come first, and are emphasised.
    """

    title: StrOrPromise
    count: int
    url: str
    urgent: bool = False
    rank: Rank = Rank.ANY_TIME
    lane: Lane = Lane.YOU
    # The main action, in a word or two.
    action: StrOrPromise = SEE
    since: dt.date | None = None

    @property
    def age(self) -> str:
        """The age of the oldest, in its largest unit."""
        return timesince(self.since, depth=1) if self.since else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """One kind of to-do.

    `url` is the name of a view, or a function that returns a URL.
    """

    title: StrOrPromise
    count: Callable[[AbstractUser], int | Waiting]
    url: str | Callable[[], str]
    urgent: bool = False
    rank: Rank = Rank.ANY_TIME
    lane: Lane = Lane.YOU
    action: StrOrPromise = SEE

    def __call__(self, user: AbstractUser) -> Iterator[ToDoLine]:
        found = self.count(user)
        waiting = found if isinstance(found, Waiting) else Waiting(found)
        if waiting.count:
            yield ToDoLine(
                title=self.title,
                count=waiting.count,
                since=waiting.since,
                url=_address(self.url),
                urgent=self.urgent,
                rank=self.rank,
                lane=self.lane,
                action=self.action,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A suggestion for users without open tasks.

    `url` is as in `ToDo`.
    """

    title: StrOrPromise
    url: str | Callable[[], str]
    # The users who may do it: those with a permission, or those for whom a function returns true.
    permission: str | Callable[[AbstractUser], bool]
    # Suggestions with lower numbers come first; only a few are shown.
    order: int = 100

    def is_for(self, user: AbstractUser) -> bool:
        return user.has_perm(self.permission) if isinstance(self.permission, str) else self.permission(user)

    def get_url(self) -> str:
        return _address(self.url)


def _address(url: str | Callable[[], str]) -> str:
    return reverse(url) if isinstance(url, str) else url()


def suggestions(user: AbstractUser) -> list[Suggestion]:
    """Return a few suggestions for a user."""
    found = (each for each in declarations.collect("suggestions") if each.is_for(user))
    return sorted(found, key=lambda suggestion: suggestion.order)[:SUGGESTED]


def lines(user: AbstractUser) -> list[ToDoLine]:
    """Return the to-do list of a user, what harms a reader first."""
    found = (line for lines_of in declarations.collect("todos") for line in lines_of(user))
    return sorted(found, key=lambda line: (line.rank, not line.urgent))


class ToDoPanel(Component):
    """The panel of the start page that shows the board."""

    name = "waiting"
    order = 50
    template_name = "core/waiting.html"

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, object]:
        if parent_context is None:
            raise ValueError("The panel needs the context of the page.")
        user = parent_context["request"].user
        found = lines(user)
        lanes = [
            {
                "lane": lane,
                "icon": ICONS[lane],
                "lines": [line for line in found if line.lane == lane],
            }
            for lane in Lane
        ]
        # The first lane is always shown: if it is empty, it reports that nothing is waiting.
        shown = [each for each in lanes if each["lines"] or each["lane"] == Lane.YOU]
        return {"lanes": shown, "suggestions": [] if lanes[0]["lines"] else suggestions(user)}
