"""Declarations of apps are collected in order, and `manage.py check` finds wrong and missing ones."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.core.checks import CheckMessage

from core import checks, declarations, scheduler
from core.publishing.routes import AppRoute
from core.scheduler import Job
from home.apps import HomeConfig
from tests.support import declaring


def job(name: str) -> Job:
    return Job(name=name, title=name, run=lambda: None, every=timedelta(hours=1))


class Undeclared(AppRoute):
    """A route that no app declares."""


def ids(messages: Iterable[CheckMessage]) -> set[str | None]:
    return {message.id for message in messages}


class TestCollecting:
    def test_follows_the_order_of_the_apps_and_of_their_declarations(self):
        names = [each.name for each in scheduler.declared()]

        assert names.index("helpline-freshness") < names.index("publish") < names.index("repair-public-files")
        assert names.index("repair-public-files") < names.index("prerender")

    def test_refuses_what_cannot_be_declared(self):
        with pytest.raises(LookupError):
            declarations.collect("kettles")


class TestCheck:
    def test_finds_nothing_wrong_here(self):
        assert list(checks.check_declarations(None)) == []

    @pytest.mark.parametrize(("path", "code"), [("home.jobs.GONE", "core.E021"), ("home.routes.ROUTES", "core.E022")])
    def test_finds_a_path_that_leads_nowhere_or_to_a_thing_of_another_kind(self, path, code):
        with declaring.declared(jobs=[path]):
            assert ids(checks.unusable()) == {code}

    def test_finds_two_of_the_same_name(self, declare):
        declare(jobs=[job("sweep"), job("sweep")])

        assert ids(checks.named_twice()) == {"core.E023"}

    def test_finds_a_misspelt_declaration(self, monkeypatch):
        monkeypatch.setattr(HomeConfig, "route", "home.routes.ROUTES", raising=False)

        assert ids(checks.unknown_kinds()) == {"core.E020"}

    @pytest.mark.parametrize("kind", ["jobs", "routes", "header_policies", "mails", "metrics", "todos"])
    def test_finds_what_is_declared_nowhere(self, declare, kind):
        declare(**{kind: []})

        assert "core.E024" in ids(checks.forgotten())
