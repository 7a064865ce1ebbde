"""Members with whose accounts one can sign in at the demonstration, and what they and others have written to each other. All invented."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from demo.accounts import PASSWORD
from demo.content import LANGUAGES, SOURCE, facts
from network.members import services as members
from network.messages import services as conversations
from network.models import Conversation, InboxShare, Member, Message
from network.vocabulary.details import Detail

# Days since the oldest conversation began, and hours between two messages.
FIRST_DAY = 12
PAUSE = timedelta(hours=5)


def accounts() -> list[Member]:
    """Return the members with whose addresses one can sign in."""
    found = Member.objects.filter(user__isnull=False, user__groups=None)
    return list(found.order_by("kind", "pk"))


@transaction.atomic
def load() -> None:
    """Give three members an account, one of them an organisation, and let members write to each other. Once; the members are needed."""
    if Conversation.objects.exists():
        return
    named = Member.objects.listed().filter(shown__contains=[Detail.NAME, Detail.ABOUT], user=None)
    people = named.filter(kind=Member.Kind.PERSON).order_by("pk")
    house = named.filter(kind=Member.Kind.ORGANISATION).order_by("pk")[0]
    owners = {
        "person": people.filter(language=SOURCE)[0],
        "colleague": people.filter(language=LANGUAGES[1])[0],
        "organisation": house,
    }
    password = make_password(PASSWORD)
    for member in owners.values():
        user = members.open_account(member=member)
        user.password = password
        user.save()
    # Not with the services, so that the demonstration mails nobody by itself.
    InboxShare.objects.create(organisation=house, colleague=owners["colleague"], accepted_at=timezone.now())
    taken = [member.pk for member in owners.values()]
    for number, row in enumerate(facts("conversations")["conversations"]):
        writer = people.filter(language=row["language"]).exclude(pk__in=taken)[0]
        taken.append(writer.pk)
        _write(row, writer, owners[row["to"]], FIRST_DAY - 2 * number)


def _write(row: dict[str, Any], writer: Member, owner: Member, days: int) -> None:
    start = timezone.now() - timedelta(days=days)
    end = start + PAUSE * (len(row["messages"]) - 1)
    made = Conversation.objects.create(
        starter=writer, recipient=owner, subject=row["subject"], starter_read_at=end, last_message_at=end
    )
    for number, text in enumerate(row["messages"]):
        side = owner if number % 2 else writer
        Message.objects.create(
            conversation=made, sender=side, author=side, text=text, written_at=start + PAUSE * number
        )
    if reported := row.get("reported"):
        conversations.report_conversation(conversation=made, reporter=owner, text=reported)
