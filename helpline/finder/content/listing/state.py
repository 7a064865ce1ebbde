"""State of a listing: whether it is open, which channels its alert makes unreliable, and how recently it was checked.

People who read "open now" in spite of an alert would call and get no answer.
The finder, the services that are always available, and the coverage map share one rule.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpline.finder.content.listing.reading import FinderReading
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.visibility import hides_contact
from helpline.vocabulary.codes import Alert, Channel, Status
from helpline.vocabulary.wording import host

# Alerts that affect the whole listing.
NOT_TO_RELY_ON = frozenset({Alert.NO_NEW_PEOPLE, Alert.IN_DOUBT})
# Alerts that affect some of its channels.
# A text message uses the same line as a call, so it may not arrive.
DISTURBED = {
    Alert.PHONE_DISTURBED: frozenset({Channel.PHONE, Channel.SMS}),
    Alert.CHAT_DISTURBED: frozenset({Channel.CHAT}),
}


def reliable(programme: Programme) -> bool:
    """Return whether people who need an answer can rely on the listing, given its alert: at least one channel works."""
    if programme.alert in NOT_TO_RELY_ON:
        return False
    disturbed = DISTURBED.get(Alert(programme.alert), frozenset())
    channels = {point.channel for point in programme.contact_points.all()} if disturbed else set()
    return not channels or not channels <= disturbed


def usable(programme: Programme, point: ContactPoint) -> bool:
    """Return whether this contact point is unaffected by the alert of its listing."""
    return reliable(programme) and point.channel not in DISTURBED.get(Alert(programme.alert), frozenset())


def keeps_hours(programme: Programme, point: ContactPoint) -> bool:
    """Return whether the opening hours of this contact point can be relied on."""
    return usable(programme, point) and programme.alert != Alert.SHORT_HOURS


@dataclass(frozen=True, slots=True)
class ShownState:
    """The state of a listing on the day of a reading, in the active language."""

    programme: Programme
    reading: FinderReading
    hides_contact: bool  # it is closed, or stale

    @classmethod
    def of(cls, programme: Programme, reading: FinderReading) -> ShownState:
        return cls(programme, reading, hides_contact(programme, reading.today))

    @property
    def is_stale(self) -> bool:
        return self.hides_contact and not self.programme.is_closed

    def keeps_hours(self, point: ContactPoint) -> bool:
        return not self.hides_contact and keeps_hours(self.programme, point)

    @property
    def closed(self) -> str:
        """Return the day until which it is closed, or an empty string if it is open."""
        if self.programme.status == Status.CLOSED_UNTIL:
            day = self.programme.closed_until
            if day:
                return _("Closed until %(day)s") % {"day": date_format(day, "DATE_FORMAT")}
            return _("Temporarily closed")
        return _("Closed") if self.programme.status == Status.CLOSED else ""

    @property
    def alert(self) -> str:
        return str(Alert(self.programme.alert).label) if self.programme.alert else ""

    @property
    def alert_note(self) -> str:
        return self.programme.alert_note if self.reading.reads_notes else ""

    @property
    def checked(self) -> str:
        return checked(self.programme.checked_on)

    @property
    def checked_on(self) -> str:
        """Return the ISO date of the check, for sorting, or an empty string if it was never checked."""
        return self.programme.checked_on.isoformat() if self.programme.checked_on else ""

    @property
    def source(self) -> str:
        programme = self.programme
        return host(programme.checked_source) or programme.checked_source or host(programme.source_url)


def checked(on: dt.date | None) -> str:
    return _("Checked: %(day)s") % {"day": date_format(on, "DATE_FORMAT")} if on else _("Unchecked")
