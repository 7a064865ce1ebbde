"""State of a listing as it is shown: whether it is open, its alert, and how recently it was checked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpline.finder.content.listing.reading import FinderReading
from helpline.records.alerts import keeps_hours
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.visibility import hides_contact
from helpline.vocabulary.codes import Alert, Status
from helpline.vocabulary.wording import host


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
