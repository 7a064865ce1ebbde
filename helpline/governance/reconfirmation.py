"""The yearly letter to the operator of a listing.

The operator reads what we publish about it and answers whether it is still correct.
The answer opens a task, and its corrections become an unchecked draft (`helpline.governance.review.decisions`), which
is not public.
Names, numbers and addresses are corrected one by one, and anything else is free text.
A scheduled job puts the letters that are due into the outbox.
A letter that was given up is in the review queue.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log as note
from wagtail.models import Site

from core.http import private_url
from core.http.limits import Limit
from core.languages.bidi import left_to_right
from core.links import ExpiredLinkError, Purpose, UsedLinkError
from core.mail import outbox
from core.mail.kinds import MailKind
from core.models import OutgoingMail, SiteSettings
from helpline.approval.rule import User
from helpline.governance import reports
from helpline.governance.models import OperatorContact, tomorrow
from helpline.governance.review.comparison import place, summary_lines
from helpline.records.listings import Listing, is_web_address
from helpline.records.phone_numbers import PhoneNumberMixin
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.settings import HelplineSettings
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import phones
from helpline.vocabulary.codes import Channel, Status


@dataclass(frozen=True, slots=True)
class Slot:
    """Fact that can be corrected.

    `record` is the listing, or one of its contact points.
    """

    name: str
    label: str
    record: Listing | ContactPoint
    field: str
    required: bool = False

    @property
    def value(self) -> str:
        """Return the value as it is stored."""
        return str(getattr(self.record, self.field))

    @property
    def shown(self) -> str:
        """Return the value as people read and write it."""
        if self.field != "number":
            return self.value
        phone = self.record.phone
        return (phone.international() or phone.national()) if phone else self.value

    @property
    def longest(self) -> int:
        return self.record._meta.get_field(self.field).max_length  # type: ignore[union-attr,return-value]

    @property
    def is_address(self) -> bool:
        """Return whether it is a number or an address, which runs from left to right in any language."""
        return self.field in {"number", "email", "url", "website"}

    def isolated(self, text: str) -> str:
        """Return `text` isolated for bidi, so that it can be placed among words."""
        return left_to_right(text) if self.is_address else text

    def clean(self, text: str) -> str:
        """Return the entered value as it is stored.

        Raises ValidationError.
        """
        if not text:
            return ""
        match self.field:
            case "number":
                try:
                    return phones.parse(text, self.record.country_of_number()).digits
                except phones.CountryRequiredError:
                    raise ValidationError(
                        _(
                            "Write the number with + and the country code. If it is a short number such as 116 123, "
                            "tell us in the text field below."
                        )
                    ) from None
                except phones.PhoneError as error:
                    raise ValidationError(str(error)) from None
            case "email":
                validate_email(text)
            case "url" | "website":
                is_web_address(text)
        return text


def slots(listing: Listing) -> list[Slot]:
    """Return the correctable facts of a listing, in the order in which the public reads them."""
    return list(_programme(listing) if isinstance(listing, Programme) else _line(listing))


def _programme(programme: Programme) -> Iterator[Slot]:
    yield Slot("name", _("Name"), programme, "name", required=True)
    yield Slot("operator", _("Operator"), programme, "operator")
    yield Slot("website", _("Website"), programme, "website")
    for point in programme.contact_points.all():
        channel = str(Channel(point.channel).label) if point.channel else _("Contact")
        for field in ("number", "email", "url"):
            if getattr(point, field):
                yield Slot(f"{point.uuid}-{field}", channel, point, field)


def _line(line: SupportLine) -> Iterator[Slot]:
    yield Slot("name", _("Name"), line, "name", required=True)
    yield Slot("number", _("Number"), line, "number")
    yield Slot("website", _("Website"), line, "website")


def correction_lines(listing: Listing, changed: Mapping[str, str]) -> list[str]:
    """Return the corrections as lines of text: the new value, and the old one."""
    return [
        _("%(fact)s: %(now)s (before: %(before)s)")
        % {
            "fact": slot.label,
            "now": slot.isolated(changed[slot.name]) or _("nothing"),
            "before": slot.isolated(slot.value) or _("nothing"),
        }
        for slot in slots(listing)
        if slot.name in changed
    ]


def save_draft(listing: Listing, changed: Mapping[str, str]) -> bool:
    """Save the corrections as a draft without an author.

    Return False, and save nothing, if there is a draft already.
    """
    row = type(listing)._default_manager.select_for_update().get(pk=listing.pk)
    if row.has_unpublished_changes:
        return False
    points: list[PhoneNumberMixin] = list(row.contact_points.all()) if isinstance(row, Programme) else []
    records = {row.pk: row} | {f"point-{point.pk}": point for point in points}
    for slot in slots(listing):
        if slot.name in changed:
            of_listing = slot.record is listing
            record = records[row.pk if of_listing else f"point-{slot.record.pk}"]
            setattr(record, slot.field, changed[slot.name])
            if slot.field == "number":
                # The notation of the old number does not apply to the new one.
                record.number_written = ""
    if points:
        row.contact_points = points
    row.save_revision(user=None, clean=False)
    return True


LETTER = "helpline.reconfirmation"
EVERY = timedelta(days=365)
LINK = Purpose(name="helpline.letters", lasts=timedelta(days=90), size=20)
# Limit of one run of the job, to spare the mail server.
MOST_AT_ONCE = 50
ASKED = (Status.VERIFIED, Status.CLOSED_UNTIL)

FROM_ADDRESS = Limit(name="answer-from", times=30, seconds=60 * 60)


# --- Whom to ask ----------------------------------------------------------------------------------


@transaction.atomic
def set_operator(*, contact: OperatorContact, by: User) -> None:
    """Store the address of the operator.

    A new address invalidates old links, and a letter that was given up is sent again.
    """
    before = OperatorContact.objects.select_for_update().filter(pk=contact.pk).first() if contact.pk else None
    if before is None or before.email != contact.email:
        contact.key = uuid4()
        contact.error, contact.failed_at = "", None
        waiting = before.outgoing_mail.all().delete()[0] if before is not None else 0
        if before is not None and (before.failed_at or waiting) and contact.ask_on == before.ask_on:
            contact.ask_on = tomorrow()  # this year's letter has not arrived
    contact.save()
    note(contact.listing, "helpline.operator", user=by)


@transaction.atomic
def delete_operator(*, contact: OperatorContact, by: User) -> None:
    """Delete the address, so that no more letters are sent."""
    contact.delete()
    note(contact.listing, "helpline.operator", user=by)


def purge() -> None:
    """Delete the addresses of services that were taken off the list."""
    for model in (Programme, SupportLine):
        kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
        gone = model.objects.filter(status=Status.DELISTED).values("pk")
        OperatorContact.objects.filter(content_type=kind, object_id__in=gone).delete()


def gets_letters(listing: Listing) -> bool:
    """Return whether its operator gets letters: not if the listing is hidden, or closed for good."""
    return listing.live and listing.status in ASKED


def due() -> list[int]:
    """Return the letters that are due, as primary keys of `OperatorContact`."""
    asked = Q()
    for model in (Programme, SupportLine):
        kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
        listed = model.objects.public().filter(status__in=ASKED).values("pk")
        asked |= Q(content_type=kind, object_id__in=listed)
    return list(
        OperatorContact.objects.due().filter(asked).order_by("ask_on", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    )


# --- The letter -----------------------------------------------------------------------------------


@transaction.atomic
def send(pk: int) -> None:
    """Put one letter into the outbox, if it is still due."""
    contact = OperatorContact.objects.select_for_update().due().filter(pk=pk).first()
    if contact is None or contact.listing is None or not gets_letters(contact.listing):
        return
    contact.asked_on, contact.ask_on = contact.ask_on, timezone.localdate() + EVERY
    contact.answered_at = None
    contact.save()
    outbox.queue(LETTER, about=contact)


def addressee(mail: OutgoingMail) -> str:
    return mail.about.email if isinstance(mail.about, OperatorContact) else ""


def note_sent(mail: OutgoingMail) -> None:
    """Note in the history of the listing that the letter was sent."""
    contact = mail.about
    if not isinstance(contact, OperatorContact) or contact.listing is None:
        return
    contact = OperatorContact.objects.select_for_update().get(pk=contact.pk)
    contact.sent_at, contact.error, contact.failed_at = timezone.now(), "", None
    contact.save()
    note(contact.listing, "helpline.letter")


def note_given_up(mail: OutgoingMail) -> None:
    """Note the failure, so that the review queue shows that the operator cannot be reached."""
    if isinstance(mail.about, OperatorContact):
        OperatorContact.objects.filter(pk=mail.about.pk).update(failed_at=timezone.now(), error=mail.error)


def language_of(contact: OperatorContact) -> str:
    """Return the language of the letter: the chosen one, or the first of the listing that this site supports."""
    listing = contact.listing
    spoken = (
        [code for point in listing.contact_points.order_by("sort_order", "pk") for code in point.languages]
        if isinstance(listing, Programme)
        else listing.languages
    )
    writes = set(settings.INTERFACE_LANGUAGES)
    return next((code for code in (contact.language, *spoken) if code in writes), settings.LANGUAGE_CODE)


def write_letter(mail: OutgoingMail) -> EmailMessage | None:
    """Return the letter, or None if the listing has been closed or hidden since it was due.

    In that case, the letter is due again when the listing is back.
    """
    contact = mail.about
    if not isinstance(contact, OperatorContact) or contact.listing is None or contact.asked_on is None:
        return None
    if not gets_letters(contact.listing):
        OperatorContact.objects.filter(pk=contact.pk).update(ask_on=contact.asked_on)
        return None
    site = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    corrections = HelplineSettings.current().corrections_email
    listing = contact.listing
    with translation.override(language_of(contact)):
        context = {
            "site": site.name,
            "listing": listing,
            "place": place(listing),
            "facts": summary_lines(listing),
            "corrections": corrections,
            "url": private_url("helpline:answer", make_token(contact, contact.asked_on)),
            "days": LINK.lasts.days,
        }
        return EmailMessage(
            subject=_("Is this still correct? Your entry “%(name)s”") % {"name": " ".join(listing.name.split())},
            body=render_to_string("helpline/mail/reconfirmation.txt", context),
            to=[contact.email],
            reply_to=[corrections] if corrections else [],
        )


# --- Its link -------------------------------------------------------------------------------------


def make_token(contact: OperatorContact, day: date) -> str:
    """Return the token of the link in the letter of that day."""
    return LINK.make(contact.key.bytes + day.toordinal().to_bytes(4))


def read_token(token: str) -> OperatorContact:
    """Return the contact to whom the letter with this link was sent.

    Raises MalformedLinkError, ExpiredLinkError or UsedLinkError.
    Uses two queries.
    """
    content = LINK.read(token)
    contact = OperatorContact.objects.filter(key=UUID(bytes=content[:16])).first()
    if contact is None or contact.listing is None or not contact.listing.live:
        raise ExpiredLinkError
    day = contact.asked_on
    if day is None or day.toordinal() != int.from_bytes(content[16:]) or is_answered(contact, day):
        raise UsedLinkError
    return contact


def is_answered(contact: OperatorContact, day: date) -> bool:
    """Return whether the letter of that day has been answered."""
    return contact.answered_at is not None and timezone.localdate(contact.answered_at) >= day


# --- The answer -----------------------------------------------------------------------------------


@transaction.atomic
def accept_answer(
    *, token: str, answer: str, words: str = "", changed: Mapping[str, str] | None = None, language: str = ""
) -> None:
    """Store the operator's answer as a task, and their corrections as an unchecked draft.

    Raises InvalidLinkError.
    """
    OperatorContact.objects.select_for_update().filter(pk=read_token(token).pk).first()
    contact = read_token(token)  # again: another answer may have come while we waited
    contact.answered_at = timezone.now()
    contact.save()
    text = "\n".join(filter(None, [words, *correction_lines(contact.listing, changed or {})]))
    if changed:
        save_draft(contact.listing, changed)
    reports.file_report(listing=contact.listing, what=answer, text=text, source="", language=language)


MAIL = MailKind(
    name=LETTER,
    title=gettext_lazy("Yearly letter to the operator"),
    write=write_letter,
    sent=note_sent,
    given_up=note_given_up,
    addressee=addressee,
)
