from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.query import PageQuerySet

from core.languages import tree
from network.members.querysets import UNCONFIRMED_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

# What is kept after an event: of guests and of those who were not there; and of members who were, for their certificates.
REGISTRATION_KEPT = timedelta(days=30)
ATTENDANCE_KEPT = timedelta(days=365)
REMIND_BEFORE_EVENT = timedelta(days=1)


class EventQuerySet(models.QuerySet[Any]):
    def with_counts(self) -> Self:
        """Annotate `taken` (places that are given or offered), `waiting` and `attendance`."""
        states = self.model._meta.get_field("registrations").related_model.State
        held = models.Q(registrations__state__in=[states.PLACE, states.OFFERED])
        return self.annotate(
            taken=models.Count("registrations", filter=held),
            waiting=models.Count("registrations", filter=models.Q(registrations__state=states.WAITING)),
            attendance=models.Count("registrations", filter=models.Q(registrations__attended=True)),
        )


class EventPageQuerySet(PageQuerySet):
    """Pages of events."""

    def listed(self) -> Self:
        """Events that lists may show: live and unrestricted."""
        return self.live().exclude(tree.restricted())

    def out_of_date(self) -> Self:
        """Live pages that are printed wrong: they offer a registration that has ended, or say that it has although the event was moved ahead."""
        events = self.model._meta.apps.get_model("network.Event")
        closed = events.objects.annotate(closing=Coalesce("register_until", "starts_at")).filter(
            uuid=models.OuterRef("translation_key"), closing__lte=timezone.now()
        )
        return (
            self.live().annotate(is_closed=models.Exists(closed)).exclude(shows_closed=models.F("is_closed"))
        )

    def with_facts(self) -> list[Any]:
        """Return the pages with what holds of them, soonest first. Two queries."""
        events = self.model._meta.apps.get_model("network.Event")
        pages = list(self)
        found = {
            each.uuid: each for each in events.objects.filter(uuid__in=[p.translation_key for p in pages])
        }
        for page in pages:
            page.published = found.get(page.translation_key, page)
        return sorted(pages, key=lambda page: page.published.starts_at)

    def of_events(self, uuids: Iterable[UUID], language: str) -> dict[UUID, Any]:
        """Return the live page of each event in a language or its fallbacks, by the event's UUID. One query."""
        order = {code: place for place, code in enumerate(tree.fallbacks(language))}
        pages = self.live().filter(translation_key__in=uuids).select_related("locale")
        found: dict[UUID, Any] = {}
        for page in sorted(pages, key=lambda page: order.get(page.locale.language_code, len(order))):
            found.setdefault(page.translation_key, page)
        return found


class RegistrationQuerySet(models.QuerySet[Any]):
    def confirmed(self) -> Self:
        """Those who have confirmed that they want to come, in this order."""
        return self.exclude(state=self.model.State.UNCONFIRMED)

    def holding(self) -> Self:
        """Those who take up a place, because they have it or because it is offered to them."""
        return self.filter(state__in=[self.model.State.PLACE, self.model.State.OFFERED])

    def waiting(self) -> Self:
        return self.filter(state=self.model.State.WAITING).order_by("number")

    def by_time(self) -> Self:
        """Registrations in the order of their events, each with its event. Annotates `ahead`: how many wait before it."""
        before = self.model.objects.waiting().filter(
            event=models.OuterRef("event"), number__lt=models.OuterRef("number")
        )
        counted = before.order_by().values("event").annotate(ahead=models.Count("pk")).values("ahead")
        return (
            self.annotate(ahead=Coalesce(models.Subquery(counted), 0))
            .select_related("event")
            .order_by("event__starts_at", "pk")
        )

    def lapsed(self) -> Self:
        """Offers that nobody has accepted in time."""
        return self.filter(state=self.model.State.OFFERED, offered_until__lte=timezone.now())

    def to_remind(self) -> Self:
        """Those who have a place at an event that begins within a day, and do not know yet that we remind them."""
        now = timezone.now()
        return self.filter(
            state=self.model.State.PLACE,
            reminded_at=None,
            event__starts_at__gt=now,
            event__starts_at__lte=now + REMIND_BEFORE_EVENT,
        ).exclude(event__state="called_off")

    def to_forget(self) -> Self:
        """Those who have not confirmed their address in time, and those of whom nothing is needed after the event."""
        now = timezone.now()
        over = models.Q(event__ends_at__lte=now - REGISTRATION_KEPT)
        kept = models.Q(attended=True, member__isnull=False)
        return self.filter(
            models.Q(state=self.model.State.UNCONFIRMED, asked_at__lte=now - UNCONFIRMED_KEPT)
            | over & ~kept
            | models.Q(event__ends_at__lte=now - ATTENDANCE_KEPT)
        )
