"""The menu of the members' area: where a member gets from each page of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.desk.menus import Area, AreaLink, AreaMenu
from network.members.access import opened_member, signed_in_member
from network.models import Conversation, Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise

# The members' area, and the pages of the account. Other parts of the desk show nobody who they are.
AREA = ("network", "")
# What listed members do among themselves, once they have signed in.
AMONG_MEMBERS: tuple[tuple[str, StrOrPromise], ...] = (
    ("members", pgettext_lazy("menu", "Members")),
    ("inbox", pgettext_lazy("menu", "Messages")),
    ("postings", gettext_lazy("Needs and offers")),
    ("fitting-postings", gettext_lazy("What fits you")),
    ("own-events", gettext_lazy("Your events")),
    ("groups", pgettext_lazy("menu", "Groups")),
)
# What is one's own, and opens with a mailed link as well.
OWN: tuple[tuple[str, StrOrPromise], ...] = (
    ("own-works", gettext_lazy("Your works")),
    ("profile", gettext_lazy("Your profile")),
)


def members_menu(request: HttpRequest) -> AreaMenu | None:
    """Return the menu for a member who has signed in, or has opened their profile with a mailed link; None for everybody else."""
    if request.resolver_match is None or request.resolver_match.namespace not in AREA:
        return None
    signed_in = signed_in_member(request)
    member = signed_in or opened_member(request)
    if member is None or member.state not in Member.KNOWN:
        return None
    is_among_members = signed_in is not None and member.state == Member.State.LISTED
    return AreaMenu(name=_("Members' area"), links=list(links(member, is_among_members=is_among_members)))


def links(member: Member, *, is_among_members: bool) -> Iterator[AreaLink]:
    unread = Conversation.objects.unread_by(member).count() if is_among_members else 0
    for name, title in (*AMONG_MEMBERS, *OWN) if is_among_members else OWN:
        count = unread if name == "inbox" else 0
        yield AreaLink(
            title=str(title),
            url=reverse(f"network:{name}"),
            count=count,
            waiting=ngettext(
                "%(number)s conversation waits for you", "%(number)s conversations wait for you", count
            )
            % {"number": count}
            if count
            else "",
        )
    yield AreaLink(title=_("Data and leaving"), url=f"{reverse('network:profile')}#data")


MEMBERS_AREA = Area(menu=members_menu, start="network:members", join="network:ask-for-link")
