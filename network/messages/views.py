"""Messages between members: one conversation, its first message, and the actions on it.

The inbox is in `inbox.py`.

Of the other participant's actions, the pages show only reports: neither that a message was read, nor that a member was
blocked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core.admin.forms import LineField, LinesField
from core.http.limits import Limit, RateLimitExceededError, RequestRejectedError, consume
from network import row_locks
from network.members import profiles
from network.members.access import carry_out, for_listed_members, render_page
from network.messages import services
from network.messages.models import LONGEST_SUBJECT, LONGEST_TEXT
from network.models import Conversation, Member, MemberBlock, Message
from network.vocabulary.details import DetailAudience
from network.vocabulary.models import Vocabulary, vocabulary

# Daily limits for each sending participant, and for each pair, whether or not the messages are delivered.
CONVERSATIONS_OF_MEMBER = Limit(name="conversations-of", times=10, seconds=24 * 60 * 60)
MESSAGES_OF_MEMBER = Limit(name="messages-of", times=60, seconds=24 * 60 * 60)
MESSAGES_IN_PAIR = Limit(name="messages-in", times=15, seconds=24 * 60 * 60)
SHOWN_AT_ONCE = 100


class MessageForm(forms.Form):
    """Plain text to the other participant."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    text = LinesField(
        label=gettext_lazy("Your message"),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy("Plain text. Please write nothing that tells who the people are whom you help."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"key": uuid4()}, **kwargs)


class FirstMessageForm(MessageForm):
    """A message that starts a conversation."""

    subject = LineField(
        label=gettext_lazy("Subject"),
        max_length=LONGEST_SUBJECT,
        required=False,
        help_text=gettext_lazy("It is seen here alone, and never in an email."),
    )
    field_order = ("key", "subject", "text")


class ConversationReportForm(forms.Form):
    """Description of a reported conversation for the team."""

    text = LinesField(
        label=gettext_lazy("What is wrong?"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("For the network's team alone."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMessage:
    """A message as a participant sees it; `by` is empty for the user's own messages."""

    by: str
    written_at: datetime
    text: str


def seen(participant: Member, reader: Member, shown: list[Message], known: Vocabulary) -> Iterator[SeenMessage]:
    """Yield messages as the user sees them on behalf of a participant.

    Only colleagues who share an inbox see which of them wrote.
    """
    for message in shown:
        who = message.sender
        if who == participant and message.author is not None:
            who = message.author
        by = "" if who == reader else profiles.for_members(who, known).title
        yield SeenMessage(by=by, written_at=message.written_at, text=message.text)


def find(member: Member, uuid: UUID) -> tuple[Conversation, Member]:
    """Return a conversation that a member may read, and the participant for which they do.

    Raises Http404.
    """
    participants = Member.objects.acting_for(member)
    found = get_object_or_404(Conversation.objects.of(participants).select_related("starter", "recipient"), uuid=uuid)
    return found, found.starter if found.participant_id == found.starter_id else found.recipient


@require_http_methods(["GET", "HEAD", "POST"])
@for_listed_members
def write(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Write to a member whose profile the user can see."""
    other = get_object_or_404(Member.objects.listed(DetailAudience.MEMBERS).exclude(pk=member.pk), uuid=uuid)
    form = FirstMessageForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        status, made = send(
            form,
            lambda given: services.start_conversation(participant=member, author=member, recipient=other, **given),
            counted=[
                (CONVERSATIONS_OF_MEMBER, str(member.uuid)),
                *counted(member, other),
            ],
        )
        if made:
            messages.success(request, sent())
            return redirect("network:conversation", uuid=made.uuid)
    known = vocabulary(translation.get_language())
    return render_page(
        request,
        "messages/write",
        title=_("Write a message"),
        status=status,
        form=form,
        profile=profiles.for_members(other, known),
        own=profiles.for_members(member, known),
        **openness(member, other),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_listed_members
def conversation(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Show a conversation, and accept a reply."""
    found, participant = find(member, uuid)
    other = found.other(participant)
    form = MessageForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        status, _made = send(
            form,
            lambda given: services.write_message(conversation=found, participant=participant, author=member, **given),
            counted=counted(participant, other),
        )
        if status == 200:
            messages.success(request, sent())
            return redirect("network:conversation", uuid=uuid)
    if found.is_unread:
        services.read_conversation(conversation=found, participant=participant)
    return conversation_page(request, member, found, participant, form=form, status=status)


def conversation_page(
    request: HttpRequest,
    member: Member,
    found: Conversation,
    participant: Member,
    *,
    form: MessageForm,
    status: int,
) -> HttpResponse:
    other = found.other(participant)
    known = vocabulary(translation.get_language())
    newest_first = found.messages.seen_by(participant).select_related("sender", "author").order_by("-written_at", "-pk")
    page = Paginator(newest_first, SHOWN_AT_ONCE).get_page(request.GET.get("page"))
    return render_page(
        request,
        "messages/conversation",
        title=found.subject or _("Conversation"),
        status=status,
        conversation=found,
        participant=participant,
        is_shared=participant != member,
        profile=profiles.for_members(other, known),
        has_profile=Member.objects.listed(DetailAudience.MEMBERS).filter(pk=other.pk).exists(),
        said=list(seen(participant, member, list(reversed(page.object_list)), known)),
        page_obj=page,
        reports=list(found.reports.all()),
        form=form,
        **openness(participant, other),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_listed_members
def report(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Report a conversation to the team, after an explanation of the consequences."""
    found, participant = find(member, uuid)
    form = ConversationReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = carry_out(
            request,
            lambda: services.report_conversation(
                conversation=found, reporter=participant, text=form.cleaned_data["text"]
            ),
            _("Reported. The network's team reads the conversation, and decides."),
        )
        return redirect("network:conversation", uuid=uuid) if done else redirect("network:inbox")
    return render_page(
        request,
        "messages/report_conversation",
        title=_("Report this conversation"),
        conversation=found,
        form=form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_listed_members
def erase(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Delete a conversation for both participants, after an explanation."""
    found, _participant = find(member, uuid)
    if request.method == "POST":
        services.erase_conversation(conversation=found)
        messages.success(request, _("The conversation is deleted, for both participants."))
        return redirect("network:inbox")
    return render_page(request, "messages/erase_conversation", title=_("Delete this conversation?"), conversation=found)


@require_POST
@for_listed_members
def block(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    """Block a member, for the user or for an organisation whose inbox they share."""
    participant, other = pair(request, member, uuid)
    carry_out(
        request,
        lambda: services.block(member=participant, other=other),
        _(
            "Blocked. What they write does not reach you any more, and they are not notified. "
            "You can take it back below."
        ),
    )
    return redirect("network:inbox")


@require_POST
@for_listed_members
def unblock(request: HttpRequest, member: Member, uuid: UUID) -> HttpResponse:
    participant, other = pair(request, member, uuid)
    carry_out(
        request,
        lambda: services.unblock(member=participant, other=other),
        _("No longer blocked. What they wrote meanwhile does not come any more."),
    )
    return redirect("network:inbox")


# --- Shared -------------------------------------------------------------------------------------------------


def pair(request: HttpRequest, member: Member, uuid: UUID) -> tuple[Member, Member]:
    """Return the participant for which a member acts (`for` in the form), and another member.

    Raises Http404.
    """
    participants = {str(participant.uuid): participant for participant in Member.objects.acting_for(member)}
    participant = participants.get(request.POST.get("for", str(member.uuid)))
    other = Member.objects.known().filter(uuid=uuid).first()
    if participant is None or other is None:
        raise Http404
    return participant, other


def sent() -> str:
    return _("It waits in their inbox. They are notified within about an hour that something waits, and not from whom.")


def openness(participant: Member, other: Member) -> dict[str, bool]:
    """Return whether the member can write to the other, and whether the other could reply.

    A block by the other member is not revealed.
    """
    is_blocked = MemberBlock.objects.filter(blocker=participant, blocked=other).exists()
    open_ones = set(
        Member.objects.taking_messages().filter(pk__in=[participant.pk, other.pk]).values_list("pk", flat=True)
    )
    return {
        "is_blocked": is_blocked,
        "takes_messages": other.pk in open_ones,
        "can_be_answered": participant.pk in open_ones,
    }


def counted(participant: Member, other: Member) -> list[tuple[Limit, str]]:
    return [
        (MESSAGES_IN_PAIR, f"{participant.uuid}:{other.uuid}"),
        (MESSAGES_OF_MEMBER, str(participant.uuid)),
    ]


def send[Made](
    form: MessageForm, service: Callable[[dict[str, Any]], Made], *, counted: list[tuple[Limit, str]]
) -> tuple[int, Made | None]:
    """Check the limits and send a message.

    Return the response's status, and the created object, or None.

    On failure, the form keeps the text and has an error with the reason.
    """
    try:
        for limit, key in counted:
            consume(limit, key)
        return 200, service(form.cleaned_data)
    except RateLimitExceededError:
        form.add_error(
            None,
            _(
                "You have written so much today that we stop here, so as not to flood others. "
                "Nothing was sent. Please copy your text, and send it tomorrow."
            ),
        )
        return RateLimitExceededError.status, None
    except RequestRejectedError as refusal:
        form.add_error(None, str(refusal.sentence))
        return refusal.status, None
    except services.RecipientBlockedError:
        form.add_error(None, _("You have blocked this member. Take that back in your inbox, and write then."))
    except services.MessagesDisabledError:
        form.add_error(None, _("This member takes no messages at the moment. Nothing was sent. Please copy your text."))
    except row_locks.InvalidStateError:
        form.add_error(None, _("This conversation is gone. Nothing was sent. Please copy your text."))
    return 409, None
