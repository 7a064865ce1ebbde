"""Alert rules and a dashboard, as files for Prometheus and Grafana. They are made of the gauges, so that they name no metric that does not exist."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils import translation

from core import watching
from operations.watching.metrics import DATABASE_UP, DATABASE_UP_HELP, help_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.watching import Gauge

MADE = "Made by `manage.py monitoring_files` of the gauges in the code."
UNITS = {"seconds": "s", "ratio": "percentunit"}


def alert_rules() -> str:
    """Return the rules for Prometheus. They are YAML because JSON is."""
    rules = [
        {
            "alert": "WaymarkUnwatched",
            "expr": f"absent({DATABASE_UP})",
            "for": "5m",
            "labels": {"severity": "critical"},
            "annotations": {
                "summary": "Nothing is measured",
                "description": "The clock does not run, or Prometheus does not reach it: nobody would be told of anything else.",
            },
        },
        {
            "alert": "WaymarkDatabaseUp",
            "expr": f"{DATABASE_UP} < 1",
            "for": "2m",
            "labels": {"severity": "critical"},
            "annotations": {"summary": "The database does not answer", "description": DATABASE_UP_HELP},
        },
        *_rules(),
    ]
    groups = {"groups": [{"name": "waymark", "rules": rules}]}
    return f"# {MADE}\n{json.dumps(groups, indent=2, ensure_ascii=False)}\n"


def _rules() -> Iterator[dict[str, Any]]:
    with translation.override("en"):
        for gauge in watching.declared():
            if (limit := gauge.limit) is not None:
                sign, bound = (">", limit.above) if limit.above is not None else ("<", limit.below)
                yield {
                    "alert": "".join(word.capitalize() for word in gauge.name.split("_")),
                    "expr": f"{gauge.name} {sign} {bound:g}",
                    "for": f"{limit.lasting.total_seconds() / 60:g}m",
                    "labels": {"severity": limit.severity},
                    "annotations": {"summary": str(gauge.title), "description": str(limit.advice)},
                }


def dashboard() -> str:
    """Return a dashboard for Grafana: one panel for each gauge, with its limit."""
    panels = [_panel(number, gauge.name, gauge) for number, gauge in enumerate(watching.declared(), start=1)]
    board = {
        "title": "Waymark",
        "uid": "waymark",
        "description": MADE,
        "schemaVersion": 39,
        "timezone": "utc",
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(0, DATABASE_UP, None), *panels],
    }
    return json.dumps(board, indent=2, ensure_ascii=False) + "\n"


def _panel(number: int, name: str, gauge: Gauge | None) -> dict[str, Any]:
    with translation.override("en"):
        title = str(gauge.title) if gauge else "Database"
        description = help_of(gauge) if gauge else DATABASE_UP_HELP
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
                "thresholds": {"mode": "absolute", "steps": _steps(gauge)},
            },
            "overrides": [],
        },
    }


def _steps(gauge: Gauge | None) -> list[dict[str, Any]]:
    limit = gauge.limit if gauge else None
    if limit is None:
        return [{"color": "green", "value": None}]
    if limit.above is not None:
        return [{"color": "green", "value": None}, {"color": "red", "value": limit.above}]
    return [{"color": "red", "value": None}, {"color": "green", "value": limit.below}]


FILES = {"alerts.yml": alert_rules, "dashboard.json": dashboard}
