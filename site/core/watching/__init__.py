"""What can be measured of the running site, and when a person should be told.

An app declares its gauges on its `AppConfig` (`core.declarations`):

    GAUGES = [Gauge(name="waymark_parcels_oldest_seconds", title=_("Age of the oldest parcel"), value=age_of_oldest, limit=AlertLimit(…))]

This one table makes the metrics for Prometheus, the alert rules, the dashboard and the letters to administrators. A gauge says how the work
of the site stands, as the database has it. Nothing is counted per request, and nothing says anything about anybody who visits or works here.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from core import declarations
from core.languages.lazy import StrOrPromise

log = logging.getLogger(__name__)

# The unit stands last, as Prometheus recommends: seconds, ratio, or what is counted.
NAME = re.compile(r"waymark(_[a-z]+)+")
# How long the database may take for one value. A table too large for that is not to be measured at each scrape.
PATIENCE = "2s"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimit:
    """When a person is told: the value has been above `above`, or below `below`, for at least `lasting`. `advice` says what to do."""

    advice: StrOrPromise
    lasting: timedelta
    above: float | None = None
    below: float | None = None
    severity: Literal["warning", "critical"] = "warning"

    def is_passed(self, value: float) -> bool:
        return (self.above is not None and value > self.above) or (
            self.below is not None and value < self.below
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """One number. `value` makes one short query, of an index or a small table; or none, where `needs_database` is false."""

    name: str
    title: StrOrPromise
    value: Callable[[], float]
    limit: AlertLimit | None = None
    needs_database: bool = True

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ImproperlyConfigured(f"{self.name} is no name for a gauge: it has to match {NAME.pattern}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The value of a gauge now; None if it could not be read."""

    gauge: Gauge
    value: float | None

    @property
    def is_beyond(self) -> bool:
        """Whether the value is beyond the limit of its gauge, for however long."""
        limit = self.gauge.limit
        return limit is not None and self.value is not None and limit.is_passed(self.value)


def declared() -> Sequence[Gauge]:
    """Return the gauges of all apps."""
    return declarations.collect("gauges")


def read(gauge: Gauge) -> Measurement:
    """Read a gauge. Raises OperationalError or InterfaceError if the database is lost; whatever else fails gives a reading without a value."""
    try:
        return Measurement(
            gauge=gauge, value=_in_time(gauge) if gauge.needs_database else float(gauge.value())
        )
    except (DatabaseError, InterfaceError) as error:
        if not connection.is_usable():
            raise
        problem: Exception = error
    except Exception as error:  # noqa: BLE001  (one gauge that fails does not hide the others)
        problem = error
    log.error("The gauge %s could not be read: %s", gauge.name, type(problem).__name__)
    return Measurement(gauge=gauge, value=None)


def _in_time(gauge: Gauge) -> float:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
        return float(gauge.value())


def seconds_since(at: datetime | None) -> float:
    """Return how old something is, in seconds: 0 if there is nothing."""
    return max(0.0, (timezone.now() - at).total_seconds()) if at else 0.0
