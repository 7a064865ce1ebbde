"""Members' view of other members, after signing in, and the menu of their area.

These pages are never prerendered, and no cache keeps them.
"""

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_safe

from core.admin.menus import Area, AreaLink, AreaMenu
from core.background.locks import snapshot
from core.languages.lazy import StrOrPromise
from network.directory import listing
from network.members import profiles, vcards
from network.members.access import for_listed_members, opened_member, render_page, signed_in_member
from network.members.views import card_file
from network.models import Conversation, InboxShare, Member, MemberBlock
from network.vocabulary.details import Detail, DetailAudience
from network.vocabulary.models import vocabulary

# The namespaces of the members' area and of the account pages.
# Other parts of the private site do not show a user's identity.
AREA = ("network", "")
# Links for listed members who have signed in.
AMONG_MEMBERS: tuple[tuple[str, StrOrPromise], ...] = (
    ("members", pgettext_lazy("menu", "Members")),
    ("inbox", pgettext_lazy("menu", "Messages")),
    ("opportunities", gettext_lazy("Needs and offers")),
    ("fitting-opportunities", gettext_lazy("What fits you")),
    ("own-events", gettext_lazy("Your events")),
    ("groups", pgettext_lazy("menu", "Groups")),
)
# Links to a member's own pages, which also open with a mailed link.
OWN: tuple[tuple[str, StrOrPromise], ...] = (
    ("own-publications", gettext_lazy("Your publications")),
    ("profile", gettext_lazy("Your profile")),
)


@require_safe
@for_listed_members
def members(request: HttpRequest, member: Member) -> HttpResponse:
    """List the members that match the query string, as members see them."""
    with snapshot():  # so that the view is consistent while categories are merged
        found = listing.look_up(request.GET, DetailAudience.MEMBERS)
    return render_page(
        request, "directory/members", title=_("Members of the network"), status=found.status, directory=found
    )


def seen_by_members(uuid: UUID) -> Member:
    """Return a listed member.

    Raises Http404 for a member who is hidden, paused, gone or shows nothing to members.
    """
    return get_object_or_404(Member.objects.listed(DetailAudience.MEMBERS), uuid=uuid)


@require_safe
@for_listed_members
def one_member(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    other = seen_by_members(uuid)
    entry = listing.entry(other, vocabulary(translation.get_language()), {}, DetailAudience.MEMBERS)
    return render_page(
        request,
        "directory/member",
        title=entry.profile.title,
        entry=entry,
        profile=entry.profile,
        kept_query=listing.kept_query(request.GET),
        is_oneself=other == member,
        is_blocked=MemberBlock.objects.filter(blocker=member, blocked=other).exists(),
        takes_messages=Member.objects.taking_messages().filter(pk=other.pk).exists(),
        can_share=can_share(member, other),
    )


def can_share(member: Member, other: Member) -> bool:
    """Return whether an organisation may ask a member to share its inbox.

    The member must be a person, show their name, since the request reveals that they are a person, and not have been
    asked already.
    """
    is_possible = (member.kind, other.kind) == (Member.Kind.ORGANISATION, Member.Kind.PERSON)
    is_possible = is_possible and other.shows(Detail.NAME, to=DetailAudience.MEMBERS)
    return is_possible and not InboxShare.objects.filter(organisation=member, colleague=other).exists()


@require_GET
@for_listed_members
def card(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Download what a member shows to members as a vCard."""
    other = seen_by_members(uuid)
    profile = profiles.for_members(other, vocabulary(translation.get_language()))
    return card_file(vcards.of_profile(profile), other)


def members_menu(request: HttpRequest) -> AreaMenu | None:
    """Return the menu for a member who has signed in or opened their profile with a mailed link, or None."""
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
            waiting=ngettext("%(number)s conversation waits for you", "%(number)s conversations wait for you", count)
            % {"number": count}
            if count
            else "",
        )
    yield AreaLink(title=_("Data and leaving"), url=f"{reverse('network:profile')}#data")


MEMBERS_AREA = Area(menu=members_menu, start="network:members", join="network:ask-for-link")
