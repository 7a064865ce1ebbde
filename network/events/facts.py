"""Facts of an event, such as times, places and audience: as edited in its page, and as published."""

import datetime as dt
import zoneinfo
from datetime import UTC
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.widgets import AdminDateTimeInput

from core.languages import names

# Names of the fields whose changes raise the version of the event.
FACTS = (
    "starts_at",
    "ends_at",
    "time_zone",
    "capacity",
    "register_until",
    "audience",
    "state",
    "hours",
)
# Changes of which all registered people have to be notified.
NOTIFIED_OF = ("starts_at", "ends_at", "time_zone", "state")
TIMES = ("starts_at", "ends_at", "register_until")


class EventState(models.TextChoices):
    """State of an event: as planned, moved or called off."""

    PLANNED = "planned", pgettext_lazy("state of an event", "planned")
    MOVED = "moved", pgettext_lazy("state of an event", "moved")
    CALLED_OFF = "called_off", pgettext_lazy("state of an event", "called off")


class EventAudience(models.TextChoices):
    """People who may register for an event."""

    MEMBERS = "members", _("Members of the network")
    EVERYBODY = "everybody", _("Everybody")


def zone_choices() -> list[tuple[str, str]]:
    """Return the time zones that are named after a place, as (IANA name, readable name)."""
    named = sorted(name for name in names.known_zones() if "/" in name or name == "UTC")
    left_out = ("Etc/", "SystemV/", "US/", "posix/", "right/")
    return [(name, name.replace("_", " ")) for name in named if not name.startswith(left_out)]


def check_zone(name: str) -> None:
    """Raise ValidationError if there is no such time zone."""
    if name not in names.known_zones():
        raise ValidationError(gettext("There is no such time zone."))


class EventFacts(models.Model):
    """The facts of an event, the same in every language."""

    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(_("time zone"), max_length=50, default="Europe/Brussels", validators=[check_zone])
    capacity = models.PositiveSmallIntegerField(
        _("places"), null=True, blank=True, help_text=_("Leave empty if there is room for everybody.")
    )
    register_until = models.DateTimeField(
        _("registration until"), null=True, blank=True, help_text=_("Leave empty for until it begins.")
    )
    audience = models.CharField(
        _("who may register"), max_length=20, choices=EventAudience, default=EventAudience.EVERYBODY
    )
    state = models.CharField(_("state"), max_length=20, choices=EventState, default=EventState.PLANNED)
    hours = models.DecimalField(
        _("hours on the certificate"),
        max_digits=4,
        decimal_places=1,
        default=1,
        help_text=_("Without breaks."),
    )

    class Meta:
        abstract = True

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def begins(self) -> dt.datetime:
        """Return the beginning in the time zone of the event."""
        return self.starts_at.astimezone(self.zone)

    @property
    def ends(self) -> dt.datetime:
        return self.ends_at.astimezone(self.zone)

    @property
    def closes_at(self) -> dt.datetime:
        """Return the end of registration."""
        return self.register_until or self.starts_at

    @property
    def is_called_off(self) -> bool:
        return self.state == EventState.CALLED_OFF

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        """Return whether registration is open, for a place or for the waiting list."""
        return not self.is_called_off and timezone.now() < self.closes_at


class WallClockField(forms.DateTimeField):
    """A time in the time zone of the event, summer time included."""

    widget = AdminDateTimeInput
    zone: dt.tzinfo = dt.UTC

    def prepare_value(self, value: Any) -> Any:
        with timezone.override(self.zone):
            return super().prepare_value(value)

    def to_python(self, value: Any) -> dt.datetime | None:
        with timezone.override(self.zone):
            return super().to_python(value)


class EventPageForm(WagtailAdminPageForm):
    """Form of an event.

    All times are in the zone of the event, not that of the editor.
    """

    starts_at = WallClockField(label=_("begins"), help_text=_("As the clock shows it in the time zone below."))
    ends_at = WallClockField(label=_("ends"), help_text=_("As the clock shows it in the time zone below."))
    register_until = WallClockField(
        label=_("registration until"),
        required=False,
        help_text=_("Leave empty for until it begins. As the clock shows it in the time zone below."),
    )
    time_zone = forms.ChoiceField(label=_("time zone"), choices=zone_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.data.get(self.add_prefix("time_zone")) or self.instance.time_zone
        if name not in names.known_zones():
            name = "UTC"  # rejected with the field's error
        for field in TIMES:
            if field in self.fields:
                self.fields[field].zone = zoneinfo.ZoneInfo(name)


def lines(event: EventFacts) -> list[str]:
    """Return the time of an event: first in its own zone, with the name of the zone, then in UTC."""
    begins, ends = event.begins, event.ends
    there = gettext("%(time)s (%(zone)s)") % {"time": span(begins, ends), "zone": names.zone_name(begins)}
    if not begins.utcoffset():
        return [there]
    at_utc = span(event.starts_at.astimezone(UTC), event.ends_at.astimezone(UTC), beside=begins.date())
    return [there, gettext("%(time)s (%(zone)s)") % {"time": at_utc, "zone": "UTC"}]


def span(begins: dt.datetime, ends: dt.datetime, *, beside: dt.date | None = None) -> str:
    """Return the beginning and the end as text, naming each day once.

    `beside` is a day that the text next to it names already.
    """
    first = time_format(begins, "TIME_FORMAT")
    if begins.date() != beside:
        first = f"{date_format(begins, 'DATE_FORMAT')}, {first}"
    last = time_format(ends, "TIME_FORMAT")
    if ends.date() != begins.date():
        last = f"{date_format(ends, 'DATE_FORMAT')}, {last}"
    return f"{first}–{last}"  # noqa: RUF001


def moment(event: EventFacts, when: dt.datetime) -> str:
    """Return a time in the zone of the event, with the name of the zone."""
    there = when.astimezone(event.zone)
    time = f"{date_format(there, 'DATE_FORMAT')}, {time_format(there, 'TIME_FORMAT')}"
    return gettext("%(time)s (%(zone)s)") % {"time": time, "zone": names.zone_name(there)}


def closing(event: EventFacts) -> str:
    """Return the end of registration as text."""
    return moment(event, event.closes_at)


def notice(event: EventFacts) -> str:
    """Return the state of an event for a card; empty if it takes place as planned."""
    return "" if event.state == EventState.PLANNED else str(EventState(event.state).label)


def meta(event: EventFacts) -> str:
    """Return the day of an event, and its state unless it is planned, in one line."""
    day, state = date_format(event.begins, "DATE_FORMAT"), notice(event)
    return f"{day} · {state}" if state else day
