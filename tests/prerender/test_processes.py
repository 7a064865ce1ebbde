"""Several processes render the same as one; if any of them dies, nothing is lost and no process is left behind."""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.server import SiteServer
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.process, pytest.mark.django_db, pytest.mark.xdist_group("faults")]

# A full render with two helper processes, in batches small enough to give each of them work; `{meanwhile}` runs
# once they are ready.
RENDER = """
import os, signal, time
from django.conf import settings
from core.background import stopping
from prerender import services
from prerender.rendering import pool
from prerender.models import PendingPath

settings.PRERENDER_PROCESSES, services.WORTH_OTHERS, services.BATCH = 2, 1, 4
start_workers = pool.Pool.start_workers

def ask_and_wait(self):
    begun = self.started is not None
    start_workers(self)
    if not begun:
        self.started.result()
        pids = list(self.executor._processes)
        print("OTHERS", *pids, flush=True)
        {meanwhile}

pool.Pool.start_workers = ask_and_wait
try:
    with stopping.on_signals():
        outcome = services.render_all()
except stopping.ShutdownRequestedError:
    print("STOPPED", PendingPath.objects.exists(), flush=True)
else:
    print("RENDERED", outcome.total, len(outcome.refused), flush=True)
"""


def command(meanwhile: str) -> list[str]:
    return ["shell", "--no-imports", "-c", RENDER.replace("{meanwhile}", meanwhile)]


def prerendered(server: SiteServer) -> dict[str, bytes]:
    root = server.folder / "prerender"
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".prerender" not in path.parts
    }


def is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def run(site: SiteServer, deed: str) -> subprocess.CompletedProcess[str]:
    """Render the whole site in a separate process, which acts once helpers render for it."""
    return site.manage(*command(deed))


class TestSeveralProcesses:
    def test_render_what_one_renders(self, fault_site: SiteServer):
        before = prerendered(fault_site)
        assert len(before) > 30
        for path in before:
            (fault_site.folder / "prerender" / path).unlink()

        done = run(fault_site, "pass")

        assert "OTHERS" in done.stdout
        assert prerendered(fault_site) == before

    def test_lose_nothing_when_one_is_killed(self, fault_site: SiteServer):
        before = prerendered(fault_site)
        for path in before:
            (fault_site.folder / "prerender" / path).unlink()

        done = run(fault_site, "os.kill(pids[0], signal.SIGKILL)")

        assert "A rendering process has died" in done.stderr
        assert prerendered(fault_site) == before

    def test_stop_with_the_renderer_and_leave_the_rest_due(self, fault_site: SiteServer):
        done = run(fault_site, "signal.raise_signal(signal.SIGTERM)")

        assert "STOPPED True" in done.stdout
        assert not any(is_alive(int(pid)) for pid in done.stdout.partition("OTHERS")[2].splitlines()[0].split())
        fault_site.manage("prerender")
        assert "The prerendered files match the site." in fault_site.manage("prerender", "--check").stdout

    def test_end_when_the_renderer_is_killed(self, fault_site: SiteServer, tmp_path: Path):
        said = tmp_path / "said"
        said.touch()
        assert fault_site.forks
        renderer = fault_site.forks.start(*command("time.sleep(600)"), stdout=said, stderr=Path(os.devnull))
        wait_until(lambda: said.read_text().endswith("\n"))
        others = [int(pid) for pid in said.read_text().split()[1:]]
        assert len(others) >= 1
        assert all(is_alive(pid) for pid in others)

        renderer.kill()
        renderer.wait(10)

        wait_until(lambda: not any(is_alive(pid) for pid in others), seconds=30)
        fault_site.manage("prerender")
        assert "The prerendered files match the site." in fault_site.manage("prerender", "--check").stdout
