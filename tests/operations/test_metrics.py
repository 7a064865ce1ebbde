"""Metrics describe the state of the site's work, and contain nothing about visitors or staff."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client.parser import text_string_to_metric_families

from config.settings.base import ROOT
from core import monitoring
from core.models import JobRun
from core.monitoring import Metric
from operations.monitoring import metrics
from operations.monitoring.metrics import BoundedQuestion, Metrics, TimedOutError
from prerender.models import PendingChange, PendingPath, PrerenderedPath
from prerender.tasks import render_changes
from tests.factories.core import OutgoingMailFactory, StandardPageFactory
from tests.factories.helpline import ProgrammeFactory, days_ago

MARK = "canary-7f3a"
MONITORING = ROOT / "docs/operators/monitoring"
# All metrics, each with the reason why it discloses nothing about a person.
# It is a state of the site's own work, and no count of requests.
ALLOWED = {
    "waymark_database_up",
    "waymark_scheduler_lateness_seconds",
    "waymark_scheduler_failing_jobs",
    "waymark_tasks_waiting",
    "waymark_tasks_oldest_seconds",
    "waymark_tasks_failed",
    "waymark_mail_waiting",
    "waymark_mail_oldest_seconds",
    "waymark_mail_given_up",
    "waymark_disk_free_ratio",
    "waymark_prerender_waiting",
    "waymark_prerender_oldest_seconds",
    "waymark_prerender_refused_pages",
    "waymark_prerender_failed_runs",
    "waymark_mirror_lag_seconds",
    "waymark_prerender_withdrawn_seconds",
    "waymark_replica_lag_seconds",
    "waymark_listings_checks_due",
    "waymark_listings_hidden_numbers",
    "waymark_backup_age_seconds",
    "waymark_backup_failed",
    "waymark_storage_unavailable",
}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run queries in the thread of the test, which sees what the test has written."""
    monkeypatch.setattr(BoundedQuestion, "answer", lambda question: question.ask())


def measured(text: str | None = None) -> dict[str, float]:
    families = text_string_to_metric_families(text or Metrics().text())
    return {sample.name: sample.value for family in families for sample in family.samples}


def task(**values: Any) -> DBTaskResult[..., Any]:
    row = DBTaskResult.objects.create(
        task_path=render_changes.module_path, args_kwargs={"args": [], "kwargs": {}}, backend_name="default",
        run_after=timezone.now() - timedelta(hours=2), exception_class_path="", traceback="", **values,
    )  # fmt: skip
    DBTaskResult.objects.filter(pk=row.pk).update(enqueued_at=timezone.now() - timedelta(hours=1))
    return row


@pytest.mark.django_db
class TestMetrics:
    def test_are_those_that_are_allowed_without_any_label(self, at_once):
        text = Metrics().text()
        families = list(text_string_to_metric_families(text))

        assert {family.name for family in families} == ALLOWED
        assert {family.type for family in families} == {"gauge"}
        assert [sample for family in families for sample in family.samples if sample.labels] == []
        assert all(len(family.documentation) > 10 for family in families)

    def test_are_the_same_for_all_visitors_and_requests(self, at_once, home, settings):
        StandardPageFactory(parent=home, slug="about")
        before = measured()

        for host in (settings.PUBLIC_HOST, settings.PRIVATE_HOST):
            client = Client(headers={"host": host, "user-agent": MARK, "referer": MARK}, raise_request_exception=False)
            for path in ("/en/about/", f"/en/{MARK}/", f"/en/search/?q={MARK}", "/admin/"):
                client.get(path, REMOTE_ADDR="203.0.113.77")
        after = Metrics().text()

        ages = {name for name in before if name.endswith(("_seconds", "_ratio"))}
        assert {name: value for name, value in measured(after).items() if name not in ages} == {
            name: value for name, value in before.items() if name not in ages
        }
        assert MARK not in after
        assert "203.0.113.77" not in after

    def test_report_queues_and_failures(self, at_once, home):
        now = timezone.now()
        ProgrammeFactory(approved=True, checked_on=days_ago(400), next_check_due=days_ago(200))
        for model in (DBTaskResult, PendingPath, PendingChange):
            model.objects.all().delete()
        task(status="READY")
        task(status="FAILED", finished_at=now - timedelta(hours=3))
        task(status="FAILED", finished_at=now - timedelta(days=2))
        OutgoingMailFactory(due_at=now - timedelta(hours=2))
        OutgoingMailFactory(failed_at=now)
        PendingPath.objects.create(path="/en/", kind="page")
        PendingPath.objects.update(noted_at=now - timedelta(minutes=30))
        PrerenderedPath.objects.create(path="/en/odd/", kind="page", refused="No title.")
        run = {"started_at": now, "finished_at": now - timedelta(hours=1), "failures": [{"item": "x"}]}
        JobRun.objects.update_or_create(name="mail", defaults=run)

        found = {name: round(value) for name, value in measured().items()}

        assert found.items() >= {
            "waymark_database_up": 1,
            "waymark_tasks_waiting": 1, "waymark_tasks_failed": 1, "waymark_prerender_failed_runs": 1,
            "waymark_mail_waiting": 1, "waymark_mail_given_up": 1,
            "waymark_prerender_refused_pages": 1, "waymark_prerender_waiting": 1, "waymark_scheduler_failing_jobs": 1,
            "waymark_listings_checks_due": 1, "waymark_listings_hidden_numbers": 1,
        }.items()  # fmt: skip
        assert 3600 <= found["waymark_tasks_oldest_seconds"] < 3700
        assert 7200 <= found["waymark_mail_oldest_seconds"] < 7300
        assert 1800 <= found["waymark_prerender_oldest_seconds"] < 1900
        assert 3500 <= found["waymark_scheduler_lateness_seconds"] < 3600

    @pytest.mark.parametrize("problem", [OperationalError, TimedOutError])
    def test_without_a_database_are_those_that_need_none(self, monkeypatch, problem: type[Exception]):
        def fail(question: BoundedQuestion[Any]) -> Any:
            if question.ask is metrics.read_all:
                raise problem
            return question.ask()

        monkeypatch.setattr(BoundedQuestion, "answer", fail)

        own = ("disk_free_ratio", "mirror_lag_seconds", "replica_lag_seconds", "storage_unavailable")
        assert measured().keys() == {"waymark_database_up", *(f"waymark_{name}" for name in own)}
        assert measured()["waymark_database_up"] == 0

    def test_are_complete_but_for_what_fails(self, at_once, declare, monkeypatch, caplog):
        def fail() -> float:
            raise ValueError(MARK)

        broken = Metric(name="waymark_broken", title="Broken", value=fail)
        slow = Metric(name="waymark_slow", title="Slow", value=lambda: slow_query())
        monkeypatch.setattr(monitoring, "PATIENCE", "20ms")
        declare(metrics=[*monitoring.declared(), broken, slow])

        assert measured().keys() == ALLOWED
        assert "waymark_broken could not be read: ValueError" in caplog.text
        assert "waymark_slow could not be read: OperationalError" in caplog.text
        assert MARK not in caplog.text


def slow_query() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    return 1


class TestRegistry:
    @pytest.mark.parametrize("name", ["waymark_Odd", "http_requests"])
    def test_refuses_a_name_that_is_none(self, name: str):
        with pytest.raises(ImproperlyConfigured, match=name):
            Metric(name=name, title="Odd", value=lambda: 1)


class TestFiles:
    """The alert rules and the board are generated from the same table as the letters."""

    def test_are_up_to_date(self, tmp_path):
        call_command("monitoring_files", tmp_path)

        for name in ("alerts.yml", "dashboard.json"):
            assert (MONITORING / name).read_text() == (tmp_path / name).read_text(), "Run manage.py monitoring_files"

    def test_have_a_rule_for_each_limit(self):
        [group] = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
        limits = {metric.name for metric in monitoring.declared() if metric.limit}

        assert {re.search(r"waymark_\w+", rule["expr"])[0] for rule in group["rules"]} == limits | {metrics.DATABASE_UP}
        assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])
        for rule in group["rules"]:
            assert re.fullmatch(r"absent\(waymark_database_up\)|waymark_[a-z_]+ [<>] [\d.]+", rule["expr"])
            assert re.fullmatch(r"\d+m", rule["for"])
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert rule["annotations"].keys() == {"summary", "description"}

    def test_show_each_metric_that_there_is_and_no_other(self):
        board = json.loads((MONITORING / "dashboard.json").read_text())

        assert {panel["targets"][0]["expr"] for panel in board["panels"]} == ALLOWED
        assert len({panel["id"] for panel in board["panels"]}) == len(ALLOWED)
        places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]}
        assert len(places) == len(ALLOWED)

    def test_are_explained_to_operators(self):
        page = (ROOT / "docs/operators/monitoring.md").read_text()

        assert {name for name in ALLOWED if f"`{name}`" not in page} == set()
