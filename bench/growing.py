"""Measure the load that one machine carries, how its costs grow, and what 100 million pages a day would take.

    make demo
    python bench/growing.py [--port 8000] [--private-port 8001] [--var var] [--requests 200] [--seconds 5]

Requests each kind of response from both sites of the running demonstration, and counts the processor time that all
processes of the site and the database spend on one: a core carries the inverse of it, however busy the machine is
meanwhile.
Where `nginx` and `wrk` are installed, an nginx without any configuration for Waymark serves the same prerendered files.
Sizes are those of the demonstration's files and tables.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.serving import ask as ask_with_wrk  # noqa: E402
from bench.serving import free_port  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

RENDERED = "/en/help/"  # a page that weighs more than others
# Requests of a reader, a partner, an editor and a member: description, site, and path.
ASKED = (
    ("a prerendered page, by the application", "public", RENDERED),
    ("a search of the site", "public", "/en/search/?q=help"),
    ("the directory, a country", "public", "/en/network/?country=fr"),
    ("the list of pages in the admin", "private", "/admin/pages/{page}/"),
    ("a page's editor in the admin", "private", "/admin/pages/{page}/edit/"),
    ("the list of programmes in the admin", "private", "/admin/programmes/"),
)
TICK = 0.01  # seconds: processor time is counted in no smaller steps
DAILY = 100_000_000  # pages
PEAK = 4  # the busiest second of a day, in mean seconds: an evening after a campaign was in the news
HELP = 0.1  # of all pages: no cache may keep them, so one of our machines serves each
NGINX = """
daemon off; worker_processes auto; pid {folder}/pid; error_log {folder}/error.log crit; {user}
events {{ worker_connections 4096; }}
http {{
    include {types}; access_log off; sendfile on;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; root {root}; index index.html; gzip_static on; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A running site.

    `database` is the process of PostgreSQL, if its own are to count.
    """

    port: int
    private_port: int
    database: int | None = None
    cookie: str = ""

    def processes(self) -> list[psutil.Process]:
        """All processes that serve requests: those of both sites, and of the database."""
        listening = {
            each.pid
            for each in psutil.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN and each.laddr.port in {self.port, self.private_port} and each.pid
        }
        database = {self.database} if self.database else set()
        found = {pid: psutil.Process(pid) for pid in listening | database}
        for process in [*found.values()]:
            found |= {child.pid: child for child in process.children(recursive=True)}
        return [*found.values()]

    def processor(self) -> float:
        """Seconds that these processes have spent so far, and those of theirs that have ended."""
        spent = 0.0
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent += times.user + times.system
        return spent

    def ask(self, host: str, path: str) -> int:
        port, name = (self.port, "localhost") if host == "public" else (self.private_port, "private.localhost")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Host": f"{name}:{port}", "Accept-Encoding": "br"}
        if host == "private":
            headers["Cookie"] = self.cookie
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()


def cost(site: Running, host: str, path: str, *, requests: int) -> float:
    """Return the milliseconds of processor time for one response.

    Raises SystemExit if it is not a 200.
    """
    for _ in range(4):  # opens connections, and fills caches
        if (status := site.ask(host, path)) != 200:
            raise SystemExit(f"{path} answers {status} on the {host} site.")
    before = site.processor()
    for _ in range(requests):
        site.ask(host, path)
    return 1000 * max(site.processor() - before, TICK) / requests


def answers(site: Running, page: int, *, requests: int) -> dict[str, float]:
    """Return, by kind of response, the milliseconds of processor time that one takes."""
    return {
        what: cost(site, host, path.format(page=page), requests=requests * (10 if "prerendered" in what else 1))
        for what, host, path in ASKED
    }


def nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def plain_nginx(root: Path) -> Iterator[int]:
    """Start an nginx that only serves a folder.

    Yields its port.
    """
    program = str(nginx())
    types = next(
        path for path in ("/etc/nginx/mime.types", "/opt/homebrew/etc/nginx/mime.types") if Path(path).exists()
    )
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as folder:
        port = free_port()
        user = "user root;" if os.geteuid() == 0 else ""
        conf = Path(folder, "nginx.conf")
        conf.write_text(NGINX.format(folder=folder, port=port, root=root.resolve(), types=types, user=user))
        process = subprocess.Popen([program, "-p", folder, "-c", str(conf)])
        try:
            time.sleep(1)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def served(site: Running, prerendered: Path, *, seconds: float) -> Row | None:
    """Compare the application's rate of serving prerendered pages with a plain nginx's; None without nginx and wrk."""
    if not shutil.which("wrk") or not nginx():
        return None
    # A plain nginx has no Brotli: both send the same bytes.
    ours = ask_with_wrk(site.port, RENDERED, seconds, encoding="gzip")
    with plain_nginx(prerendered) as port:
        return Row(
            "a prerendered page: the application, and a plain nginx",
            ours,
            ask_with_wrk(port, RENDERED, seconds, encoding="gzip"),
            "req/s",
        )


# --- How costs grow -------------------------------------------------------------------------------


def sizes() -> dict[str, float]:
    """Return the sizes of the demonstration's tables and prerendered files: counts, and bytes."""
    from django.db import connection
    from django.db.models import Avg, Count, Sum
    from wagtail.models import Page

    from network.models import Member
    from prerender.models import Kind, PrerenderedPath

    def bytes_of(*beginnings: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COALESCE(sum(pg_total_relation_size(oid)), 0) "
                "FROM pg_class WHERE relkind = 'r' AND relname ~ %s",
                [f"^({'|'.join(beginnings)})"],
            )
            return int(cursor.fetchone()[0])

    prerendered = PrerenderedPath.objects.filter(size__isnull=False)
    one = prerendered.filter(path__startswith="/en/").aggregate(count=Count("pk"), bytes=Sum("size"))
    every = prerendered.aggregate(count=Count("pk"), bytes=Sum("size"))
    # Pictures and archives are sent as they are: they have no compressed variant.
    pages = prerendered.filter(kind=Kind.PAGE, compressed__isnull=False).aggregate(
        bytes=Avg("size"), compressed=Avg("compressed")
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        database = int(cursor.fetchone()[0])
    return {
        "addresses in one language": one["count"],
        "addresses": every["count"],
        "bytes in one language": one["bytes"],
        "bytes": every["bytes"],
        "bytes of a page": pages["bytes"] or 0,
        "bytes of a page with Brotli": pages["compressed"] or 0,
        "pages": Page.objects.filter(depth__gt=1).count(),
        "members": Member.objects.count(),
        "database": database,
        "database, pages": bytes_of(
            "wagtailcore_", "wagtail_localize_", "wagtailsearch_", "home_", "modelsearch_", "translating_"
        ),
        "database, members": bytes_of("network_member", "network_work", "network_listingchange"),
    }


def growth(found: dict[str, float]) -> list[Row]:
    return [
        Row("prerendered addresses: one language, all four",
            found["addresses in one language"], found["addresses"], ""),
        Row("their files without variants: one language, all four",
            found["bytes in one language"] / 1e6, found["bytes"] / 1e6, "MB"),
        Row("one page: Brotli, plain",
            found["bytes of a page with Brotli"] / 1e3, found["bytes of a page"] / 1e3, "kB"),
        Row("database: a page in a language, a member",
            found["database, pages"] / found["pages"] / 1e3, found["database, members"] / found["members"] / 1e3, "kB"),
    ]  # fmt: skip


# --- A hundred million pages a day ----------------------------------------------------------------


def reckoning(milliseconds: dict[str, float], fast: Row | None, found: dict[str, float]) -> list[Row]:
    """Compare the capacity of two cores with the busiest second of a day with 100 million pages."""
    peak = DAILY / 86_400 * PEAK
    # Readers keep their connection; one that is opened for each page costs more than the page.
    application = fast.first if fast else 2 * 1000 / milliseconds["a prerendered page, by the application"]
    weight = found["bytes of a page with Brotli"]
    rows = [
        Row("all of it, by the application: carried, asked", application, peak, "req/s"),
        Row(f"behind a CDN, the {HELP:.0%} that it may not keep: carried, asked", application, peak * HELP, "req/s"),
        Row("to the readers: a day's mean, the busiest second",
            weight * 8 * peak / PEAK / 1e6, weight * 8 * peak / 1e6, "Mbit/s"),
    ]  # fmt: skip
    if fast:
        rows.insert(1, Row("all of it, by a plain nginx: carried, asked", fast.second, peak, "req/s"))
    return rows


def sign_in() -> tuple[str, int]:
    """Make a session of the demonstration's administrator.

    Returns its cookie, and the primary key of a page to edit.
    """
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from wagtail.models import Site

    user = get_user_model().objects.filter(is_superuser=True).first() or get_user_model().objects.get(
        email="admin@example.org"
    )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {
            SESSION_KEY: str(user.pk),
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        }
    )
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}", Site.objects.get(is_default_site=True).root_page_id


def measure(site: Running, page: int, prerendered: Path, *, requests: int, seconds: float) -> list[str]:
    """Return the tables."""
    milliseconds = answers(site, page, requests=requests)
    fast = served(site, prerendered, seconds=seconds)
    found = sizes()
    least = milliseconds["a prerendered page, by the application"]
    costs = [Row(f"processor: a prerendered page, {what}", least, spent, "ms") for what, spent in milliseconds.items()]
    return [
        table(costs, first="a prerendered page", second="this"),
        *([table([fast], first="application", second="nginx")] if fast else []),
        table(growth(found), first="first", second="second"),
        table(reckoning(milliseconds, fast, found), first="carried", second="asked"),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=8000)
    options.add_argument("--private-port", type=int, default=8001)
    options.add_argument("--var", type=Path, default=ROOT / "var")
    options.add_argument("--requests", type=int, default=200)
    options.add_argument("--seconds", type=float, default=5)
    chosen = options.parse_args()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev", "WAYMARK_DEMO": "1", "WAYMARK_VAR": str(chosen.var.resolve()),
        "PORT": str(chosen.port), "PRIVATE_PORT": str(chosen.private_port),
    }  # fmt: skip
    sys.path.insert(0, str(ROOT / "site"))
    import django

    django.setup()
    cookie, page = sign_in()
    postmaster = int((chosen.var / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
    site = Running(port=chosen.port, private_port=chosen.private_port, database=postmaster, cookie=cookie)
    print("\n\n".join(measure(site, page, chosen.var / "prerender", requests=chosen.requests, seconds=chosen.seconds)))
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
