"""Mail that the services send: plain text, in the member's language, to one address.

It never contains what a person wrote, only a link to it.
It is composed on delivery: whether an address is known is looked up here, so that a form's response cannot reveal it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.http import private_url, public_url
from core.mail.kinds import MailKind, do_nothing
from core.models import OutgoingMail
from network import tokens
from network.events import facts
from network.members.querysets import LAPSED_KEPT, RECONFIRMATION_KINDS
from network.messages.models import something_waits
from network.models import (
    DigestEmailSubscription,
    GroupMembership,
    GroupPage,
    Match,
    Member,
    NetworkSettings,
    Opportunity,
    Practice,
    Registration,
    Verification,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Letter(models.TextChoices):
    """Kinds of mail to members and to people who ask to join."""

    CONFIRM = "network.confirm", pgettext_lazy("kind of mail", "confirm your request")
    PROFILE_LINK = "network.profile_link", pgettext_lazy("kind of mail", "link to your profile")
    WELCOME = "network.welcome", pgettext_lazy("kind of mail", "you are a member")
    QUESTION = "network.question", pgettext_lazy("kind of mail", "a question about your request")
    REMINDER = "network.reminder", pgettext_lazy("kind of mail", "a question still waits")
    DECLINED = "network.declined", pgettext_lazy("kind of mail", "your request was declined")
    TEXTS_READ = "network.texts_read", pgettext_lazy("kind of mail", "your texts have been read")
    ADDRESS = "network.address", pgettext_lazy("kind of mail", "confirm an address at an institution")
    NOMINATION = "network.nomination", pgettext_lazy("kind of mail", "a person asks for a nomination")
    RECONFIRMATION = "network.reconfirmation", pgettext_lazy("kind of mail", "reconfirmation of a profile")
    LAPSED = "network.lapsed", pgettext_lazy("kind of mail", "your profile is paused")
    PRACTICE = "network.practice", pgettext_lazy("kind of mail", "reconfirmation of a practice")
    OPPORTUNITY_ENDS = (
        "network.opportunity_ends",
        pgettext_lazy("kind of mail", "your need or offer will end"),
    )
    OUTCOME = "network.outcome", pgettext_lazy("kind of mail", "what came of it?")
    DIGEST_EMAIL = "network.digest_email", pgettext_lazy("kind of mail", "what is new for you, once a week")
    EVIDENCE = "network.evidence", pgettext_lazy("kind of mail", "evidence of your practice will expire")
    MESSAGES = "network.messages", pgettext_lazy("kind of mail", "something waits in your inbox")


# Rows that letters are about and that belong to a member.
OWNED = (Practice, Opportunity, Match, DigestEmailSubscription)


class EventLetter(models.TextChoices):
    """Kinds of mail to people who have registered for an event, with or without an account."""

    CONFIRM = "network.event_confirm", pgettext_lazy("kind of mail", "confirm your registration")
    PLACE = "network.event_place", pgettext_lazy("kind of mail", "your registration")
    REMINDER = "network.event_reminder", pgettext_lazy("kind of mail", "the event is tomorrow")
    CHANGED = "network.event_changed", pgettext_lazy("kind of mail", "the event has changed")


class GroupLetter(models.TextChoices):
    """Kinds of mail about groups of members."""

    ASKED = "network.group_asked", pgettext_lazy("kind of mail", "a member asks to join your group")
    ADMITTED = "network.group_admitted", pgettext_lazy("kind of mail", "you are in the group")


EVENT_SUBJECTS: dict[str, _StrPromise] = {
    EventLetter.CONFIRM: _("Please confirm your registration: %(event)s"),
    EventLetter.PLACE: _("Your registration: %(event)s"),
    EventLetter.REMINDER: _("Soon: %(event)s"),
    EventLetter.CHANGED: _("Changed: %(event)s"),
}
GROUP_SUBJECTS: dict[str, _StrPromise] = {
    GroupLetter.ASKED: _("A member asks to join the group %(group)s"),
    GroupLetter.ADMITTED: _("You are in the group %(group)s"),
}

# Letters about a verification, and the page that their link opens.
OF_VERIFICATIONS: dict[str, str] = {
    Letter.ADDRESS: "network:confirm-address",
    Letter.NOMINATION: "network:nominate",
}

SUBJECTS: dict[str, _StrPromise] = {
    "confirm": _("Please confirm: you asked to join the network"),
    "known": _("You asked to join the network, and you already have"),
    "profile_link": _("The link to your profile"),
    "welcome": _("Welcome to the network"),
    "question": _("The network's team has a question"),
    "reminder": _("A question still waits for you"),
    "declined": _("Your request to join"),
    "texts_read": _("Your texts have been read"),
    "address": _("Please confirm this address"),
    "nomination": _("A person in the network asks you for a nomination"),
    "reconfirmation": _("Is your profile still correct?"),
    "lapsed": _("Your profile is paused"),
    "practice": _("Is this still correct? A record in the registry of practices"),
    "opportunity_ends": _("What you have posted will end soon"),
    "outcome": _("What came of it?"),
    "digest_email": _("What is new for you in the network"),
    "messages": _("Something waits for you in the network"),
    "evidence": _("The registry of practices: evidence has to be weighed again"),
}


def kinds(*, sent: Mapping[str, Callable[[OutgoingMail], None]]) -> Iterator[MailKind]:
    """Yield the kinds of mail that the site sends.

    `sent` maps a kind to a function that is called after delivery.
    """
    for letter in Letter:
        title = format_lazy("{}: {}", _("Network"), letter.label)
        yield MailKind(
            name=letter.value,
            title=title,
            write=compose,
            addressee=addressee,
            sent=sent.get(letter.value, do_nothing),
        )
    for about_event in EventLetter:
        title = format_lazy("{}: {}", _("Events"), about_event.label)
        yield MailKind(name=about_event.value, title=title, write=compose_for_event, addressee=addressee_of_event)
    for about_group in GroupLetter:
        title = format_lazy("{}: {}", pgettext_lazy("of members", "groups"), about_group.label)
        yield MailKind(name=about_group.value, title=title, write=compose_for_group, addressee=addressee)


def addressee(mail: OutgoingMail) -> str:
    """Return the address to show in the admin, or "" if it is unconfirmed or is not the member's."""
    about = mail.about
    member = owner_of(about) if isinstance(about, OWNED) else about
    if isinstance(about, GroupMembership):
        member = about.member if mail.kind == GroupLetter.ADMITTED else None
    if mail.kind in OF_VERIFICATIONS or not isinstance(member, Member) or member.state == Member.State.UNCONFIRMED:
        return ""
    return member.email


def compose(mail: OutgoingMail) -> EmailMessage | None:
    """Compose the message, or return None if there is no recipient."""
    member, template = recipient_of(mail)
    if member is None:
        return None
    verification = Verification.objects.open().filter(uuid=mail.data.get("verification")).first()
    if verification is None and mail.kind in OF_VERIFICATIONS:
        return None
    with translation.override(mail.data.get("language") or member.language):
        context = {
            "member": member,
            "confirm_url": private_url("network:confirm", tokens.make(member, tokens.CONFIRM)),
            "profile_url": private_url("network:open-profile", tokens.make(member, tokens.PROFILE)),
            "right_url": private_url("network:reconfirmation", tokens.make_for_answer(member)),
            "link_url": private_url("network:ask-for-link"),
            "verification_url": private_url(OF_VERIFICATIONS[mail.kind], tokens.make(verification, tokens.VERIFICATION))
            if verification
            else "",
            "directory_url": public_url(f"/{translation.get_language()}/network/"),
            "practice_url": practice_url(mail),
            "own_opportunities_url": private_url("network:own-opportunities"),
            "fitting_url": private_url("network:fitting-opportunities"),
            "stop_url": stop_url(mail),
            "new": mail.data.get("new", 0),
            "inbox_url": private_url("network:inbox"),
            "erased_on": member.lapsed_at and timezone.localdate(member.lapsed_at + LAPSED_KEPT),
        }
        # The member has not yet confirmed an address at an institution.
        to = mail.recipient if mail.kind == Letter.ADDRESS else member.email
        return message(to, str(SUBJECTS[template]), template, context)


def message(to: str, subject: str, template: str, context: dict[str, object]) -> EmailMessage:
    """Return the message of a template, with replies to the team.

    With `stop_url` in the context, mail programs offer to unsubscribe (RFC 8058).
    They send a POST, because scanners open links.
    """
    contact = NetworkSettings.contact()
    url = context.get("stop_url")
    return EmailMessage(
        subject=subject,
        body=render_to_string(f"network/mail/{template}.txt", context | {"contact": contact}),
        to=[to],
        reply_to=[contact],
        headers={"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url else {},
    )


def stop_url(mail: OutgoingMail) -> str:
    """Return the URL that ends the weekly digest email; empty for all other mail."""
    if not isinstance(mail.about, DigestEmailSubscription):
        return ""
    return private_url("network:stop-digest-email", tokens.make_for_subscription(mail.about))


def owner_of(about: Practice | Opportunity | Match | DigestEmailSubscription) -> Member | None:
    """Return the member who receives letters about a row."""
    if isinstance(about, Match):
        return about.taken_up_by
    return about.member if isinstance(about, DigestEmailSubscription) else about.owner


def practice_url(mail: OutgoingMail) -> str:
    """Return the URL of the practice that a mail is about, in the active language, or "" for other mail."""
    about = mail.about
    if not isinstance(about, Practice):
        return ""
    return public_url(f"/{translation.get_language()}/network/practices/{about.uuid}/")


def recipient_of(mail: OutgoingMail) -> tuple[Member | None, str]:
    """Return the recipient and the template.

    Known members who ask to join again get another letter.
    """
    template = mail.kind.removeprefix("network.")
    if mail.kind == Letter.PROFILE_LINK:
        # A declined person who has not asked again can read the reason.
        found = Member.objects.answerable().filter(email=mail.recipient)
        return found.known().first() or found.order_by("-decided_at").first(), template
    if mail.kind == Letter.NOMINATION:
        # The person named, if they are a listed member.
        # The sender cannot find out if they are not.
        return Member.objects.filter(state=Member.State.LISTED, email=mail.recipient).first(), template
    if isinstance(mail.about, OWNED):
        owner = owner_of(mail.about)
        return (owner if owner is not None and owner.state in Member.KNOWN else None), template
    member = mail.about if isinstance(mail.about, Member) else None
    if mail.kind == Letter.MESSAGES and member is not None:
        # Paused members get no notification, nor members who have opened their inbox in the meantime.
        is_notified = member.state == Member.State.LISTED and something_waits(member)
        return (member if is_notified else None), template
    if mail.kind in RECONFIRMATION_KINDS and member is not None and not member.reconfirmation_letters:
        return None, template  # they have answered while the mail was queued
    if mail.kind == Letter.CONFIRM and member is not None:
        already = Member.objects.known().filter(email=member.email).first()
        if already is not None:
            return already, "known"
        if member.state != Member.State.UNCONFIRMED:
            return None, template
    return member, template


# --- Events and groups --------------------------------------------------------------------------------------


def addressee_of_event(mail: OutgoingMail) -> str:
    """Return the address to show in the admin, or "" if it is unconfirmed."""
    registration = mail.about
    if not isinstance(registration, Registration) or registration.state == Registration.State.UNCONFIRMED:
        return ""
    return registration.address


def compose_for_event(mail: OutgoingMail) -> EmailMessage | None:
    """Compose a letter about a registration, or return None if the registration or its event's page is gone.

    A guest who registers again gets a letter about the existing registration, although the form's response is the same.
    """
    registration, kind = mail.about, mail.kind
    if not isinstance(registration, Registration):
        return None
    if kind == EventLetter.CONFIRM:
        if registration.state != Registration.State.UNCONFIRMED:
            return None
        there = Registration.objects.confirmed().filter(event=registration.event, member=None)
        if known := there.filter(email=registration.email).first():
            registration, kind = known, EventLetter.PLACE
    page = registration.event.page_in(registration.language)
    if page is None:
        return None
    with translation.override(registration.language):
        context = {
            "registration": registration,
            "event": registration.event,
            "page": page,
            "when": facts.lines(registration.event),
            "own_url": private_url("network:event-place", tokens.make(registration, tokens.REGISTRATION)),
        }
        subject = str(EVENT_SUBJECTS[kind]) % {"event": page.title}
        return message(registration.address, subject, kind.removeprefix("network."), context)


def compose_for_group(mail: OutgoingMail) -> EmailMessage | None:
    """Compose a letter about a membership, or return None if it or its group is gone.

    It does not name who asks; the linked page does.
    """
    membership = mail.about
    if not isinstance(membership, GroupMembership):
        return None
    to = membership.member
    if mail.kind == GroupLetter.ASKED:
        chairs = GroupMembership.objects.chairs().filter(group_key=membership.group_key)
        chair = chairs.filter(member__uuid=mail.data.get("chair")).select_related("member").first()
        if chair is None or membership.admitted_at is not None:
            return None
        to = chair.member
    pages = GroupPage.objects.filter(translation_key=membership.group_key).in_language(to.language)
    if not pages:
        return None
    with translation.override(to.language):
        context = {"group": pages[0], "group_url": private_url("network:group", membership.group_key)}
        subject = str(GROUP_SUBJECTS[mail.kind]) % {"group": pages[0].title}
        return message(to.email, subject, mail.kind.removeprefix("network."), context)
