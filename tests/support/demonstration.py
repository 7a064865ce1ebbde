"""The demonstration as `make demo` starts it: a database, a site, a worker and a clock of its own, in a folder of its own."""

from __future__ import annotations

import os
import re
import secrets
import signal
import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from config.settings.base import ROOT
from tests.support.server import SiteServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTS_WITHIN = 600  # seconds; the first start loads and prints everything
SINGLE_LISTING = re.compile(r"[^/]+/help/(listing|sheets)/(?=[0-9a-f]{8}-)")
FEW = 8


class Demonstration(SiteServer):
    """The running demonstration. `var` is its folder, `addresses()` every printed address."""

    @property
    def var(self) -> Path:
        return self.folder / "var"

    def start(self) -> None:
        self._run("site", [sys.executable, "manage.py", "demo"])
        until = time.monotonic() + STARTS_WITHIN
        while "The demonstration is running" not in self.output():
            if time.monotonic() > until or self.processes["site"].poll() is not None:
                raise RuntimeError(f"The demonstration did not start:\n{self.output()}")
            time.sleep(0.2)

    def stop(self, name: str | None = None, *, how: signal.Signals = signal.SIGINT) -> None:
        for process in self.processes.values():
            process.send_signal(how)
            process.wait(90)  # it lets its worker finish, and the database write down what it holds
        self.processes.clear()

    def addresses(self) -> list[str]:
        """The path of every printed page and file, as a visitor asks for it; of the pages and sheets of single listings a few.

        There are more than a thousand of those, of one template, and what they say stands on the finder and on the pages of countries.
        """
        press = self.var / "press"
        paths: list[str] = []
        alike: Counter[str] = Counter()
        for file in sorted(press.rglob("*")):
            relative = file.relative_to(press).as_posix()
            if (
                file.is_dir()
                or relative == "404.html"  # what a static host shows where nothing is
                or file.suffix in {".br", ".gz"}
                or relative.startswith((".", "errors/"))
                or "/." in relative
            ):
                continue
            if single := SINGLE_LISTING.match(relative):
                alike[single[0]] += 1
                if alike[single[0]] > FEW:
                    continue
            # An answer for programs has an address without an extension, and no slash behind it.
            paths.append("/" + re.sub(r"(^|/)index\.html$|/index\.json$", r"\1", relative))
        return paths

    def pages(self) -> list[str]:
        return [path for path in self.addresses() if path.endswith("/")]

    def database_process(self) -> int:
        return int((self.var / "postgres" / "postmaster.pid").read_text().splitlines()[0])

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """Kill the database, and keep whoever would start it again from noticing until the block ends."""
        watcher = self.processes["site"]
        watcher.send_signal(signal.SIGSTOP)
        try:
            os.kill(self.database_process(), signal.SIGKILL)
            yield
        finally:
            watcher.send_signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """The demonstration, started once for all tests that only read it.

    `WAYMARK_DEMONSTRATION=8000` takes the one that runs at this port, with its data in `var`: quicker while a journey is written.
    """
    if running := os.environ.get("WAYMARK_DEMONSTRATION"):
        environment = {**os.environ, "WAYMARK_DEMO": "1", "PORT": running}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        yield Demonstration(port=int(running), folder=ROOT, environment=environment)
        return
    folder = tmp_path_factory.mktemp("demonstration")
    folder.chmod(0o755)
    for parent in folder.parents[:3]:
        parent.chmod(
            parent.stat().st_mode | 0o011
        )  # as root, the database runs as another user, who must get here
    port = 31_000 + secrets.randbelow(1_000)
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        },
        "WAYMARK_VAR": str(folder / "var"),
        "WAYMARK_DEMO": "1",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    demo = Demonstration(port=port, folder=folder, environment=environment)
    demo.start()
    yield demo
    demo.stop()
