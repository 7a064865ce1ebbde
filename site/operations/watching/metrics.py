"""The gauges in the text format of Prometheus.

The values are read when they are asked for. They are the same in each process, so one process has them: the clock, which every installation runs,
and which nobody waits for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError
from django.utils import translation
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import watching
from operations.watching.asking import BoundedQuestion, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.watching import Gauge

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DATABASE_UP = "waymark_database_up"
# Prometheus gives up after ten seconds.
PATIENCE = 5.0  # seconds


def help_of(gauge: Gauge) -> str:
    """Return what a gauge is and what to do about it, in English: that is what its rules and boards are in."""
    with translation.override("en"):
        return f"{gauge.title}. {gauge.limit.advice}" if gauge.limit else f"{gauge.title}."


def read_all() -> dict[str, float]:
    """Return the values of all gauges that can be read. Raises OperationalError or InterfaceError if the database is lost."""
    readings = [watching.read(gauge) for gauge in watching.declared()]
    return {each.gauge.name: each.value for each in readings if each.value is not None}


class Metrics(Collector):
    """What `/metrics` shows: each gauge, and whether the database answers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)
        self.values = BoundedQuestion(read_all, seconds=PATIENCE)

    def text(self) -> str:
        return generate_latest(self.registry).decode()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            values = {DATABASE_UP: 1.0, **self.values.answer()}
        except (DatabaseError, InterfaceError, NoAnswer):
            values = {DATABASE_UP: 0.0, **without_database()}
        yield GaugeMetricFamily(DATABASE_UP, DATABASE_UP_HELP, value=values[DATABASE_UP])
        for gauge in watching.declared():
            if gauge.name in values:
                yield GaugeMetricFamily(gauge.name, help_of(gauge), value=values[gauge.name])


DATABASE_UP_HELP = "Whether the database answers. Printed pages need none; everything else does."


def without_database() -> dict[str, float]:
    readings = [watching.read(gauge) for gauge in watching.declared() if not gauge.needs_database]
    return {each.gauge.name: each.value for each in readings if each.value is not None}
