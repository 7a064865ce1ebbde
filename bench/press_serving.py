"""How fast a printed page is answered, against a Django view that says hello, under the same server on the same machine.

    python bench/press_serving.py [--seconds 5] [--rounds 3]

Starts granian as production does (WSGI, 2 workers of one thread) with the site, then with a project of one view and no middleware,
in turns, and asks each over 16 kept-alive connections from this machine. With `wrk` installed it asks, else a client of our own, which
costs about as much as the server: its figures are too low, its ratio too near to 1. Also counts the queries of a page's rendering, for
3 and for 300 pages below it. Absolute figures drift from machine to machine; quote the ratio.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import platform
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
CONTENT = """
import sys
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page, Site
from core.models import LanguageState
from home.models import HomePage, StandardPage
from press import services
from press.models import PendingChange
from press.rendering import Renderer

text = "<p>" + "Words that somebody wrote with care, and that somebody else reads. " * 12 + "</p>"

def add(parent, slug):
    page = StandardPage(title=slug, slug=slug, locale=parent.locale, introduction="Words.", body=[{"type": "text", "value": text}] * 8)
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page

def rendered(path):
    with CaptureQueriesContext(connection) as captured:
        body = Renderer().render(path)
    return len(captured), len(body)

with transaction.atomic():
    locale = Locale.objects.get(language_code="en")
    LanguageState.objects.update_or_create(locale=locale, defaults={"state": "public"})
    Page.objects.filter(depth__gt=1).delete()
    home = HomePage(title="Home", slug="home", locale=locale)
    Page.objects.get(depth=1).add_child(instance=home)
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "port": PORT, "root_page": home})
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
services.print_paths(["/en/about/"])
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


def ask(port: int, path: str, seconds: float) -> float:
    """Requests a second, each answered 200."""
    check(port, path)
    if wrk := shutil.which("wrk"):
        url = f"http://127.0.0.1:{port}{path}"
        done = subprocess.run(
            [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-H", "Host: localhost", "-H", "Accept-Encoding: br", url],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
        if not found or "Non-2xx" in done.stdout:
            raise SystemExit(done.stdout)
        return float(found[1])
    return ask_from_here(port, path, seconds)


def check(port: int, path: str) -> None:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    asked.request("GET", path, headers={"Host": "localhost", "Accept-Encoding": "br"})
    answer = asked.getresponse()
    if answer.status != 200:
        raise SystemExit(f"{path} is {answer.status}: {answer.read()[:300]!r}")
    asked.close()


def ask_from_here(port: int, path: str, seconds: float) -> float:
    """Bytes sent and counted, with as little Python as possible between them."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br\r\n\r\n".encode()
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
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        port, hello_port = free_port(), free_port()
        environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev", "WAYMARK_DEMO": "1", "WAYMARK_VAR": str(folder / "var"),
            "PORT": str(port),
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
        printed, hello = [], []
        with (
            granian("config.wsgi:application", port, environment, ROOT),
            granian("hello:application", hello_port, {**os.environ, "PYTHONPATH": str(folder)}, folder),
        ):
            for number in range(chosen.rounds):
                printed.append(ask(port, "/en/about/", chosen.seconds))
                hello.append(ask(hello_port, "/hello/", chosen.seconds))
                print(
                    f"  round {number + 1}: printed {printed[-1]:,.0f}/s, hello {hello[-1]:,.0f}/s",
                    flush=True,
                )
    ratio = statistics.median(p / h for p, h in zip(printed, hello, strict=True))
    client = "wrk" if shutil.which("wrk") else "this program (slow: install wrk)"
    print(
        f"""
printed page ({int(size):,} bytes of HTML, Brotli) by the application   {statistics.median(printed):>9,.0f} requests/s
Django view that says hello, no middleware                  {statistics.median(hello):>9,.0f} requests/s
ratio                                                       {ratio:>9.2f} x   (goal: 1.50)
queries to render the page with 3 / 300 pages below it      {few:>5} / {many:<5}   (goal: at most 8, and the same)

machine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}; asked by {client}"""
    )


if __name__ == "__main__":
    main()
