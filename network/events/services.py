"""Registration for events: places, the waiting list, attendance.

Every decision that depends on the number of registrations is made with the row of the event locked.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.signals import page_published

from core.declarations import Receiver
from core.mail import outbox
from network.events.facts import FACTS, NOTIFIED_OF
from network.mail import EventLetter
from network.models import Event, EventPage, Member, Registration
from network.row_locks import InvalidStateError, locked, locked_row
from users.models import User

State = Registration.State

# How long a free place is kept for the next person on the waiting list; less if the event is near.
OFFER_LASTS = timedelta(days=2)


class RegistrationClosedError(InvalidStateError):
    """Registration for this event is closed or not possible."""


def follow_page(*, instance: EventPage, **kwargs: object) -> None:
    """Receive Wagtail's `page_published`."""
    keep_event(page=instance)


PAGE_PUBLISHED = Receiver(signal=page_published, function=follow_page, senders=(EventPage,))


@transaction.atomic
def keep_event(*, page: EventPage) -> Event | None:
    """Copy the facts of a published page to its event, and notify registered people of important changes.

    They are notified if the time has changed or the event is called off.
    Only the original page decides; publishing a translation changes nothing, and returns None.
    """
    if not page.is_first:
        return None
    facts = {name: getattr(page, name) for name in FACTS}
    _made, is_new = Event.objects.get_or_create(uuid=page.translation_key, defaults=facts)
    event = Event.objects.select_for_update().get(uuid=page.translation_key)
    before = {name: getattr(event, name) for name in FACTS}
    event.changed_at = timezone.now()
    event.sequence += not is_new
    for name, value in facts.items():
        setattr(event, name, value)
    event.save()
    if any(before[name] != facts[name] for name in NOTIFIED_OF):
        # A reminder for the earlier date does not count.
        event.registrations.update(reminded_at=None)
        for registration in event.registrations.confirmed():
            outbox.queue(EventLetter.CHANGED, about=registration)
    _offer_free_places(event)
    return event


@transaction.atomic
def request_place(*, event: Event, name: str, email: str, language: str) -> Registration:
    """Save a guest's request and mail a link to their address.

    Whether the address is known is looked up only when the mail is sent, so that neither the response nor its timing
    reveals it.
    """
    registration = Registration.objects.create(event=event, name=name, email=email.lower(), language=language)
    outbox.queue(EventLetter.CONFIRM, about=registration)
    return registration


@transaction.atomic
def register_member(*, event: Event, member: Member, language: str) -> Registration:
    """Give a listed member a place, or one on the waiting list.

    Idempotent.

    Raises RegistrationClosedError, or InvalidStateError if they are not listed.
    """
    # Lock the member first, in the same order as when they leave the network.
    member = locked(member, Member.State.LISTED)
    event = locked_row(event)
    already: Registration | None = event.registrations.filter(member=member).first()
    if already is not None:
        return already
    registration = Registration(event=event, member=member, name=member.name, language=language)
    return _place(event, registration)


@transaction.atomic
def confirm_request(*, registration: Registration) -> Registration:
    """Give a guest who has confirmed the mailed link a place, or one on the waiting list.

    If the address already has a registration, that one is returned.
    Raises RegistrationClosedError, or InvalidStateError if the request is gone.
    """
    event = locked_row(registration.event)
    asked = event.registrations.filter(pk=registration.pk).first()
    if asked is None:
        raise InvalidStateError
    if asked.state != State.UNCONFIRMED:
        return asked
    already: Registration | None = event.registrations.confirmed().filter(member=None, email=asked.email).first()
    if already is not None:
        asked.delete()
        return already
    return _place(event, asked)


@transaction.atomic
def accept_place(*, registration: Registration) -> Registration:
    """Accept the offered place.

    Raises InvalidStateError if there is no offer, or no longer.
    """
    event = locked_row(registration.event)
    offered: Registration | None = event.registrations.filter(pk=registration.pk, state=State.OFFERED).first()
    if offered is None or event.is_called_off or (offered.offered_until or timezone.now()) <= timezone.now():
        raise InvalidStateError
    offered.state, offered.offered_until = State.PLACE, None
    offered.save()
    outbox.queue(EventLetter.PLACE, about=offered)
    return offered


@transaction.atomic
def give_up_place(*, registration: Registration) -> None:
    """Delete a registration, and offer its place to the next person on the waiting list.

    No place is offered once the event has begun, or if it is called off.
    """
    event = locked_row(registration.event)
    event.registrations.filter(pk=registration.pk).delete()
    _offer_free_places(event)


@transaction.atomic
def pass_place_on(*, registration: Registration) -> None:
    """Offer a place that was not accepted in time to the next person on the waiting list."""
    event = locked_row(registration.event)
    gone, _rows = event.registrations.lapsed().filter(pk=registration.pk).delete()
    if gone:
        _offer_free_places(event)


@transaction.atomic
def remind_of_event(*, registration: Registration) -> None:
    """Queue the reminder for a registration with a place, once."""
    # The update claims the reminder in the same statement as the check, so that no one gets two.
    if Registration.objects.to_remind().filter(pk=registration.pk).update(reminded_at=timezone.now()):
        outbox.queue(EventLetter.REMINDER, about=registration)


@transaction.atomic
def note_attendance(*, event: Event, attended: Collection[UUID], by: User) -> int:
    """Record which registered people with a place attended, and return their number.

    Raises InvalidStateError before the event has begun.
    """
    event = locked_row(event)
    if event.starts_at > timezone.now():
        raise InvalidStateError
    places = event.registrations.filter(state=State.PLACE)
    places.exclude(uuid__in=attended).update(attended=False)
    count: int = places.filter(uuid__in=attended).update(attended=True)
    log(event, "network.note_attendance", user=by)
    return count


def _place(event: Event, registration: Registration) -> Registration:
    """Assign the next number, and a place if one is free and the waiting list is empty.

    Raises RegistrationClosedError.
    """
    if not event.is_open:
        raise RegistrationClosedError
    event.last_number += 1
    # update() and not save(): nothing visible has changed, so nothing is rendered.
    Event.objects.filter(pk=event.pk).update(last_number=event.last_number)
    is_free = _free_places(event, wanted=1) > 0 and not event.registrations.waiting().exists()
    registration.state = State.PLACE if is_free else State.WAITING
    registration.number = event.last_number
    registration.save()
    outbox.queue(EventLetter.PLACE, about=registration)
    return registration


def _free_places(event: Event, *, wanted: int) -> int:
    """Return the number of free places, at most `wanted`."""
    if event.capacity is None:
        return wanted
    return min(wanted, event.capacity - event.registrations.holding().count())


def _offer_free_places(event: Event) -> None:
    """Reserve each free place for the next person on the waiting list, until they accept it or the offer lapses."""
    now = timezone.now()
    if event.is_called_off or event.starts_at <= now:
        return
    waiting = list(event.registrations.waiting())
    free = _free_places(event, wanted=len(waiting))
    for registration in waiting[: max(free, 0)]:
        registration.state = State.OFFERED
        registration.offered_until = now + min(OFFER_LASTS, (event.starts_at - now) / 2)
        registration.save()
        outbox.queue(EventLetter.PLACE, about=registration)
