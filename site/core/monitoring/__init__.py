"""Metrics of the running site, and the limits at which administrators are notified.

An app declares its metrics on its `AppConfig` (`core.declarations`):

    METRICS = [
        Metric(
            name="waymark_parcels_oldest_seconds",
            title=_("Age of the oldest parcel"),
            value=age_of_oldest,
            limit=AlertLimit(…),
        )
    ]

From this one table come the metrics for Prometheus, the alert rules, the dashboard and the letters to administrators.
A metric describes the state of the site's work, from the database.
Nothing is counted per request, and no metric reveals anything about a visitor or a member of staff.
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

# The unit comes last, as Prometheus recommends: seconds, ratio, or the things counted.
NAME = re.compile(r"waymark(_[a-z]+)+")
# The time limit for one value.
# A table that takes longer must not be measured at each scrape.
PATIENCE = "2s"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimit:
    """Limit for an alert: the value has been above `above`, or below `below`, for at least `lasting`.

    `advice` is what to do.
    """

    advice: StrOrPromise
    lasting: timedelta
    above: float | None = None
    below: float | None = None
    severity: Literal["warning", "critical"] = "warning"

    def is_passed(self, value: float) -> bool:
        return (self.above is not None and value > self.above) or (self.below is not None and value < self.below)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number.

    `value` makes one short query, of an index or a small table; or none, if `needs_database` is false.
    """

    name: str
    title: StrOrPromise
    value: Callable[[], float]
    limit: AlertLimit | None = None
    needs_database: bool = True

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ImproperlyConfigured(f"Invalid metric name {self.name}: it has to match {NAME.pattern}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The value of a metric now; None if it could not be read."""

    metric: Metric
    value: float | None

    @property
    def is_beyond(self) -> bool:
        """Return whether the value is beyond the limit of its metric, regardless of how long."""
        limit = self.metric.limit
        return limit is not None and self.value is not None and limit.is_passed(self.value)


def declared() -> Sequence[Metric]:
    """Return the metrics of all apps."""
    return declarations.collect("metrics")


def read(metric: Metric) -> Measurement:
    """Read a metric.

    Raises OperationalError or InterfaceError if the database is lost; after any other error the measurement has no
    value.
    """
    try:
        return Measurement(metric=metric, value=_in_time(metric) if metric.needs_database else float(metric.value()))
    except (DatabaseError, InterfaceError) as error:
        if not connection.is_usable():
            raise
        problem: Exception = error
    except Exception as error:  # noqa: BLE001  (one metric that fails does not hide the others)
        problem = error
    log.error("The metric %s could not be read: %s", metric.name, type(problem).__name__)
    return Measurement(metric=metric, value=None)


def _in_time(metric: Metric) -> float:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
        return float(metric.value())


def seconds_since(at: datetime | None) -> float:
    """Return how old something is, in seconds: 0 if there is nothing."""
    return max(0.0, (timezone.now() - at).total_seconds()) if at else 0.0
