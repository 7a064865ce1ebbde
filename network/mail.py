"""The mail that the services send: plain text, in the member's language, to one address.

It never says what somebody wrote, only that something waits: that is read behind the link. It is composed on delivery: whether an address is known is looked up here, so that a form's response cannot reveal it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.doors import desk_url, public_url
from core.mail.kinds import MailKind
from network import tokens
from network.models import Member, NetworkSettings, Practice, Proof
from network.querysets import LAPSED_KEPT, STILL_RIGHT_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.utils.functional import _StrPromise

    from core.models import OutgoingMail


class Letter(models.TextChoices):
    """Kinds of mail to members and to people who ask to join."""

    CONFIRM = "network.confirm", pgettext_lazy("kind of mail", "confirm your request")
    PROFILE_LINK = "network.profile_link", pgettext_lazy("kind of mail", "link to your profile")
    WELCOME = "network.welcome", pgettext_lazy("kind of mail", "you are a member")
    QUESTION = "network.question", pgettext_lazy("kind of mail", "a question about your request")
    REMINDER = "network.reminder", pgettext_lazy("kind of mail", "a question still waits")
    DECLINED = "network.declined", pgettext_lazy("kind of mail", "your request was declined")
    WORDS_READ = "network.words_read", pgettext_lazy("kind of mail", "your words have been read")
    ADDRESS = "network.address", pgettext_lazy("kind of mail", "confirm an address at an institution")
    NOMINATION = "network.nomination", pgettext_lazy("kind of mail", "somebody asks for a nomination")
    STILL_RIGHT = "network.still_right", pgettext_lazy("kind of mail", "is your profile still right?")
    LAPSED = "network.lapsed", pgettext_lazy("kind of mail", "your profile is paused")
    PRACTICE = "network.practice", pgettext_lazy("kind of mail", "is your practice still right?")
    EVIDENCE = "network.evidence", pgettext_lazy("kind of mail", "evidence of your practice will expire")


# Letters about a proof, and the page that their link opens.
OF_PROOFS: dict[str, str] = {Letter.ADDRESS: "network:confirm-address", Letter.NOMINATION: "network:nominate"}

SUBJECTS: dict[str, _StrPromise] = {
    "confirm": _("Please confirm: you asked to join the network"),
    "known": _("You asked to join the network, and you already have"),
    "profile_link": _("The link to your profile"),
    "welcome": _("Welcome to the network"),
    "question": _("Somebody of the network has a question"),
    "reminder": _("A question still waits for you"),
    "declined": _("Your request to join"),
    "words_read": _("Your words have been read"),
    "address": _("Please confirm this address"),
    "nomination": _("Somebody of the network asks you for a nomination"),
    "still_right": _("Is your profile still right?"),
    "lapsed": _("Your profile is paused"),
    "practice": _("Is this still right? A record in the registry of practices"),
    "evidence": _("The registry of practices: evidence has to be weighed again"),
}


def kinds() -> Iterator[MailKind]:
    for letter in Letter:
        title = format_lazy("{}: {}", _("Network"), letter.label)
        yield MailKind(name=letter.value, title=title, write=compose, addressee=addressee)


def addressee(mail: OutgoingMail) -> str:
    """Return the address to show at the desk: none before its owner has confirmed it, and none that a member has given of somebody else."""
    member = mail.about.owner if isinstance(mail.about, Practice) else mail.about
    if mail.kind in OF_PROOFS or not isinstance(member, Member) or member.state == Member.State.UNCONFIRMED:
        return ""
    return member.email


def compose(mail: OutgoingMail) -> EmailMessage | None:
    """Compose the message; None if there is nobody to send it to."""
    member, template = recipient_of(mail)
    if member is None:
        return None
    proof = Proof.objects.open().filter(uuid=mail.data.get("proof")).first()
    if proof is None and mail.kind in OF_PROOFS:
        return None
    contact = NetworkSettings.contact()
    with translation.override(mail.data.get("language") or member.language):
        context = {
            "member": member,
            "contact": contact,
            "confirm_url": desk_url("network:confirm", tokens.make(member, tokens.CONFIRM)),
            "profile_url": desk_url("network:open-profile", tokens.make(member, tokens.PROFILE)),
            "right_url": desk_url("network:still-right", tokens.make_for_answer(member)),
            "link_url": desk_url("network:ask-for-link"),
            "proof_url": desk_url(OF_PROOFS[mail.kind], tokens.make_for_proof(proof)) if proof else "",
            "directory_url": public_url(f"/{translation.get_language()}/network/"),
            "practice_url": practice_url(mail),
            "erased_on": member.lapsed_at and timezone.localdate(member.lapsed_at + LAPSED_KEPT),
        }
        return EmailMessage(
            subject=str(SUBJECTS[template]),
            body=render_to_string(f"network/mail/{template}.txt", context),
            # An address at an institution is not yet the member's.
            to=[mail.recipient if mail.kind == Letter.ADDRESS else member.email],
            reply_to=[contact],
        )


def practice_url(mail: OutgoingMail) -> str:
    """Return the address of the practice that a mail is about, in the active language; empty if it is about none."""
    about = mail.about
    if not isinstance(about, Practice):
        return ""
    return public_url(f"/{translation.get_language()}/network/practices/{about.uuid}/")


def recipient_of(mail: OutgoingMail) -> tuple[Member | None, str]:
    """Return the recipient and the template; known members who ask to join again get another letter."""
    template = mail.kind.removeprefix("network.")
    if mail.kind == Letter.PROFILE_LINK:
        # Who was declined, and did not ask again, can read why.
        found = Member.objects.answerable().filter(email=mail.recipient)
        return found.known().first() or found.order_by("-decided_at").first(), template
    if mail.kind == Letter.NOMINATION:
        # Whoever was asked, if they are a listed member; nobody learns that they are not.
        return Member.objects.filter(state=Member.State.LISTED, email=mail.recipient).first(), template
    if isinstance(mail.about, Practice):
        owner = mail.about.owner
        return (owner if owner is not None and owner.state in Member.KNOWN else None), template
    member = mail.about if isinstance(mail.about, Member) else None
    if mail.kind in STILL_RIGHT_KINDS and member is not None and not member.still_right_letters:
        return None, template  # they have answered while it waited
    if mail.kind == Letter.CONFIRM and member is not None:
        already = Member.objects.known().filter(email=member.email).first()
        if already is not None:
            return already, "known"
        if member.state != Member.State.UNCONFIRMED:
            return None, template
    return member, template
