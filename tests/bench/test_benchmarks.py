"""The benchmarks run for about a second each, on minimal data, and report results.

Speed itself is not tested.
"""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from config.settings.base import ROOT
from core import scheduler
from prerender import services
from prerender.rendering.pool import Pool
from tests.factories.network import MemberFactory
from tests.support.modules import load
from tests.support.server import SiteServer, free_port

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


def benchmark(name: str) -> ModuleType:
    """Return a script of `bench/` as a module."""
    return load(ROOT / "bench" / f"{name}.py")


class TestTable:
    def test_shows_both_sides_their_ratio_and_the_goal(self):
        table = benchmark("table")

        said = table.table([table.Row("a page", 2000, 5000, "req/s", "2.50 x")], first="hello", second="prerendered")

        assert said.split() == [
            "hello", "prerendered", "ratio", "goal", "a", "page", "2,000", "req/s", "5,000", "req/s", "2.50", "x",
            "2.50", "x",
        ]  # fmt: skip

    def test_has_no_ratio_to_nothing(self):
        assert benchmark("table").Row("a page", 0, 5, "s").ratio == 0


@pytest.fixture
def little_to_render(
    settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch, without_api: None, nothing_is_rendered: None
) -> None:
    """Prerender few pages, only when a benchmark does it, and start no helpers.

    Helpers would not see the test database.
    """
    settings.INTERFACE_LANGUAGES = ["en"]
    monkeypatch.setattr(Pool, "start_workers", lambda self: None)


@pytest.mark.usefixtures("little_to_render")
@pytest.mark.django_db(transaction=True)
class TestRendering:
    def test_measures_publishing_and_the_whole_site(self, declare):
        declare(routes=[])  # nothing but pages

        publishing, whole = benchmark("rendering").measure(2, languages=2)

        assert "one page first published in 2 languages: public" in publishing
        assert "addresses, every page changed: clock" in whole
        assert "15 ms each, on two cores" in whole


class TestDirectory:
    def test_compares_few_members_with_many(self, monkeypatch):
        directory = benchmark("directory")
        # TestNetwork measures them.
        sides = (
            {"p95 of all pages": 40.0, "one approval until public": 500.0},
            {"p95 of all pages": 80.0, "one approval until public": 750.0},
        )
        monkeypatch.setattr(directory, "sides", lambda few, many, rounds: sides)

        said = directory.measure(30, 40, rounds=1)

        assert "30 members" in said
        assert "40 members" in said
        assert "80.00 ms" in said
        assert "2.00 x" in said
        assert "2,000 ms" in said


@pytest.mark.usefixtures("little_to_render")
@pytest.mark.django_db(transaction=True)
class TestNetwork:
    def test_measures_every_goal_and_reports_the_share_of_it_used(self, settings, monkeypatch):
        settings.RENDER_ON_REQUEST = False  # the benchmark changes it
        network = benchmark("network")
        monkeypatch.setattr(network.directory, "ASKED", {"the table": {"show": "table"}})
        monkeypatch.setattr("demo.content.LANGUAGES", ("en", "de"))

        said = network.measure(few=20, many=24, needs=3, candidates=40, rounds=1, words=200)

        assert "3 needs among 40 members" in said
        assert "p95 of all pages, 24 members" in said
        assert "one approval until public" in said
        for way in ("hidden", "paused", "who leaves"):
            assert f"one member {way} until gone" in said
        assert re.search(r"queries of a page, 24 members +(\d+\.\d+) queries +\1 queries +1.00 x  1.00 of 1 x", said)
        assert "the nearest of 200 words" in said
        assert "a merge over 24 members" in said

    def test_reports_the_used_share_of_each_goal(self):
        goal = benchmark("network").Goal

        assert goal(100, 5).of("a page", 10, 80, "ms").goal == "0.80 of 100 ms, 1.60 of 5 x"
        assert goal(times=8).of("a list", 10, 40, "ms").goal == "0.50 of 8 x"
        assert goal(3.5).of("a word", 1, 7, "ms").goal == "2.00 of 3.5 ms"


class TestMeasuring:
    @pytest.mark.parametrize(
        ("name", "number", "options", "words"),
        [
            pytest.param("database_waiting", 20, {}, ["one row"], marks=pytest.mark.django_db(transaction=True)),
            pytest.param(
                "vocabulary",
                20,
                {},
                ["2 members", "20 members", "a reader counted"],
                marks=pytest.mark.django_db(transaction=True),
            ),
            pytest.param(
                "uploads",
                0.01,
                {"kinds": ("JPEG",)},
                ["JPEG, 0.0 million pixels: processor", "JPEG, 0.0 million pixels: memory"],
                marks=pytest.mark.process,
            ),
            ("matching", 3, {"members": 200}, ["20 members", "200 members", "matches with reasons"]),
            ("terms", 300, {}, ["30 words", "\nen,", "\nde,", "\nfr,", "\nar,"]),
            ("studio", 1, {"formats": ("poster-a4", "banner")}, ["2 outputs: clock", "a preview: clock"]),
        ],
    )
    def test_reports_the_results(self, name, number, options, words):
        said = benchmark(name).measure(number, **options)

        assert [each for each in words if each not in said] == []


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
class TestWaiting:
    def test_measures_both_sites_under_load(self, site_server: SiteServer, home):
        waiting = benchmark("waiting")
        site = waiting.Site(site_server.port, site_server.port)

        rows = [
            *waiting.with_many_searches(site, parallel=2, count=1),
            *waiting.with_nonsense(site, parallel=2, count=1),
            *waiting.with_hanging_mail(site, free_port(), count=2, patience=0),
        ]
        said = waiting.with_stopped_database(site, nullcontext, 0.2)  # not really

        assert all(row.first > 0 and row.second > 0 for row in rows)
        assert "prerendered pages" in said[0]
        assert "back" in said[-1]


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
class TestServing:
    @pytest.mark.parametrize("client", ["wrk", "its own"])
    def test_loads_a_server_for_a_second(self, site_server: SiteServer, home, client, monkeypatch):
        serving = benchmark("serving")
        if client != "wrk":
            monkeypatch.setattr(serving.shutil, "which", lambda name: None)

        found = serving.rounds({"prerendered": (site_server.port, "/en/")}, 1, 1.0)

        assert found["prerendered"][0] > 0


@pytest.mark.django_db
class TestTranslations:
    def test_opens_changes_and_sends(self, home):
        translations = benchmark("translations")

        found = translations.measure(2, few=translations.Size(2, 1), many=translations.Size(4, 2))

        assert "the table opens" in found
        assert "4 + 2" in found


@pytest.mark.django_db
class TestAdmin:
    def test_compares_lists_and_forms_with_those_of_wagtail(self, home):
        found = benchmark("admin").measure(2, rows=2)

        for what in ("2 pages, with their translations", "2 materials", "the form of one of the materials", "2 themes"):
            assert re.search(rf"{what} +[\d.,]+ ms +[\d.,]+ ms +[\d.]+ x +1.50 x", found), found


@pytest.mark.usefixtures("little_to_render")
@pytest.mark.django_db(transaction=True)
class TestLaunch:
    def test_measures_a_campaign_from_its_minute_until_all_of_it_is_public(self, monkeypatch, declare):
        declare(jobs=[job for job in scheduler.declared() if job.name in ("publish", "launches")])
        launch = benchmark("launch")
        monkeypatch.setattr(launch, "AHEAD", 0.5)

        found = launch.measure(2, few=2, alone=True)

        assert "from the first to the last" in found
        assert "2 languages" in found


CHOICES = """
<!DOCTYPE html>
<select data-facet="country"><option data-code="any"><option data-code="de"></select>
<select data-facet="audience"><option data-code="any"><option data-code="self_thoughts"></select>
<select data-facet="language"><option data-code="any"><option data-code="de"></select>
<fieldset data-facet="channel"><input type="radio" name="a" data-code="any">
<input type="radio" name="a" data-code="chat"></fieldset>
<style>body:has([data-code=de]:checked) article { display: none }</style>
<div class="finder-results"><p>Services<div><article>One</article></div><div><article>Another</article></div></div>
"""


@pytest.mark.browser
class TestChoosing:
    def test_reports_the_cost_of_each_choice_with_few_and_with_many(self, tmp_path, open_page):
        choosing = benchmark("choosing")
        (tmp_path / "en").mkdir()
        (tmp_path / "en" / "help.kept").write_text(CHOICES)
        browser = open_page().context.browser

        rows = choosing.measure(browser, (tmp_path, 0), (tmp_path, 7), rounds=1)

        assert [row.what for row in rows][:2] == ["country: de", "country: any"]
        assert len(rows) == len(choosing.CHOICES)
        assert all(row.first > 0 and row.second > 0 for row in rows)

    def test_repeats_listings_until_there_are_enough(self, tmp_path, open_page):
        choosing = benchmark("choosing")
        (tmp_path / "en").mkdir()
        (tmp_path / "en" / "help.kept").write_text(CHOICES)

        side = choosing.opened(open_page().context.browser, tmp_path, 7)

        assert side.page.locator("article").count() == 7
        side.page.context.close()


@pytest.mark.process
class TestLighthouse:
    REPORT = {
        "categories": {
            name: {"score": score, "auditRefs": [{"id": "late", "weight": 1}, {"id": "told", "weight": 0}]}
            for name, score in (
                ("performance", 0.97),
                ("accessibility", 1),
                ("best-practices", 1),
                ("seo", 1),
            )
        },
        "audits": {
            "largest-contentful-paint": {"numericValue": 1300.4, "score": 1, "title": "Paint"},
            "cumulative-layout-shift": {"numericValue": 0, "score": 1, "title": "Shift"},
            "late": {"score": 0.5, "title": "Comes late"},
            "told": {"score": 0, "title": "Is only told"},
        },
    }

    def test_reports_failed_audits(self, tmp_path, capsys):
        lighthouse = tmp_path / "lighthouse"
        lighthouse.write_text(f"#!/bin/sh\necho '{json.dumps(self.REPORT)}'\n")
        lighthouse.chmod(0o755)

        missed = benchmark("lighthouse").main(["--lighthouse", str(lighthouse), "/en/"])

        said = capsys.readouterr().out
        assert missed == 1
        assert "97" in said
        assert "1300 ms" in said
        assert "late: Comes late" in said
        assert "told" not in said


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
class TestGrowing:
    def test_counts_what_an_answer_costs_and_reckons_with_it(
        self, site_server: SiteServer, home, settings, monkeypatch
    ):
        growing = benchmark("growing")
        monkeypatch.setattr(growing, "RENDERED", "/en/")
        monkeypatch.setattr(growing, "ASKED", (("a prerendered page, by the application", "public", "/en/"),))
        MemberFactory()
        services.render_due()

        said = "\n".join(
            growing.measure(
                growing.Running(port=site_server.port, private_port=site_server.port),
                home.pk,
                settings.PRERENDER_ROOT,
                requests=20,
                seconds=1,
            )
        )

        assert "processor: a prerendered page" in said
        assert "database: a page in a language, a member" in said
        assert "behind a CDN" in said
