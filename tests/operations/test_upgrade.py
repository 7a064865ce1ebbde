"""Upgrading: the previous version answers and renders until the new one takes over, and then renders nothing more."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

from config.settings.base import ROOT
from core import version
from core.assets import storage
from core.background.locks import key
from home.models import StandardPage
from operations import upgrading
from prerender import services, tasks
from prerender.models import PrerenderedPath, RenderVersion
from prerender.services import prerender_lock
from tests.factories.core import StandardPageFactory

# The migration of the version that is next.
# Ours never gets so far.
OF_NEXT = "9999_of_next"


def said(*arguments: str, **options: object) -> str:
    out = StringIO()
    call_command("upgrade", *arguments, stdout=out, stderr=out, verbosity=0, **options)
    return out.getvalue()


@pytest.fixture
def other_version(monkeypatch: pytest.MonkeyPatch) -> str:
    """Another version has taken over."""
    RenderVersion.objects.create(digest="another")
    return "another"


@pytest.mark.django_db
class TestTakingOver:
    @pytest.mark.usefixtures("home", "other_version")
    def test_keeps_an_old_process_from_rendering(self, caplog):
        with pytest.raises(services.SupersededError):
            services.render_all()
        with pytest.raises(CommandError, match="upgrade"):
            call_command("prerender", "--all")
        tasks.render_changes.call()

        assert "restart it" in caplog.text
        assert not PrerenderedPath.objects.exclude(rendered_at=None).exists()

    @pytest.mark.usefixtures("home")
    def test_stops_an_old_renderer_after_the_pages_in_hand(self, monkeypatch):
        monkeypatch.setattr(services, "BATCH", 1)
        total = services.make_all_due()

        def take_over(outcome: object) -> None:
            RenderVersion.objects.update_or_create(digest="another")

        with pytest.raises(services.SupersededError):
            services.render_due(progress=take_over)

        assert 0 < PrerenderedPath.objects.exclude(rendered_at=None).count() < total

    @pytest.mark.usefixtures("home")
    def test_lets_the_old_version_render_if_the_tables_cannot_be_changed(self, other_version):
        def fail() -> None:
            with upgrading.rendering_taken_over(patience=1):
                assert RenderVersion.objects.get().digest == version.running()
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()

        assert RenderVersion.objects.get().digest == other_version

    def test_waits_for_an_old_renderer_and_not_for_ever(self, monkeypatch):
        apart = connection.copy()
        with apart.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key("prerender")])
        try:
            with pytest.raises(upgrading.StillRenderingError):
                upgrading.wait_for_renderer(0)
        finally:
            apart.close()
        upgrading.wait_for_renderer(30)  # the server notices a moment later that the connection has ended
        with prerender_lock() as free:
            assert free


@pytest.mark.django_db
@pytest.mark.usefixtures("home")
class TestCommand:
    def test_renders_the_site_with_this_version(self, other_version):
        told = said()

        assert RenderVersion.objects.get().digest == version.running()
        assert PrerenderedPath.objects.exclude(rendered_at=None).exists()
        assert "Restart the web processes" in told

    def test_reports_its_plan(self, monkeypatch, other_version):
        monkeypatch.setattr(upgrading, "applied_migrations", lambda: ["prerender.0001_initial", "prerender.0099_later"])

        told = said("--plan")

        assert "0 migrations" in told
        assert "prerender.0099_later is not known to this one" in told
        assert RenderVersion.objects.get().digest == other_version

    def test_requires_static_files_first(self, monkeypatch, other_version):
        def missing() -> int:
            raise LookupError("/var/lib/waymark/static")

        monkeypatch.setattr(storage, "share", missing)

        with pytest.raises(CommandError, match="collectstatic"):
            said()
        assert RenderVersion.objects.get().digest == other_version

    def test_makes_a_site_of_an_empty_database(self, monkeypatch):
        monkeypatch.setattr(upgrading, "has_site", lambda: False)

        said("--backup")  # there is nothing yet

        assert RenderVersion.objects.get().digest == version.running()


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
    """A process serves style sheets that were collected after it started."""

    @pytest.fixture
    def middleware(self, settings, monkeypatch, tmp_path):
        settings.WHITENOISE_AUTOREFRESH = False
        settings.STATIC_ROOT = tmp_path / "own"
        monkeypatch.setattr(storage, "SHARED", tmp_path / "shared")
        (tmp_path / "own").mkdir()
        return storage.StaticMiddleware(lambda request: None)

    def test_are_found_by_name_with_a_hash(self, middleware, tmp_path, rf):
        answers = middleware
        storage.add(self.style(tmp_path), tmp_path / "shared/css/site.0123456789ab.css")
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

        assert storage.add(self.style(tmp_path), target)
        assert not storage.add(self.style(tmp_path), target)
        assert not storage.add(tmp_path / "none.css", tmp_path / "shared/none.css")
        os.utime(target, (0, 0))
        storage.remove_old(tmp_path / "shared")
        assert not target.exists()

    def style(self, tmp_path: Path) -> Path:
        file = tmp_path / "site.css"
        file.write_text("p {}")
        return file


# --- Migrations ---

# For a release that removes what the previous one no longer uses.
# `app.migration`, and the day on which the earlier one was released.
# When these were made, nothing had been released.
TAKEN_AWAY: dict[str, str] = {
    "core.0003_remove_exit_url": "",
    "helpline.0002_conditions_and_interpreters": "",
    "helpline.0003_notes_regions_lines": "",
}
TAKES_AWAY = (migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel)


def breaks_the_version_before(operation: Operation) -> bool:
    """Return whether processes of the previous version could not work with the tables afterwards."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return any(breaks_the_version_before(each) for each in operation.database_operations)
    if isinstance(operation, migrations.AddField):
        column = operation.field
        return not (column.null or column.many_to_many or column.db_default is not NOT_PROVIDED)
    return isinstance(operation, TAKES_AWAY)


@pytest.mark.django_db
class TestMigrations:
    """The private site of the previous version works on tables that are already new (docs/operators/upgrading.md)."""

    def test_add_and_take_nothing_away(self):
        ours = {
            app.label
            for app in apps.get_app_configs()
            if Path(app.path).relative_to(ROOT, walk_up=True).parts[0] in version.code_folders()
        }
        found = MigrationLoader(None).disk_migrations

        assert [
            f"{app}.{name}"
            for (app, name), migration in found.items()
            if app in ours
            and not migration.initial
            and any(map(breaks_the_version_before, migration.operations))
            and f"{app}.{name}" not in TAKEN_AWAY
        ] == []

    @pytest.mark.parametrize(
        ("operation", "breaks"),
        [
            (migrations.AddField("page", "more", models.TextField(null=True)), False),
            (migrations.AddField("page", "more", models.TextField(default="")), True),
            (migrations.AddField("page", "more", models.TextField(db_default="")), False),
            (migrations.AddField("page", "more", models.ManyToManyField("home.HomePage")), False),
            (migrations.RemoveField("page", "title"), True),
            (migrations.SeparateDatabaseAndState([migrations.DeleteModel("Page")], []), True),
            (migrations.SeparateDatabaseAndState([], [migrations.DeleteModel("Page")]), False),
            (migrations.AlterField("page", "title", models.TextField()), False),
        ],
    )
    def test_that_would_break_it_are_recognised(self, operation, breaks):
        assert breaks_the_version_before(operation) is breaks


# --- With processes ---


MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("home", "{leaf}")]
    operations = [migrations.AddField("standardpage", "of_next", models.CharField(max_length=20, null=True))]
"""


def next_version(folder: Path) -> Path:
    """Return a copy of the software in which every page has new text, and plain pages one more nullable column."""
    for name in version.code_folders():
        shutil.copytree(ROOT / name, folder / name, copy_function=os.link)
    for name in ("manage.py", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    home = folder / "site" / "home"
    change(
        folder / "site" / "templates" / "layouts" / "base.html",
        "</body>",
        "<!-- the next version, {{ page.of_next|default_if_none:'without a value' }} --></body>",
    )
    introduction = '    introduction = models.TextField(_("introduction")'
    column = "    of_next = models.CharField(max_length=20, null=True, editable=False)\n"
    file = home / "models.py"
    before, plain_page, after = file.read_text().partition("class StandardPage(")
    change(
        file,
        file.read_text(),
        before + plain_page + after.replace(introduction, column + introduction, 1),
    )
    leaf = max(file.stem for file in (home / "migrations").glob("0*.py"))
    (home / "migrations" / f"{OF_NEXT}.py").write_text(MIGRATION.format(leaf=leaf))
    return folder


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.unlink()  # it is a link to ours
    file.write_text(text.replace(old, new))


def columns() -> set[str]:
    with connection.cursor() as cursor:
        return {
            column.name
            for column in connection.introspection.get_table_description(cursor, StandardPage._meta.db_table)
        }


@pytest.fixture
def _tables_afterwards(transactional_db: None) -> Iterator[None]:
    """Restore the tables of this version."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {StandardPage._meta.db_table} DROP COLUMN IF EXISTS of_next")
        cursor.execute("DELETE FROM django_migrations WHERE name = %s", [OF_NEXT])


class Visitors:
    """Request prerendered addresses in a loop until the block ends; `failed` has the failed requests."""

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
@pytest.mark.usefixtures("_tables_afterwards")
class TestUnderLoad:
    """Two versions: this one, and a copy with another template and one more column, as no release precedes this one.

    The test covers the needs of every upgrade: sites that respond, a private site that works on the new tables,
    a worker that hands over, and new content on every page in the end.
    """

    def test_no_request_fails_and_every_page_is_new(self, working_site, home, tmp_path):
        for number in range(4):
            StandardPageFactory(parent=home, slug=f"page-{number}")
        working_site.wait_until_idle()
        RenderVersion.objects.create(digest=version.running())
        pages = ["/en/", *(f"/en/page-{number}/" for number in range(4))]
        new = next_version(tmp_path / "next")
        environment = {**os.environ, **working_site.environment, "PYTHONPATH": f"{new}:{new / 'site'}"}

        with Visitors(working_site, pages) as visitors:
            # The old worker begins to render the whole site, just before.
            services.make_all_due()
            tasks.render_changes.enqueue()
            done = subprocess.run(
                [sys.executable, "manage.py", "upgrade", "--verbosity=0"],
                cwd=new, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            # Rows that a user creates and changes with the previous version, on the new tables, wait for the new one.
            StandardPageFactory(parent=home, slug="made")
            for page in (home, StandardPage.objects.get(slug="page-0")):
                page.refresh_from_db()
                page.save_revision().publish()
            working_site.wait_until_written("Another version of the software renders now")

        assert done.returncode == 0, done.stdout + done.stderr
        assert visitors.failed == []
        assert visitors.asked > len(pages)
        assert [path for path in pages if "the next version" not in working_site.get(path).text] == []
        assert "the next version, without a value" in working_site.get("/en/page-1/").text
        assert "of_next" in columns()
        assert f"home.{OF_NEXT}" in upgrading.unknown_migrations(upgrading.applied_migrations())
        subprocess.run([sys.executable, "manage.py", "prerender"], cwd=new, env=environment, check=True)
        assert "the next version, without a value" in working_site.get("/en/made/").text
