"""The demonstration as `make demo` starts it, with its own database, site, worker and scheduler, in its own folder.

- Loading and rendering it takes minutes, so the result is kept in `var/test-demonstration` until the code changes.
  A run starts a copy of it, and removes the copy afterwards.
- It is started once for all workers of a run, by the first that needs it, and stopped by the last that leaves.
- `demonstration` is for tests that only read it: several workers use it at the same time.
  `demonstration_alone` is for a test that breaks it: no other test uses it meanwhile.
  A test that breaks something repairs it.
- Mark files that use either with `pytest.mark.demonstration`: then it is prepared while other tests run
  (tests/support/workers.py).
- `WAYMARK_DEMONSTRATION=8000` uses the one that already runs on this port, with its data in `var`: quicker while
  writing a journey.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from config.settings.base import ROOT, VAR
from tests.support.locks import is_free, locked, share
from tests.support.server import SiteServer, free_port

STARTS_WITHIN = 120  # seconds
STOPS_WITHIN = 90  # seconds; its worker finishes, and the database writes its buffers to disk
OF_ONE_TEMPLATE = re.compile(r"[^/]+/help/(listing|handouts)/(?=[0-9a-f]{8}-)|hsds/[^/]+/taxonomy_terms/")
FEW = 8
FOLDER = VAR / "test-demonstration"
KEPT = 2  # prepared ones, the current one among them


class Demonstration(SiteServer):
    """The running demonstration.

    `var` is its folder, `addresses()` every prerendered address.
    """

    @property
    def var(self) -> Path:
        return self.folder / "var"

    def start(self) -> None:
        # Not a child of this process, which may leave before the last that uses it.
        launched = subprocess.run(
            ["sh", "-c", '"$@" >> "$0" 2>&1 & echo $!', self.folder / "site.log", sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=self.environment,
            start_new_session=True,
            stdout=subprocess.PIPE,
            check=True,
        )  # fmt: skip
        started = psutil.Process(int(launched.stdout))
        (self.folder / "process").write_text(f"{started.pid} {started.create_time()}")
        until = time.monotonic() + STARTS_WITHIN
        while "The demonstration is running" not in self.output():
            if time.monotonic() > until or self.process() is None:
                raise RuntimeError(f"The demonstration did not start:\n{self.output()}")
            time.sleep(0.2)

    def stop(self, name: str | None = None, *, how: signal.Signals = signal.SIGINT) -> None:
        if (process := self.process()) is not None:
            process.send_signal(how)
            until = time.monotonic() + STOPS_WITHIN
            while self.process() is not None:
                if time.monotonic() > until:
                    raise RuntimeError(f"The demonstration did not stop:\n{self.output()}")
                time.sleep(0.1)

    def process(self) -> psutil.Process | None:
        """Return the process that supervises the others, whichever worker has started it; None if it has ended."""
        try:
            number, created = (self.folder / "process").read_text().split()
            process = psutil.Process(int(number))
            if process.create_time() == float(created) and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except (OSError, ValueError, psutil.NoSuchProcess):
            pass
        return None

    def addresses(self) -> list[str]:
        """Return the path of every prerendered page and file, as a visitor requests it.

        Of the pages and handouts of single listings, and of the codes that the API explains, only a few are included.
        There are more than a thousand of those, from one template, and the finder and the country pages say the same.
        """
        # Read each time: another test may have published a page since, and unpublished it again.
        prerender = str(self.var / "prerender")
        paths: list[str] = []
        alike: Counter[str] = Counter()
        files = [
            f"{folder}/{name}".removeprefix(f"{prerender}/")
            for folder, _folders, names in os.walk(prerender)
            for name in names
            if not name.endswith((".br", ".gz"))
        ]
        for file in sorted(files, key=lambda file: file.split("/")):
            # "404.html" is what a static host shows for an unknown address.
            if file == "404.html" or file.startswith((".", "errors/")) or "/." in file:
                continue
            if single := OF_ONE_TEMPLATE.match(file):
                alike[single[0]] += 1
                if alike[single[0]] > FEW:
                    continue
            # An address of the API has neither an extension nor a slash at its end.
            paths.append("/" + re.sub(r"(^|/)index\.html$|/index\.json$", r"\1", file))
        return paths

    def pages(self) -> list[str]:
        return [path for path in self.addresses() if path.endswith("/")]

    def database_process(self) -> int:
        return int((self.var / "postgres" / "postmaster.pid").read_text().splitlines()[0])

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """Kill the database, and keep the process that would restart it from noticing until the block ends."""
        watcher = self.process()
        assert watcher
        watcher.suspend()
        try:
            os.kill(self.database_process(), signal.SIGKILL)
            yield
        finally:
            watcher.resume()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Use it together with other tests, unless one is about to break it."""
        with locked(self.folder / "gate.lock", shared=True):
            room = share(self.folder / "room.lock")
        with room:
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        with locked(self.folder / "gate.lock"), locked(self.folder / "room.lock"):
            yield


def prepare() -> Path:
    """Return the folder of a demonstration that is loaded, prerendered and stopped.

    The first process to ask makes it; the others wait.
    """
    from demo.management.commands.demo import fingerprint

    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = FOLDER / f"prepared-{hashlib.sha256(fingerprint().encode()).hexdigest()[:16]}"
    with locked(FOLDER / "prepare.lock"):
        if not folder.exists():
            for unfinished in FOLDER.glob("making-*"):
                shutil.rmtree(unfinished, ignore_errors=True)
            making = Path(tempfile.mkdtemp(prefix="making-", dir=FOLDER))
            making.chmod(0o755)  # run by root, the database runs as another user, who needs access
            ports = free_port(), free_port()  # its pages name their own addresses
            (making / "ports").write_text("{} {}".format(*ports))
            done = subprocess.run(
                [sys.executable, "manage.py", "demo", "--prepare"],
                cwd=ROOT,
                env=_environment(making, *ports),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"The demonstration could not be prepared:\n{done.stdout}")
            making.rename(folder)
            for old in sorted(FOLDER.glob("prepared-*"), key=lambda path: path.stat().st_ctime)[:-KEPT]:
                shutil.rmtree(old, ignore_errors=True)
    return folder


@contextmanager
def running(run: str) -> Iterator[Demonstration]:
    """Yield the demonstration of this run, started by the first worker to need it and removed by the last to leave."""
    prepared = prepare()
    folder = FOLDER / f"running-{run}"
    port, private_port = map(int, (prepared / "ports").read_text().split())
    demonstration = Demonstration(
        port=port,
        private_port=private_port,
        folder=folder,
        environment=_environment(folder, port, private_port),
    )
    starting = FOLDER / "start.lock"
    with locked(starting):
        for left in FOLDER.glob("running-*"):
            _remove_unless_used(left)
        if not folder.exists():
            # cp keeps the owner of the database's files, who is not always the one who runs the tests.
            subprocess.run(["cp", "-a", prepared, folder], check=True)
        users = share(folder / "users.lock")
        try:
            if demonstration.process() is None:
                demonstration.start()
        except RuntimeError:
            users.close()
            raise
    try:
        yield demonstration
    finally:
        with locked(starting):
            users.close()
            _remove_unless_used(folder)


def _remove_unless_used(folder: Path) -> None:
    if not is_free(folder / "users.lock"):
        return
    with suppress(RuntimeError):
        Demonstration(port=0, folder=folder, environment={}).stop()
    shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, port: int, private_port: int) -> dict[str, str]:
    given = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    own = {
        "WAYMARK_VAR": str(folder / "var"),
        "WAYMARK_DEMO": "1",
        "PORT": str(port),
        "PRIVATE_PORT": str(private_port),
        "PYTHONUNBUFFERED": "1",
    }
    return {**given, **own}


@pytest.fixture(scope="session")
def _demonstration(request: pytest.FixtureRequest) -> Iterator[Demonstration]:
    if port := os.environ.get("WAYMARK_DEMONSTRATION"):
        ports = int(port), int(port) + 1
        yield Demonstration(port=ports[0], private_port=ports[1], folder=ROOT, environment=_environment(ROOT, *ports))
        return
    worker = getattr(request.config, "workerinput", {})
    with running(worker.get("testrunuid", str(os.getpid()))) as demonstration:
        yield demonstration


@pytest.fixture
def demonstration(_demonstration: Demonstration) -> Iterator[Demonstration]:
    """The running demonstration, only to be read."""
    with _demonstration.shared():
        yield _demonstration


@pytest.fixture
def demonstration_alone(_demonstration: Demonstration) -> Iterator[Demonstration]:
    """The running demonstration, to be broken and repaired."""
    with _demonstration.alone():
        yield _demonstration
