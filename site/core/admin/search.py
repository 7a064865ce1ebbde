"""One search of the admin over everything that has a name, a number or an address.

An app declares the kinds of results (`core.declarations`):

    MEMBERS = search.Findable(title=_("Members"), find=members_for)

`find` takes the user and the text typed, and yields the results that this user may open, best first, in a fixed number
of queries.
The text is not stored.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.search import SearchArea
from wagtail.permission_policies.pages import PagePermissionPolicy

from core import declarations
from core.admin.views import AdminView
from core.languages.lazy import StrOrPromise
from core.search.folding import words

PERMISSION = "wagtailadmin.access_admin"
MAX_LENGTH = 200  # characters
SHOWN = 10  # of each kind
QUERY = re.compile("[?#]")
WEBSITE = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A search result and its address.

    `detail` distinguishes it from others of the same name.
    """

    title: str
    url: str
    detail: str = ""


class Typed:
    """A text typed into the search of the admin."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text[:MAX_LENGTH].replace("\0", " ").split())

    @cached_property
    def words(self) -> list[str]:
        return words(self.text)

    @cached_property
    def address(self) -> str:
        """The text read as part of a web or email address: without scheme, `www.` and last slash."""
        return WEBSITE.sub("", self.text.casefold()).rstrip("/")

    def names(self, *names: str | None) -> bool:
        """Return whether each word begins a word of these names."""
        known = [word for name in names for word in words(name or "")]
        return bool(self.words) and all(any(name.startswith(word) for name in known) for word in self.words)

    def is_in(self, *addresses: str) -> bool:
        """Return whether the text is part of one of these addresses.

        Texts of up to three characters match too many of them.
        """
        return len(self.address) > 3 and any(self.address in address.casefold() for address in addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findable:
    title: StrOrPromise
    find: Callable[[Any, Typed], Iterable[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The results of one kind: the first few, and whether there are more."""

    title: StrOrPromise
    found: list[Found]
    is_cut: bool


def look_up(user: AbstractUser | AnonymousUser, typed: Typed) -> list[Group]:
    groups = []
    for findable in declarations.collect("admin_search") if typed.words else ():
        found = list(islice(findable.find(user, typed), SHOWN + 1))
        if found:
            groups.append(Group(title=findable.title, found=found[:SHOWN], is_cut=len(found) > SHOWN))
    return groups


class AdminSearchView(AdminView, TemplateView):
    template_name = "core/admin_search.html"
    page_title = _("Search")
    header_icon = "search"
    permission = PERMISSION

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        typed = Typed(self.request.GET.get("q", ""))
        return super().get_context_data(
            typed=typed, longest=MAX_LENGTH, groups=look_up(self.request.user, typed), **kwargs
        )


class AdminSearchArea(SearchArea):
    """Search area that comes first, so that the search field of the menu leads to it."""

    def __init__(self) -> None:
        super().__init__(_("Everything"), reverse("admin_search"), name="everything", icon_name="search", order=1)


def pages(user: AbstractUser | AnonymousUser, typed: Typed) -> Iterator[Found]:
    """Yield the pages that a user may see in the tree, by title or address."""
    match = Q()
    for word in typed.text.split():
        match &= Q(title__icontains=word) | Q(draft_title__icontains=word)
    steps = [step for step in QUERY.split(typed.text)[0].split("/") if step]
    if "/" in typed.text and steps:
        match |= Q(url_path__endswith=f"/{steps[-1]}/")
    readable = PagePermissionPolicy().explorable_instances(user).filter(match, depth__gt=1)
    for page in readable.select_related("locale").order_by("title", "path")[: SHOWN + 1]:
        yield Found(
            title=page.get_admin_display_title(),
            url=reverse("wagtailadmin_pages:edit", args=[page.pk]),
            detail=f"{page.locale.get_display_name()} · {page.url_path.split('/', 2)[2] or '/'}",
        )


PAGES = Findable(title=_("Pages"), find=pages)
