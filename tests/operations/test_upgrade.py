"""Upgrading: the version before answers and prints until the new one takes over, and then prints nothing more."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.settings.base import ROOT
from core import version
from core.locks import key
from core.publishing import shared_static
from operations.upgrading import steps
from press import services, tasks
from press.locks import NAME, press_lock
from press.models import Printed, PrintingVersion
from tests.factories.core import StandardPageFactory


def said(*arguments: str, **options: object) -> str:
    out = StringIO()
    call_command("upgrade", *arguments, stdout=out, stderr=out, verbosity=0, **options)
    return out.getvalue()


@pytest.fixture
def other_version(monkeypatch: pytest.MonkeyPatch) -> str:
    """Another version has taken over."""
    PrintingVersion.objects.create(digest="another")
    return "another"


@pytest.mark.django_db
class TestTakingOver:
    @pytest.mark.usefixtures("home", "other_version")
    def test_keeps_an_old_process_from_printing(self, caplog):
        with pytest.raises(services.Superseded):
            services.print_all()
        with pytest.raises(CommandError, match="upgrade"):
            call_command("press", "--all")
        tasks.print_changes.call()

        assert "restart it" in caplog.text
        assert not Printed.objects.exclude(printed_at=None).exists()

    @pytest.mark.usefixtures("home")
    def test_stops_an_old_press_after_the_pages_in_hand(self, monkeypatch):
        monkeypatch.setattr(services, "BATCH", 1)
        total = services.make_all_due()

        def take_over(outcome: object) -> None:
            PrintingVersion.objects.update_or_create(digest="another")

        with pytest.raises(services.Superseded):
            services.print_due(progress=take_over)

        assert 0 < Printed.objects.exclude(printed_at=None).count() < total

    @pytest.mark.usefixtures("home")
    def test_gives_the_press_back_if_the_tables_cannot_be_changed(self, other_version):
        def fail() -> None:
            with steps.press_taken_over(patience=1):
                assert PrintingVersion.objects.get().digest == version.running()
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()

        assert PrintingVersion.objects.get().digest == other_version

    def test_waits_for_an_old_press_and_not_for_ever(self, monkeypatch):
        apart = connection.copy()
        with apart.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key(NAME)])
        try:
            with pytest.raises(steps.StillPrintingError):
                steps.wait_for_press(0)
        finally:
            apart.close()
        steps.wait_for_press(30)  # the server notices a moment later that the connection has ended
        with press_lock() as free:
            assert free


@pytest.mark.django_db
@pytest.mark.usefixtures("home")
class TestCommand:
    def test_prints_the_site_with_this_version(self, other_version):
        told = said()

        assert PrintingVersion.objects.get().digest == version.running()
        assert Printed.objects.exclude(printed_at=None).exists()
        assert "Restart the doors" in told

    def test_says_what_it_would_do(self, monkeypatch, other_version):
        monkeypatch.setattr(steps, "applied_migrations", lambda: ["press.0001_initial", "press.0099_later"])

        told = said("--plan")

        assert "0 migrations" in told
        assert "press.0099_later is not known to this one" in told
        assert PrintingVersion.objects.get().digest == other_version

    def test_asks_for_static_files_first(self, monkeypatch, other_version):
        def missing() -> int:
            raise LookupError("/var/lib/waymark/static")

        monkeypatch.setattr(shared_static, "share", missing)

        with pytest.raises(CommandError, match="collectstatic"):
            said()
        assert PrintingVersion.objects.get().digest == other_version

    def test_makes_a_site_of_an_empty_database(self, monkeypatch):
        monkeypatch.setattr(steps, "has_site", lambda: False)

        said("--backup")  # there is nothing yet

        assert PrintingVersion.objects.get().digest == version.running()


class TestVersion:
    def test_is_that_of_the_files_and_not_of_their_place(self, tmp_path):
        for name in ("one", "two"):
            folder = tmp_path / name / "site" / "templates"
            folder.mkdir(parents=True)
            (tmp_path / name / "uv.lock").write_text("")
            (folder / "page.html").write_text("<p>")
        same = version.digest_of(tmp_path / "one")

        assert version.digest_of(tmp_path / "two") == same
        (tmp_path / "two" / "site" / "templates" / "page.html").write_text("<P>")
        assert version.digest_of(tmp_path / "two") != same


class TestStaticFiles:
    """A process answers for style sheets that came after it was started."""

    def middleware(self, settings, tmp_path):
        settings.WHITENOISE_AUTOREFRESH = False
        settings.STATIC_ROOT, settings.STATIC_SHARED = tmp_path / "own", tmp_path / "shared"
        (tmp_path / "own").mkdir()
        return shared_static.StaticMiddleware(lambda request: None)

    def test_are_found_by_name_with_a_hash(self, settings, tmp_path, rf):
        answers = self.middleware(settings, tmp_path)
        shared_static.add(self.style(tmp_path), tmp_path / "shared/css/site.0123456789ab.css")
        (tmp_path / "secret.0123456789ab.css").write_text("")

        found = answers(rf.get("/static/css/site.0123456789ab.css"))

        with found.file_to_stream as file:
            assert file.read() == b"p {}"
        for path in (
            "/static/css/site.css",
            "/static/css/none.0123456789ab.css",
            "/static/../secret.0123456789ab.css",
        ):
            assert answers(rf.get(path)) is None

    def test_are_copied_once_and_go_when_no_version_has_had_them_for_long(self, tmp_path):
        target = tmp_path / "shared/css/site.0123456789ab.css"

        assert shared_static.add(self.style(tmp_path), target)
        assert not shared_static.add(self.style(tmp_path), target)
        assert not shared_static.add(tmp_path / "none.css", tmp_path / "shared/none.css")
        os.utime(target, (0, 0))
        shared_static.remove_old(tmp_path / "shared")
        assert not target.exists()

    def style(self, tmp_path: Path) -> Path:
        file = tmp_path / "site.css"
        file.write_text("p {}")
        return file


# --- With processes --------------------------------------------------------------------------------------------------------------------


def next_version(folder: Path) -> Path:
    """A copy of the software in which every page says something new: the next version, as far as the press is concerned."""
    for name in settings.CODE:
        shutil.copytree(ROOT / name, folder / name, copy_function=os.link)
    for name in ("manage.py", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    layout = folder / "site" / "templates" / "layouts" / "base.html"
    text = layout.read_text()
    layout.unlink()  # it is a link to ours
    layout.write_text(text.replace("</body>", "<!-- the next version --></body>"))
    return folder


class Visitors:
    """Ask for printed addresses, over and over, until the block ends; `failed` is what did not work."""

    def __init__(self, site, paths: list[str]) -> None:
        self.site, self.paths = site, paths
        self.asked, self.failed = 0, []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.visit)

    def visit(self) -> None:
        while not self.stop.is_set():
            for path in self.paths:
                answer = self.site.get(path)
                self.asked += 1
                if answer.status != 200 or not answer.body:
                    self.failed.append((path, answer.status))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.stop.set()
        self.thread.join()


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
class TestUnderLoad:
    """The version before is this one, the next is a copy of it with another template: no release precedes this one.

    It proves what any pair of versions needs, whatever differs: doors that answer, a worker that hands over, and every page new in the end.
    """

    def test_no_request_fails_and_every_page_is_new(self, working_site, home, tmp_path):
        for number in range(4):
            StandardPageFactory(parent=home, slug=f"page-{number}")
        working_site.wait_until_idle()
        PrintingVersion.objects.create(digest=version.running())
        pages = ["/en/", *(f"/en/page-{number}/" for number in range(4))]
        new = next_version(tmp_path / "next")
        environment = {**os.environ, **working_site.environment, "PYTHONPATH": f"{new}:{new / 'site'}"}

        with Visitors(working_site, pages) as visitors:
            # The old worker begins to print the whole site, just before.
            services.make_all_due()
            tasks.print_changes.enqueue()
            done = subprocess.run(
                [sys.executable, "manage.py", "upgrade", "--verbosity=0"],
                cwd=new, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            # What somebody changes before the old worker is restarted waits for the new one.
            home.refresh_from_db()
            home.save_revision().publish()
            working_site.wait_until_written("Another version of the software prints now")

        assert done.returncode == 0, done.stdout + done.stderr
        assert visitors.failed == []
        assert visitors.asked > len(pages)
        assert [path for path in pages if "the next version" not in working_site.get(path).text] == []
