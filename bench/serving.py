"""Measure how fast a prerendered page is served, compared with a minimal Django view on the same server and machine.

    python bench/serving.py [--seconds 5] [--rounds 3]

Starts granian as in production (WSGI, 2 workers with one thread) with the site, with WhiteNoise over the same
prerendered files, and with a project of one view and no middleware, and sends requests to each in turn over 16
keep-alive connections from this machine.
Uses `wrk` if installed, otherwise our own client, which costs about as much as the server: its figures are too low, and
its ratio too close to 1.
Also counts the queries for rendering a page, with 3 and with 300 pages below it.
Absolute figures vary between machines; quote the ratio.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.table import Row, machine, table  # noqa: E402

CONNECTIONS = 16
HELLO = """
import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], MIDDLEWARE=[], ROOT_URLCONF=__name__, SECRET_KEY="x")
django.setup()
urlpatterns = [path("hello/", lambda request: HttpResponse("hello"))]
application = WSGIHandler()
"""
WHITENOISE = """
import os
from whitenoise import WhiteNoise

application = WhiteNoise(None, root=os.environ["RENDERED"], index_file=True, max_age=0)
"""
CONTENT = """
import sys
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page, Site
from core.models import LanguageState
from home.models import HomePage, StandardPage
from core import memo
from prerender import addresses, batches, services
from prerender.models import PendingChange
from prerender.rendering.renderer import PageRenderer

text = "<p>" + "Words that an author wrote with care, and that a visitor reads. " * 12 + "</p>"

def add(parent, slug):
    page = StandardPage(title=slug, slug=slug, locale=parent.locale, introduction="Words.",
                        body=[{"type": "text", "value": text}] * 8)
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page

def rendered(path):
    with memo.batch():
        batches.prefetch(addresses.existing([addresses.locate(path)], loaded=True).values())
        with CaptureQueriesContext(connection) as captured:
            body = PageRenderer().render(path)
    return len(captured), len(body)

with transaction.atomic():
    locale = Locale.objects.get(language_code="en")
    LanguageState.objects.update_or_create(locale=locale, defaults={"state": "public"})
    Page.objects.filter(depth__gt=1).delete()
    home = HomePage(title="Home", slug="home", locale=locale)
    Page.objects.get(depth=1).add_child(instance=home)
    site = {"hostname": "localhost", "port": PORT, "root_page": home}
    Site.objects.update_or_create(is_default_site=True, defaults=site)
    about = add(home, "about")
    for number in range(3):
        add(about, f"page-{number}")
    rendered("/en/about/")
    few, size = rendered("/en/about/")
    for number in range(3, 300):
        add(about, f"page-{number}")
    many, _ = rendered("/en/about/")
    PendingChange.objects.all().delete()
print(f"RESULT {few} {many} {size}")
services.render_paths(["/en/about/"])
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def granian(application: str, port: int, environment: dict[str, str], folder: Path):
    command = [
        str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port", str(port), "--workers", "2",
        "--blocking-threads", "1", "--log-level", "warning", application,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        time.sleep(1)
        yield
    finally:
        process.terminate()
        process.wait(20)


def ask(port: int, path: str, seconds: float, *, encoding: str = "br") -> float:
    """Return requests per second, all answered with 200."""
    check(port, path, encoding)
    if wrk := shutil.which("wrk"):
        url = f"http://127.0.0.1:{port}{path}"
        done = subprocess.run(
            [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s",
             "-H", "Host: localhost", "-H", f"Accept-Encoding: {encoding}", url],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
        if not found or "Non-2xx" in done.stdout:
            raise SystemExit(done.stdout)
        return float(found[1])
    return ask_from_here(port, path, seconds, encoding)


def check(port: int, path: str, encoding: str) -> None:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    asked.request("GET", path, headers={"Host": "localhost", "Accept-Encoding": encoding})
    answer = asked.getresponse()
    if answer.status != 200:
        raise SystemExit(f"{path} is {answer.status}: {answer.read()[:300]!r}")
    asked.close()


def ask_from_here(port: int, path: str, seconds: float, encoding: str) -> float:
    """Send requests and count the bytes received, with as little Python as possible in between."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {encoding}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port)) as probe:
        probe.sendall(request)
        time.sleep(0.5)
        length = len(probe.recv(1 << 20))
    stop = time.monotonic() + seconds
    counts = [0] * CONNECTIONS

    def run(index: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.monotonic() < stop:
                connection.sendall(request)
                left = length
                while left > 0:
                    left -= len(connection.recv(1 << 16))
                counts[index] += 1

    threads = [threading.Thread(target=run, args=(index,)) for index in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        port, hello_port, noise_port = free_port(), free_port(), free_port()
        environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev", "WAYMARK_DEMO": "1",
            "WAYMARK_VAR": str(folder / "var"), "PORT": str(port),
        }  # fmt: skip
        (folder / "hello.py").write_text(HELLO)

        def manage(*command: str) -> str:
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise SystemExit(done.stdout + done.stderr)
            return done.stdout

        print("Setting up …", flush=True)
        manage("migrate", "--verbosity", "0")
        manage("createcachetable")
        manage("collectstatic", "--noinput", "--verbosity", "0")
        said = manage("shell", "--no-imports", "-c", CONTENT.replace("PORT", str(port)))
        few, many, size = re.search(r"RESULT (\d+) (\d+) (\d+)", said).groups()  # type: ignore[union-attr]
        (folder / "noise.py").write_text(WHITENOISE)
        own = {**os.environ, "PYTHONPATH": str(folder), "RENDERED": str(folder / "var" / "prerender")}
        with (
            granian("config.wsgi:application", port, environment, ROOT),
            granian("hello:application", hello_port, own, folder),
            granian("noise:application", noise_port, own, folder),
        ):
            servers = {
                "prerendered": (port, "/en/about/"),
                "hello": (hello_port, "/hello/"),
                "noise": (noise_port, "/en/about/"),
            }
            found = rounds(servers, chosen.rounds, chosen.seconds)
    middle = {name: statistics.median(figures) for name, figures in found.items()}
    rows = [
        Row(
            "a prerendered page, compared with a Django view that says hello",
            middle["hello"],
            middle["prerendered"],
            "req/s",
            "2.50 x",
        ),
        Row(
            "the same, compared with WhiteNoise over the same files",
            middle["noise"],
            middle["prerendered"],
            "req/s",
        ),
        Row(
            "queries to render it, with 300 pages below it instead of 3",
            int(few),
            int(many),
            "",
            "at most 8, 1.00 x",
        ),
    ]
    client = "wrk" if shutil.which("wrk") else "this program (slow: install wrk)"
    print(
        f"\nthe page: {int(size):,} bytes of HTML, sent in Brotli; "
        f"medians of {chosen.rounds} rounds; asked by {client}\n"
    )
    print(table(rows, first="against", second="ours"))
    print(f"\n{machine()}")


def rounds(servers: dict[str, tuple[int, str]], count: int, seconds: float) -> dict[str, list[float]]:
    """Return requests per second of each server, measured in turns so that other load affects all of them alike."""
    found: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(count):
        for name, (port, path) in servers.items():
            found[name].append(ask(port, path, seconds))
        said = ", ".join(f"{name} {figures[-1]:,.0f}/s" for name, figures in found.items())
        print(f"  round {number + 1}: {said}", flush=True)
    return found


if __name__ == "__main__":
    main()
