"""What members see of each other, once they have signed in. It is never printed, and no cache keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from core.data.snapshots import snapshot
from network.directory import listing
from network.members import profiles, vcards
from network.members.access import for_listed_members, render_page
from network.members.views import card_file
from network.models import InboxShare, Member, MemberBlock
from network.vocabulary.details import Detail, DetailAudience
from network.vocabulary.models import vocabulary

if TYPE_CHECKING:
    from uuid import UUID


@require_safe
@for_listed_members
def members(request: HttpRequest, member: Member) -> HttpResponse:
    """List the members that match the query string, as members see them."""
    with snapshot():  # so that nobody sees half of a merge
        found = listing.look_up(request.GET, DetailAudience.MEMBERS)
    return render_page(
        request, "members", title=_("Members of the network"), status=found.status, directory=found
    )


def seen_by_members(uuid: UUID) -> Member:
    """Return a listed member. Who is hidden, paused, gone or shows nothing to members was never there: raises Http404."""
    other: Member | None = Member.objects.listed(DetailAudience.MEMBERS).filter(uuid=uuid).first()
    if other is None:
        raise Http404
    return other


@require_safe
@for_listed_members
def one_member(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    other = seen_by_members(uuid)
    entry = listing.entry(other, vocabulary(translation.get_language()), {}, DetailAudience.MEMBERS)
    return render_page(
        request,
        "member",
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
    """Whether an organisation may ask somebody to share its inbox: a person who shows their name, which tells that they are one, and once."""
    is_possible = (member.kind, other.kind) == (Member.Kind.ORGANISATION, Member.Kind.PERSON)
    is_possible = is_possible and other.shows(Detail.NAME, to=DetailAudience.MEMBERS)
    return is_possible and not InboxShare.objects.filter(organisation=member, colleague=other).exists()


@require_GET
@for_listed_members
def card(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Download what a member shows to members as a card for an address book."""
    other = seen_by_members(uuid)
    profile = profiles.for_members(other, vocabulary(translation.get_language()))
    return card_file(vcards.of_profile(profile), other)
