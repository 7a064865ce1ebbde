"""A Redis, or a Valkey, that tests start, stop, hang and empty."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis

from tests.support.server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")


class RedisServer:
    """One process, which keeps nothing on the disk. `options` are those of its configuration file."""

    def __init__(self, *, scheme: str = "redis", password: str = "", options: dict[str, str] | None = None):
        if PROGRAM is None:
            pytest.skip("redis-server is not installed")
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.url = f"{scheme}://{f':{password}@' if password else ''}localhost:{self.port}/0"
        given = {"bind": "127.0.0.1", "port": str(self.port), "save": "", "dir": str(self.folder)}
        given |= {"requirepass": password} if password else {}
        self.command = [PROGRAM]
        for name, value in {**given, **(options or {})}.items():
            self.command += [f"--{name}", value]
        self.start()

    def start(self) -> None:
        log = self.folder / "log"
        with log.open("wb") as file:
            self.process = subprocess.Popen(self.command, stdout=file, stderr=file)
        until = time.monotonic() + 30
        while b"Ready to accept connections" not in log.read_bytes():
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.02)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it at once, with all that it knew."""
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture
def redis_server(_redis_server: RedisServer) -> Iterator[RedisServer]:
    """A Redis that is running and empty. A test that stops or hangs it need not mend it."""
    _redis_server.go_on()
    if _redis_server.process.poll() is not None:
        _redis_server.start()
    _redis_server.client().flushall()
    yield _redis_server
    _redis_server.go_on()
