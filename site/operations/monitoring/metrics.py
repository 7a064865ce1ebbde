"""Metrics of backups and storage, and all metrics for Prometheus and Grafana: their values, rules and a dashboard.

The values are read on request.
They are the same in each process, so one process exports them: the scheduler, which every installation runs, and for
which no user waits.
Rules and dashboard are generated from the metrics, so that they name no metric that does not exist.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswerYet
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, connections
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import monitoring
from core.monitoring import AlertLimit, Metric, seconds_since
from core.uploads.unavailable import StorageUnavailableError
from operations.backups import repository


class TimedOutError(Exception):
    """The query has not returned in time."""


class BoundedQuestion[Answer]:
    """Runs a query in a separate thread, and waits `seconds` at most.

    While one query hangs no second one is started, so nothing piles up.
    """

    def __init__(self, ask: Callable[[], Answer], *, seconds: float) -> None:
        self.ask, self.seconds = ask, seconds
        self.lock = threading.Lock()
        self.pending: Future[Answer] | None = None

    def answer(self) -> Answer:
        """Return the result.

        Raises TimedOutError, or the exception of the query.
        """
        with self.lock:
            if self.pending is None or self.pending.done():
                self.pending = Future()
                # Not in an executor: a process waits for its threads when it ends.
                threading.Thread(target=self._ask, args=[self.pending], name="monitoring", daemon=True).start()
            pending = self.pending
        try:
            return pending.result(self.seconds)
        except NoAnswerYet:
            raise TimedOutError from None

    def _ask(self, pending: Future[Answer]) -> None:
        try:
            found = self.ask()
        except Exception as problem:  # noqa: BLE001  (raised in the thread that waits)
            pending.set_exception(problem)
        else:
            pending.set_result(found)
        finally:
            connections.close_all()


# A storage that hangs must not hold up the other values.
STORAGE_PATIENCE = 2.0  # seconds


def backup_age() -> float:
    """Return the age of the newest good backup, or of the site if there is none; 0 if others make backups."""
    return 0.0 if settings.BACKUPS["elsewhere"] else seconds_since(repository.unprotected_since())


def backup_failed() -> float:
    return float(repository.failure() is not None)


def is_storage_unavailable() -> bool:
    """Return whether the storage of uploads is unavailable.

    A folder on this machine has no such check.
    """
    ask = getattr(default_storage, "ask", None)
    if ask is None:
        return False
    try:
        ask()
    except StorageUnavailableError:
        return True
    return False


_storage = BoundedQuestion(is_storage_unavailable, seconds=STORAGE_PATIENCE)


def storage_unavailable() -> float:
    try:
        return float(_storage.answer())
    except TimedOutError:
        return 1.0


METRICS = [
    Metric(
        name="waymark_backup_age_seconds",
        title=_("Age of the newest backup"),
        value=backup_age,
        limit=AlertLimit(
            above=repository.OLD.total_seconds(),
            lasting=timedelta(minutes=5),
            severity="critical",
            advice=_(
                "What was done since then would be lost with the machine. "
                "Run “manage.py backup”, and see why the timer did not."
            ),
        ),
    ),
    Metric(
        name="waymark_backup_failed",
        title=_("Whether the last backup failed"),
        value=backup_failed,
        limit=AlertLimit(
            above=0,
            lasting=timedelta(0),
            advice=_(
                "The earlier ones are as they were. “manage.py doctor” "
                "says what went wrong; then run “manage.py backup” again."
            ),
        ),
    ),
    Metric(
        name="waymark_storage_unavailable",
        title=_("Whether the storage for pictures and files is missing"),
        value=storage_unavailable,
        needs_database=False,
        limit=AlertLimit(
            above=0,
            lasting=timedelta(minutes=5),
            advice=_(
                "Visitors are not affected. Uploads fail, and new pictures are not "
                "published until it is back. “manage.py doctor” says what is wrong."
            ),
        ),
    ),
]


CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DATABASE_UP = "waymark_database_up"
# Prometheus gives up after ten seconds.
PATIENCE = 5.0  # seconds


def help_of(metric: Metric) -> str:
    """Return the description of a metric and its remedy, in English, as in its rules and dashboards."""
    with translation.override("en"):
        return f"{metric.title}. {metric.limit.advice}" if metric.limit else f"{metric.title}."


def read_all(*, has_database: bool = True) -> dict[str, float]:
    """Return the values of all metrics that can be read.

    Raises OperationalError or InterfaceError if the database is lost.
    """
    metrics = [metric for metric in monitoring.declared() if has_database or not metric.needs_database]
    return {metric.name: value for metric in metrics if (value := monitoring.read(metric).value) is not None}


class Metrics(Collector):
    """The metrics of `/metrics`: each metric, and whether the database responds."""

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
        except (DatabaseError, InterfaceError, TimedOutError):
            values = {DATABASE_UP: 0.0, **read_all(has_database=False)}
        yield GaugeMetricFamily(DATABASE_UP, DATABASE_UP_HELP, value=values[DATABASE_UP])
        for metric in monitoring.declared():
            if metric.name in values:
                yield GaugeMetricFamily(metric.name, help_of(metric), value=values[metric.name])


DATABASE_UP_HELP = "Whether the database answers. Prerendered pages need none; everything else does."


MADE = "Made by `manage.py monitoring_files` of the metrics in the code."
UNITS = {"seconds": "s", "ratio": "percentunit"}


def alert_rules() -> str:
    """Return the rules for Prometheus.

    They are YAML because JSON is.
    """
    rules = [
        {
            "alert": "WaymarkUnwatched",
            "expr": f"absent({DATABASE_UP})",
            "for": "5m",
            "labels": {"severity": "critical"},
            "annotations": {
                "summary": "Nothing is measured",
                "description": (
                    "The scheduler does not run, or Prometheus does not reach it: no other alert would be sent."
                ),
            },
        },
        {
            "alert": "WaymarkDatabaseUp",
            "expr": f"{DATABASE_UP} < 1",
            "for": "2m",
            "labels": {"severity": "critical"},
            "annotations": {"summary": "The database does not respond", "description": DATABASE_UP_HELP},
        },
        *_rules(),
    ]
    groups = {"groups": [{"name": "waymark", "rules": rules}]}
    return f"# {MADE}\n{json.dumps(groups, indent=2, ensure_ascii=False)}\n"


def _rules() -> Iterator[dict[str, Any]]:
    with translation.override("en"):
        for metric in monitoring.declared():
            if (limit := metric.limit) is not None:
                sign, bound = (">", limit.above) if limit.above is not None else ("<", limit.below)
                yield {
                    "alert": "".join(word.capitalize() for word in metric.name.split("_")),
                    "expr": f"{metric.name} {sign} {bound:g}",
                    "for": f"{limit.lasting.total_seconds() / 60:g}m",
                    "labels": {"severity": limit.severity},
                    "annotations": {"summary": str(metric.title), "description": str(limit.advice)},
                }


def dashboard() -> str:
    """Return a dashboard for Grafana: one panel for each metric, with its limit."""
    panels = [_panel(number, metric.name, metric) for number, metric in enumerate(monitoring.declared(), start=1)]
    board = {
        "title": "Waymark",
        "uid": "waymark",
        "description": MADE,
        "schemaVersion": 39,
        "timezone": "utc",
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [{"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(0, DATABASE_UP, None), *panels],
    }
    return json.dumps(board, indent=2, ensure_ascii=False) + "\n"


def _panel(number: int, name: str, metric: Metric | None) -> dict[str, Any]:
    with translation.override("en"):
        title = str(metric.title) if metric else "Database"
        description = help_of(metric) if metric else DATABASE_UP_HELP
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "description": description,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"h": 7, "w": 8, "x": number % 3 * 8, "y": number // 3 * 7},
        "targets": [{"refId": "A", "expr": name, "legendFormat": "{{instance}}"}],
        "fieldConfig": {
            "defaults": {
                "min": 0,
                "unit": UNITS.get(name.rpartition("_")[2], "none"),
                "custom": {"thresholdsStyle": {"mode": "line"}},
                "thresholds": {"mode": "absolute", "steps": _steps(metric)},
            },
            "overrides": [],
        },
    }


def _steps(metric: Metric | None) -> list[dict[str, Any]]:
    limit = metric.limit if metric else None
    if limit is None:
        return [{"color": "green", "value": None}]
    if limit.above is not None:
        return [{"color": "green", "value": None}, {"color": "red", "value": limit.above}]
    return [{"color": "red", "value": None}, {"color": "green", "value": limit.below}]


FILES = {"alerts.yml": alert_rules, "dashboard.json": dashboard}
