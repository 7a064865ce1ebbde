"""Context of a list of services: everything that decides how a listing is shown, apart from the listing."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import get_language

from helpline.finder.content.filters.regions import Regions
from helpline.finder.content.listing.laws import Laws
from helpline.finder.content.listing.timetable import Timetables
from helpline.records.programmes import ContactPoint

# The language of notes on alerts.
# For readers of other languages, the alert has the same content.
NOTES_IN = "en"


def active_language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class FinderReading:
    """Context of one page: its day, its language (the active one), and data that is not in the listings."""

    today: dt.date
    language: str = field(default_factory=active_language)
    timetables: Timetables | None = None  # without them, the page does not show what is open now
    laws: Laws = field(default_factory=dict)  # for facts that the listings do not state
    regions: Regions = field(default_factory=Regions)  # those that can be chosen
    disclosing: Collection[str] = ()  # the web addresses that disclose their visitors to others

    @property
    def reads_notes(self) -> bool:
        return self.language == NOTES_IN

    def timetable(self, point: ContactPoint) -> str:
        """Return the index of the timetable of a contact point on the page, or an empty string if there is none."""
        return "" if self.timetables is None else self.timetables.number(point.opening_hours, point.timezone)
