"""A member's inbox: their conversations, those of organisations whose inbox they share, and the inbox settings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from network.members import profiles
from network.members.access import carry_out, for_listed_members, render_page
from network.members.profiles import Profile
from network.messages import services
from network.messages.models import new_warnings
from network.models import Conversation, Inbox, InboxShare, Member, MemberBlock
from network.vocabulary.details import DetailAudience
from network.vocabulary.models import Vocabulary, vocabulary

SHOWN_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A conversation in the list.

    `shared_by` is the organisation whose inbox it is in, or "" for the user's own.
    """

    uuid: UUID
    profile: Profile
    subject: str
    seen_at: datetime
    is_unread: bool
    shared_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMember:
    """A member related to the user by a shared inbox or a block, and the participant concerned."""

    profile: Profile
    participant: Member
    uuid: UUID
    is_accepted: bool = True


@require_safe
@for_listed_members
def inbox(request: HttpRequest, member: Member) -> HttpResponse:
    """List a member's conversations.

    Opening the page clears earlier notifications, so that the next message leads to a new one.
    """
    known = vocabulary(translation.get_language())
    participants = {participant.pk: participant for participant in Member.objects.acting_for(member)}
    row = Inbox.objects.filter(member=member).first()
    warnings = list(new_warnings(member))
    services.open_inbox(member=member)
    found = Conversation.objects.of(participants.values()).select_related("starter", "recipient")
    page = Paginator(found, SHOWN_AT_ONCE).get_page(request.GET.get("page"))
    return render_page(
        request,
        "messages/inbox",
        title=_("Your messages"),
        member=member,
        rows=[row_of(each, participants[each.participant_id], member, known) for each in page.object_list],
        page_obj=page,
        warnings=warnings,
        takes_messages=row is None or row.takes_messages,
        invitations=list(organisations(InboxShare.objects.asked_of(member), member, known)),
        shares=list(organisations(member.shared_inboxes.accepted(), member, known)),
        colleagues=list(colleagues(member, known)),
        blocked=list(blocked(participants.values(), member, known)),
    )


def row_of(found: Conversation, participant: Member, reader: Member, known: Vocabulary) -> InboxRow:
    return InboxRow(
        uuid=found.uuid,
        profile=profiles.for_members(found.other(participant), known),
        subject=found.subject,
        seen_at=found.seen_at,
        is_unread=found.is_unread,
        shared_by="" if participant == reader else participant.name,
    )


def organisations(found: QuerySet[InboxShare], member: Member, known: Vocabulary) -> Iterator[OtherMember]:
    """Yield the organisations whose inbox a member shares, or has been invited to share."""
    for share in found.select_related("organisation"):
        profile = profiles.for_members(share.organisation, known)
        yield OtherMember(profile=profile, participant=member, uuid=share.uuid)


def colleagues(member: Member, known: Vocabulary) -> Iterator[OtherMember]:
    """Yield the colleagues whom an organisation has invited to share its inbox."""
    for share in member.inbox_shares.select_related("colleague"):
        profile = profiles.for_members(share.colleague, known)
        is_accepted = share.accepted_at is not None
        yield OtherMember(profile=profile, participant=member, uuid=share.uuid, is_accepted=is_accepted)


def blocked(participants: Iterable[Member], member: Member, known: Vocabulary) -> Iterator[OtherMember]:
    """Yield the members blocked by the user or by an organisation whose inbox they share."""
    for made in MemberBlock.objects.filter(blocker__in=participants).select_related("blocker", "blocked"):
        profile = profiles.for_members(made.blocked, known)
        yield OtherMember(profile=profile, participant=made.blocker, uuid=made.blocked.uuid)


@require_POST
@for_listed_members
def set_takes_messages(request: HttpRequest, member: Member) -> HttpResponse:
    """Stop receiving messages, or receive them again."""
    takes = request.POST.get("takes") == "yes"
    carry_out(
        request,
        lambda: services.set_takes_messages(member=member, takes=takes),
        _("You take messages again.")
        if takes
        else _("You take no messages for now. Others see that when they want to write to you."),
    )
    return redirect("network:inbox")


@require_POST
@for_listed_members
def share(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Invite a member to share the inbox of the user's organisation."""
    other = get_object_or_404(Member.objects.listed(DetailAudience.MEMBERS), uuid=uuid)
    carry_out(
        request,
        lambda: services.share_inbox(organisation=member, colleague=other),
        _("Asked. They see it in their own inbox, and accept or refuse."),
    )
    return redirect("network:inbox")


@require_POST
@for_listed_members
def accept_share(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    asked = get_object_or_404(InboxShare.objects.asked_of(member), uuid=uuid)
    carry_out(
        request,
        lambda: services.accept_share(share=asked),
        _("From now on you read and answer what this organisation gets."),
    )
    return redirect("network:inbox")


@require_POST
@for_listed_members
def end_share(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Refuse or leave a shared inbox, or remove a colleague.

    The organisation and the colleague can each end it.
    """
    found = get_object_or_404(InboxShare.objects.of_either(member), uuid=uuid)
    carry_out(
        request,
        lambda: services.end_share(share=found),
        _("Ended. What this organisation gets is no longer shared."),
    )
    return redirect("network:inbox")
