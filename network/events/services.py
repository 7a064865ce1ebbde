"""Who comes to an event: places, the waiting list, attendance. Whatever depends on how many there are is decided with the row of the event locked."""

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

# How long a place that has become free is kept for whoever is next; less if the event is near.
OFFER_LASTS = timedelta(days=2)


class RegistrationClosedError(InvalidStateError):
    """One cannot register for this event, or not any more."""


def follow_page(*, instance: EventPage, **kwargs: object) -> None:
    """Receive Wagtail's `page_published`."""
    keep_event(page=instance)


PAGE_PUBLISHED = Receiver(signal=page_published, function=follow_page, senders=(EventPage,))


@transaction.atomic
def keep_event(*, page: EventPage) -> Event | None:
    """Let what was published hold in every language, and notify those who are registered if the time has changed or it is called off.

    Only the page that was written first decides; publishing a translation changes nothing, and returns None.
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
        # Whoever was reminded of another day is reminded again.
        event.registrations.update(reminded_at=None)
        for registration in event.registrations.confirmed():
            outbox.queue(EventLetter.CHANGED, about=registration)
    _offer_free_places(event)
    return event


@transaction.atomic
def request_place(*, event: Event, name: str, email: str, language: str) -> Registration:
    """Keep what a guest asks for and mail a link to their address.

    Whether the address is known is looked up only when the mail is sent, so that neither the response nor its timing reveals it.
    """
    registration = Registration.objects.create(event=event, name=name, email=email.lower(), language=language)
    outbox.queue(EventLetter.CONFIRM, about=registration)
    return registration


@transaction.atomic
def register_member(*, event: Event, member: Member, language: str) -> Registration:
    """Give a listed member a place, or one on the waiting list. Twice is once. Raises RegistrationClosedError, or InvalidStateError if they are not listed."""
    # The member first, as when they leave the network.
    member = locked(member, Member.State.LISTED)
    event = locked_row(event)
    already: Registration | None = event.registrations.filter(member=member).first()
    if already is not None:
        return already
    registration = Registration(event=event, member=member, name=member.name, language=language)
    return _place(event, registration)


@transaction.atomic
def confirm_request(*, registration: Registration) -> Registration:
    """Give a guest who has pressed the button behind the mailed link a place, or one on the waiting list.

    If the address has one already, that is returned. Raises RegistrationClosedError, or InvalidStateError if the request is gone.
    """
    event = locked_row(registration.event)
    asked = event.registrations.filter(pk=registration.pk).first()
    if asked is None:
        raise InvalidStateError
    if asked.state != State.UNCONFIRMED:
        return asked
    already: Registration | None = (
        event.registrations.confirmed().filter(member=None, email=asked.email).first()
    )
    if already is not None:
        asked.delete()
        return already
    return _place(event, asked)


@transaction.atomic
def accept_place(*, registration: Registration) -> Registration:
    """Take the place that is offered. Raises InvalidStateError if none is, or not any more."""
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
    """Delete a registration. If it held a place, that is offered to whoever is next. After the event, nobody is offered anything."""
    event = locked_row(registration.event)
    event.registrations.filter(pk=registration.pk).delete()
    _offer_free_places(event)


@transaction.atomic
def pass_place_on(*, registration: Registration) -> None:
    """Offer a place to the next, if it was not accepted in time."""
    event = locked_row(registration.event)
    gone, _rows = event.registrations.lapsed().filter(pk=registration.pk).delete()
    if gone:
        _offer_free_places(event)


@transaction.atomic
def remind_of_event(*, registration: Registration) -> None:
    """Mail whoever has a place, once, that the event is near."""
    # Claimed with the statement that decides, so that nobody is reminded twice.
    if Registration.objects.to_remind().filter(pk=registration.pk).update(reminded_at=timezone.now()):
        outbox.queue(EventLetter.REMINDER, about=registration)


@transaction.atomic
def note_attendance(*, event: Event, attended: Collection[UUID], by: User) -> int:
    """Keep who of those with a place was there. Return how many. Raises InvalidStateError before the event has begun."""
    event = locked_row(event)
    if event.starts_at > timezone.now():
        raise InvalidStateError
    places = event.registrations.filter(state=State.PLACE)
    places.exclude(uuid__in=attended).update(attended=False)
    count: int = places.filter(uuid__in=attended).update(attended=True)
    log(event, "network.note_attendance", user=by)
    return count


def _place(event: Event, registration: Registration) -> Registration:
    """Give the next number, and a place if there is one and nobody waits for it. Raises RegistrationClosedError."""
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
    """Return how many places are free, of those that are wanted."""
    if event.capacity is None:
        return wanted
    return min(wanted, event.capacity - event.registrations.holding().count())


def _offer_free_places(event: Event) -> None:
    """Keep each free place for the next on the waiting list, until they accept it or the time is up."""
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
