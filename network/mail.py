"""The mails that the services send: plain text, in the member's language, to one address.

A letter waits in the database until it has gone, so none is lost while the mail server is away. It is written when it is sent:
whether an address is known is looked up here, out of sight of whoever filled in a form.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from core.doors import desk_url, public_url
from core.mail.errors import BACK_OFF, UNSENT, is_final
from network import tokens
from network.models import Letter, Member, NetworkSettings

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

log = logging.getLogger(__name__)

SUBJECTS: dict[str, _StrPromise] = {
    "confirm": _("Please confirm: you asked to join the network"),
    "known": _("You asked to join the network, and you already have"),
    "profile_link": _("The link to your profile"),
    "welcome": _("Welcome to the network"),
    "question": _("A question about your request to join"),
    "declined": _("Your request to join"),
}


def send(letter: Letter) -> None:
    """Hand a letter to the worker. Call it when the letter has been committed."""
    deliver.enqueue(letter.pk)


@task()
def deliver(letter_id: int) -> None:
    """Send one letter and forget it; if the mail server does not take it, try again later."""
    with transaction.atomic():
        # Held until the letter has gone, so that two workers cannot send it twice.
        letter = (
            Letter.objects.select_related("member")
            .select_for_update(of=("self",), skip_locked=True)
            .filter(pk=letter_id)
            .first()
        )
        if letter is None or letter.failed_at is not None:
            return
        try:
            message = _written(letter)
            if message is not None:
                message.send()
        except UNSENT as error:
            _put_back(letter, error)
        else:
            letter.delete()
    if letter.pk and letter.failed_at is None and deliver.get_backend().supports_defer:
        deliver.using(run_after=letter.due_at).enqueue(letter.pk)


def _put_back(letter: Letter, error: Exception) -> None:
    letter.error = type(error).__name__
    letter.attempts += 1
    if is_final(error) or letter.attempts > len(BACK_OFF):
        letter.failed_at = timezone.now()
        # The desk shows it; the log names no address.
        log.error("A letter of the network was given up: %s.", letter.error)
    else:
        letter.due_at = timezone.now() + BACK_OFF[letter.attempts - 1]
    letter.save()


def _written(letter: Letter) -> EmailMessage | None:
    """The letter as a message; None if there is nobody to send it to."""
    member, template = letter.member, letter.kind
    if letter.kind == Letter.Kind.PROFILE_LINK:
        member = Member.objects.known().filter(email=letter.address).first()
    elif letter.kind == Letter.Kind.CONFIRM and member is not None:
        already = Member.objects.known().filter(email=member.email).first()
        if already is not None:
            member, template = already, "known"
        elif member.state != Member.State.UNCONFIRMED:
            member = None
    if member is None:
        return None
    contact = NetworkSettings.contact()
    with translation.override(letter.language or member.language):
        context = {
            "member": member,
            "text": letter.text,
            "contact": contact,
            "confirm_url": desk_url("network:confirm", tokens.make(member, tokens.CONFIRM)),
            "profile_url": desk_url("network:open-profile", tokens.make(member, tokens.PROFILE)),
            "link_url": desk_url("network:ask-for-link"),
            "directory_url": public_url(f"/{translation.get_language()}/network/"),
        }
        return EmailMessage(
            subject=str(SUBJECTS[template]),
            body=render_to_string(f"network/mail/{template}.txt", context),
            to=[member.email],
            reply_to=[contact],
            headers={
                # The same for each try: a receiver that gets the letter twice can tell.
                "Message-ID": f"<{letter.uuid}@{settings.DESK_HOST}>",
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
            },
        )
