"""Events of the network: their pages and registrations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from core.blocks import Prose
from core.http import private_url
from core.models import BasePage, StartPage
from core.publishing import feeds
from core.publishing.lists import ListPage
from network.blocks import ProgrammeBlock
from network.directory.index_pages import IndexedPageQuerySet
from network.events.facts import FACTS, EventFacts, EventPageForm
from network.members.models import Member
from network.members.querysets import UNCONFIRMED_KEPT

# Retention after an event: registrations of guests and of absent members, and those of members who attended, for
# certificates.
REGISTRATION_KEPT = timedelta(days=30)
ATTENDANCE_KEPT = timedelta(days=365)
REMIND_BEFORE_EVENT = timedelta(days=1)


class EventQuerySet(models.QuerySet["Event"]):
    def with_counts(self) -> Self:
        """Annotate `taken` (places given or offered), `waiting` and `attendance`."""
        states = Registration.State
        held = models.Q(registrations__state__in=[states.PLACE, states.OFFERED])
        return self.annotate(
            taken=models.Count("registrations", filter=held),
            waiting=models.Count("registrations", filter=models.Q(registrations__state=states.WAITING)),
            attendance=models.Count("registrations", filter=models.Q(registrations__attended=True)),
        )


class EventPageQuerySet(IndexedPageQuerySet):
    """Queryset of pages of events."""

    def out_of_date(self) -> Self:
        """Return the live pages whose prerendered version shows the wrong state of registration.

        It offers a registration that has ended, or says so although the event was postponed.
        """
        closed = Event.objects.annotate(closing=Coalesce("register_until", "starts_at")).filter(
            uuid=models.OuterRef("translation_key"), closing__lte=timezone.now()
        )
        return self.live().annotate(is_closed=models.Exists(closed)).exclude(shows_closed=models.F("is_closed"))

    def with_facts(self) -> list[EventPage]:
        """Return the pages with their published facts, soonest first.

        Two queries.
        """
        pages = list(self)
        found = {each.uuid: each for each in Event.objects.filter(uuid__in=[p.translation_key for p in pages])}
        for page in pages:
            page.published = found.get(page.translation_key, page)
        return sorted(pages, key=lambda page: page.published.starts_at)

    def of_events(self, uuids: Iterable[UUID], language: str) -> dict[UUID, EventPage]:
        """Return the live page of each event in a language or its fallbacks, by the event's UUID.

        One query.
        """
        return self.filter(translation_key__in=uuids).nearest(language)


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def confirmed(self) -> Self:
        """Return the confirmed registrations, in the default order."""
        return self.exclude(state=Registration.State.UNCONFIRMED)

    def holding(self) -> Self:
        """Return the registrations that hold a place, given or offered."""
        return self.filter(state__in=[Registration.State.PLACE, Registration.State.OFFERED])

    def waiting(self) -> Self:
        return self.filter(state=Registration.State.WAITING).order_by("number")

    def by_time(self) -> Self:
        """Return the registrations in the order of their events, each with its event.

        Annotates `ahead`: the number of people before it on the waiting list.
        """
        before = Registration.objects.waiting().filter(
            event=models.OuterRef("event"), number__lt=models.OuterRef("number")
        )
        counted = before.order_by().values("event").annotate(ahead=models.Count("pk")).values("ahead")
        return (
            self.annotate(ahead=Coalesce(models.Subquery(counted), 0))
            .select_related("event")
            .order_by("event__starts_at", "pk")
        )

    def lapsed(self) -> Self:
        """Return the offers that were not accepted in time."""
        return self.filter(state=Registration.State.OFFERED, offered_until__lte=timezone.now())

    def to_remind(self) -> Self:
        """Return the registrations with a place at an event that begins within a day and no reminder yet."""
        now = timezone.now()
        return self.filter(
            state=Registration.State.PLACE,
            reminded_at=None,
            event__starts_at__gt=now,
            event__starts_at__lte=now + REMIND_BEFORE_EVENT,
        ).exclude(event__state="called_off")

    def to_forget(self) -> Self:
        """Return the registrations to delete: not confirmed in time, or past their retention after the event."""
        now = timezone.now()
        over = models.Q(event__ends_at__lte=now - REGISTRATION_KEPT)
        kept = models.Q(attended=True, member__isnull=False)
        return self.filter(
            models.Q(state=Registration.State.UNCONFIRMED, asked_at__lte=now - UNCONFIRMED_KEPT)
            | over & ~kept
            | models.Q(event__ends_at__lte=now - ATTENDANCE_KEPT)
        )


class Event(EventFacts):
    """Facts of an event as last published, the same in every language.

    Its row is locked while a place is given.

    `uuid` is the translation key of its pages, and permanently identifies the event in calendars.
    """

    wagtail_reference_index_ignore = True

    uuid = models.UUIDField(unique=True, editable=False)
    # Incremented with each change, so that calendars take the newer version (RFC 5545, SEQUENCE).
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    # The number of the last registration.
    # Numbers give the order of registration and are never reused.
    last_number = models.PositiveIntegerField(default=0, editable=False)

    # Annotated by `with_counts()`.
    taken: int
    waiting: int
    attendance: int

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("starts_at", "pk")

    def __str__(self) -> str:
        return str(self.uuid)

    def page_in(self, language: str) -> EventPage | None:
        """Return its live page in a language or its fallbacks.

        One query.
        """
        return EventPage.objects.of_events([self.uuid], language).get(self.uuid)


class EventIndexPage(ListPage):
    """List of events in one language, upcoming and past."""

    section = "network.DirectoryPage"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["network.EventPage"]
    start_page = StartPage("events", "Events")

    # The day for which the page was last rendered, since the upcoming events change from day to day.
    rendered_for = models.DateField(null=True, editable=False)

    override_translatable_fields = [*ListPage.override_translatable_fields, SynchronizedField("rendered_for")]

    class Meta:
        verbose_name = _("list of events")
        verbose_name_plural = _("lists of events")

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context = super().get_context(request, *args, **kwargs)
        pages = EventPage.objects.child_of(self).listed().select_related("locale").with_facts()
        today = timezone.localdate()
        context["ahead"] = [page for page in pages if page.published.ends.date() >= today]
        context["over"] = [page for page in reversed(pages) if page.published.ends.date() < today]
        with translation.override(self.locale.language_code):
            context["feed_path"] = reverse("events-feed", urlconf=settings.PUBLIC_URLCONF)
        context["atom_path"] = f"/{self.locale.language_code}/feeds/events.atom"
        context["subscribe_url"] = feeds.subscribe_url(context["feed_path"])
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRow:
    """One item of the programme, with its times in the zone of the event."""

    begins: dt.datetime
    ends: dt.datetime | None
    title: str
    speaker: str


class EventPage(BasePage, EventFacts):
    """One event, in one language.

    Its times, places and state are those of the original page, once published.
    """

    parent_page_types = ["network.EventIndexPage"]
    subpage_types: list[str] = []
    base_form_class = EventPageForm

    introduction = models.TextField(_("introduction"), help_text=_("Two or three sentences."))
    place = models.CharField(
        _("place"), max_length=200, help_text=_("Public. For an event on the web, for example “Online”.")
    )
    joining_details = models.TextField(
        _("how to take part"),
        blank=True,
        help_text=_(
            "The link or the way there: only for those who have a place, on their own page. It is never public."
        ),
    )
    programme = StreamField(ProgrammeBlock(), verbose_name=_("programme"), blank=True)
    body = StreamField(Prose(), verbose_name=_("text"), blank=True)
    # Whether the prerendered page says that registration is closed.
    # When that becomes true, the scheduler renders the page again.
    shows_closed = models.BooleanField(default=False, db_default=False, editable=False)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldRowPanel([FieldPanel("time_zone"), FieldPanel("state")]),
            ],
            heading=_("When"),
            help_text=_("Everybody who is registered gets an email when this changes and is published."),
        ),
        MultiFieldPanel([FieldPanel("place"), FieldPanel("joining_details")], heading=_("Where")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("audience"), FieldPanel("capacity")]),
                FieldRowPanel([FieldPanel("register_until"), FieldPanel("hours")]),
            ],
            heading=_("Registration"),
        ),
        FieldPanel("programme"),
        FieldPanel("body"),
    ]
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("introduction"),
        index.SearchField("place"),
        index.SearchField("programme"),
        index.SearchField("body"),
    ]
    override_translatable_fields = [
        *BasePage.override_translatable_fields,
        *(SynchronizedField(name, overridable=False) for name in FACTS),
        SynchronizedField("shows_closed"),
    ]

    objects = PageManager.from_queryset(EventPageQuerySet)()  # type: ignore[django-manager-missing]  # lost to the second base

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    @property
    def calendar_path(self) -> str:
        """Path of its calendar file.

        The file name stays meaningful in a folder of downloads.
        """
        return f"{self.path_at_public}{self.slug}.ics"

    @cached_property
    def published(self) -> EventFacts:
        """Return the published facts, the same in every language, or the page's own facts until it is published.

        One query.
        """
        return Event.objects.filter(uuid=self.translation_key).first() or self

    @property
    def is_first(self) -> bool:
        """Return whether this is the original page, which its translations follow.

        One query.
        """
        same = EventPage.objects.filter(translation_key=self.translation_key)
        return self.pk == same.order_by("pk").values_list("pk", flat=True).first()

    def rows(self) -> list[ProgrammeRow]:
        """Return the programme, with the times of the original page even if a translation still has others."""
        facts = self.published
        first = EventPage.objects.filter(translation_key=self.translation_key).order_by("pk").first()
        times = {part.id: part.value for part in first.programme} if first and first.pk != self.pk else {}
        return [self._row(part.value, times.get(part.id, part.value), facts) for part in self.programme]

    def _row(self, words: Any, times: Any, facts: EventFacts) -> ProgrammeRow:
        day = times["day"] or facts.begins.date()

        def at(clock: dt.time) -> dt.datetime:
            return dt.datetime.combine(day, clock, facts.zone)

        return ProgrammeRow(
            begins=at(times["begins"]),
            ends=at(times["ends"]) if times["ends"] else None,
            title=words["title"],
            speaker=words["speaker"],
        )

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        if getattr(request, "is_preview", False):
            self.published = self  # the preview shows the draft's facts
        context = super().get_context(request, *args, **kwargs)
        context["register_url"] = private_url("network:event", self.translation_key)
        return context

    def clean(self) -> None:
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": gettext("It ends after it begins.")})
        if self.register_until and self.ends_at and self.register_until > self.ends_at:
            raise ValidationError({"register_until": gettext("Registration ends before the event does.")})


class Registration(models.Model):
    """A request for a place at an event, by a member or by a guest without an account.

    Leaving deletes it.
    """

    wagtail_reference_index_ignore = True

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", pgettext_lazy("state of a registration", "address not confirmed")
        PLACE = "place", pgettext_lazy("state of a registration", "has a place")
        WAITING = "waiting", pgettext_lazy("state of a registration", "on the waiting list")
        OFFERED = "offered", pgettext_lazy("state of a registration", "a place is offered")

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="registrations")
    member = models.ForeignKey(
        Member, null=True, on_delete=models.CASCADE, related_name="registrations", verbose_name=_("member")
    )
    # As entered, for the certificate.
    name = models.CharField(_("name"), max_length=120)
    # Only of a guest.
    # Mail to a member goes to the member's address.
    email = models.EmailField(_("email address"), blank=True)
    language = models.CharField(_("language"), max_length=20)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.UNCONFIRMED)
    # Order of confirmation.
    # None until then.
    number = models.PositiveIntegerField(_("number"), null=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    offered_until = models.DateTimeField(_("a place is kept until"), null=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True)
    attended = models.BooleanField(_("attended"), default=False)
    # Part of the mailed link.
    link_key = models.UUIDField(default=uuid4, editable=False)
    # Deleted together with the registration.
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ("number", "pk")
        constraints = [
            models.UniqueConstraint(fields=["event", "member"], name="one_registration_of_each_member"),
            models.UniqueConstraint(fields=["event", "number"], name="one_registration_for_each_number"),
            models.UniqueConstraint(
                fields=["event", "email"],
                condition=models.Q(member=None) & ~models.Q(state="unconfirmed"),
                name="one_registration_of_each_guest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} ({self.uuid})"

    @property
    def address(self) -> str:
        return self.email if self.member is None else self.member.email

    @property
    def has_place(self) -> bool:
        return self.state == self.State.PLACE

    @property
    def has_certificate(self) -> bool:
        return self.attended and self.has_place and self.event.is_over
