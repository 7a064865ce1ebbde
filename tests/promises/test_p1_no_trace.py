"""P1: our servers keep no record of who asked for what or when.

Requests of every kind, with marks in everything that a visitor sends, go to the web server and to the application
behind it: while the database is up, while it is down, and after it has come back.
Then everything is stopped, and each file that the three have written is searched for the marks byte by byte: logs,
prerendered pages, media, temporary files, mails, the database's own folder with its journal, and a backup.

The same goes for the private site, as far as it is open to people who do not sign in: they report wrong numbers,
answer letters, join the network, open links from mails, ask for a code.
What they write on purpose, to be kept, is in the database, in the tables that docs/operators/proofs.md names, and
nowhere else; how they came is nowhere.
"""

import contextlib
import http.client
import json
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from django.contrib.sessions.backends.db import SessionStore

from tests.promises.mutants import Mutant, Started, of
from tests.support.fault_injection import operators_settings
from tests.support.mail import MailServer, serving
from tests.support.nginx import needs_nginx, nginx_before
from tests.support.postgres import Postgres
from tests.support.server import SiteServer, free_port
from tests.support.stranger import Stranger
from tests.support.visits import KINDS, MARK, MARKED, RAW, REQUESTS, ask, hits, say, visit

pytestmark = [pytest.mark.process, pytest.mark.django_db, pytest.mark.xdist_group("faults"), needs_nginx]

# The defaults of PostgreSQL.
CARELESS = {"log_min_messages": "warning", "log_min_error_statement": "error"}
EVERY_STATEMENT = {"log_min_messages": "log", "log_min_duration_statement": "0"}


def children(site: SiteServer) -> list[int]:
    command = ["ps", "-o", "pid=", "--ppid", str(site.processes["site"].pid)]
    return [int(pid) for pid in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]


@pytest.fixture(scope="module")
def static(fault_site: SiteServer) -> Iterator[Path]:
    """Yield the folder with the static files and an extra help page.

    The page is removed again: other tests compare the files with the site.
    """
    link = fault_site.folder / "static"
    if not link.exists():
        link.symlink_to(fault_site.environment["WAYMARK_STATIC"])
    help_page = fault_site.folder / "prerender/en/help/index.html"
    help_page.parent.mkdir(parents=True, exist_ok=True)
    help_page.write_text("<!doctype html><p>Help</p>")
    yield fault_site.folder
    help_page.unlink(missing_ok=True)


@pytest.fixture
def front(fault_site: SiteServer, static: Path, tmp_path: Path) -> Iterator[SiteServer]:
    """The operator's nginx in front of the site."""
    folder = tmp_path / "nginx"
    with nginx_before(
        fault_site, folder=folder, prerender=fault_site.folder / "prerender", static_and_media=static
    ) as running:
        yield running


def ask_for_health(site: SiteServer) -> int:
    """Request the health port with all the marks.

    Return the status of the response to the path without one.
    """
    connection = http.client.HTTPConnection("127.0.0.1", int(site.environment["WAYMARK_HEALTH_PORT"]), timeout=10)
    for path in (f"/{MARK}-path", f"/healthz?q={MARK}"):
        connection.request("GET", path, headers=MARKED)
        answer = connection.getresponse()
        answer.read()
    return answer.status


class TestNoTrace:
    def test_is_left_by_any_kind_of_request(
        self, fault_site: SiteServer, fault_postgres: Postgres, front: SiteServer, tmp_path: Path
    ):
        """One test for everything, since stopping and starting is what takes the time."""
        fault_site.start_collector()
        seen = [visit(front, waits=3), visit(fault_site, waits=0.5)]
        health = ask_for_health(fault_site)
        fault_postgres.stop()
        away = [visit(front), visit(fault_site)]
        fault_postgres.start()
        workers = children(fault_site)
        for worker in workers:  # not a byte can be written any more, as on a full disk
            resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        seen += [visit(front), visit(fault_site)]
        with contextlib.suppress(OSError):
            say(fault_site, RAW[-1][1], waits=0.1)
        fault_site.stop("site", how=signal.SIGKILL)  # in the middle of that request
        alone = visit(front)
        (tmp_path / "backup.sql").write_bytes(fault_postgres.dump())
        fault_postgres.stop()
        found = hits(fault_site.folder, fault_postgres.folder, tmp_path)
        fault_postgres.start()
        fault_site.start()
        fault_site.stop("collector")

        assert found == []
        assert health in {200, 503}
        assert {200, 301, 302, 304, 400, 404, 405, 413, 414, 500} <= set(seen[0].values())
        assert {200, 301, 302, 304, 400, 404, 405, 500} <= set(seen[1].values())
        assert 503 in set(away[0].values()) & set(away[1].values())
        assert alone["a page"] == 200
        assert alone["a search"] == 503
        assert KINDS > 40

    def test_no_log_is_there_but_those_that_are_known(
        self, fault_site: SiteServer, fault_postgres: Postgres, front: SiteServer
    ):
        ask(front, "GET", "/en/page-1/")
        logs = {
            path.name
            for folder in (fault_site.folder, front.folder)
            for path in folder.iterdir()
            if path.is_file() and path.suffix not in {".conf", ".pem", ".pid"}
        }
        theirs = {path.name for path in (fault_postgres.folder / "data").glob("*log*") if path.is_file()}

        # nginx wrote error.log when it started; the site has a worker and a collector while a test asks for them.
        known = {"site.log", "error.log", "worker.log", "collector.log"}
        assert {"site.log", "error.log"} <= logs <= known
        assert theirs == {"log"}
        assert (front.folder / "error.log").read_text().count("203.") == 0


@pytest.fixture(scope="module")
def leaking(fault_site: SiteServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    """The same site with an application's leaks reintroduced: a log without its filter, error mails, an access log."""
    folder, port = tmp_path_factory.mktemp("leaking"), free_port()
    own = {
        **fault_site.environment,
        "PORT": str(port),
        "WAYMARK_TEST_LEAK": "log mail",
        "WAYMARK_TEST_SCRATCH": str(folder),
        "GRANIAN_LOG_ACCESS_ENABLED": "true",
    }
    running = SiteServer(port=port, folder=folder, environment=own, workers=1)
    running.start()
    yield running
    running.stop()


# Text that people write into the forms of the private site on purpose.
SAID = "spoken5k2"
REFUSED = f"{SAID}-refused@example.org"
# Where that is kept, as docs/operators/proofs.md says: reports and requests to join.
# (An unfinished sign-in is in sessions, which are decoded before the search.)
KEPT_IN = {"helpline_report", "network_member"}
LETTERS = """
import json
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from helpline.governance import reconfirmation
from helpline.governance.models import OperatorContact
from network import tokens
from tests.factories.helpline import SupportLineFactory
from tests.factories.network import MemberFactory
from users import services

def links(number):
    line = SupportLineFactory(approved=True)
    today = timezone.localdate()
    contact = OperatorContact.objects.create(
        listing=line, email="office@service.example", ask_on=today, asked_on=today
    )
    member = MemberFactory(listed=True, email=f"known-member-{number}@example.org")
    user = get_user_model().objects.create_user(email=f"colleague-{number}@example.org")
    services.sync_email_address(user=user)
    return {
        "listing": str(line.uuid), "member": member.email, "staff": user.email,
        "answer": reconfirmation.make_token(contact, contact.asked_on),
        "confirm": tokens.make(MemberFactory(), tokens.CONFIRM),
        "profile": tokens.make(member, tokens.PROFILE),
        "once": services.sign_in_link(user=user).split("/account/once/")[1].strip("/"),
    }

print(json.dumps([links(number) for number in range(2)]))
"""
# Requests without a response on the private site: name, method, path, headers, body.
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REFUSALS: tuple[tuple[str, str, str, dict[str, str], bytes | None], ...] = (
    ("a page that is not there", "GET", f"/en/{MARK}-path/", {}, None),
    ("a listing that is not there", "GET", f"/en/report/{MARK}-path/", {}, None),
    ("a link that is cut off", "GET", f"/en/members/link/{MARK}-path/", {}, None),
    ("a link that is far too long", "GET", f"/en/members/confirm/{MARK * 300}/", {}, None),
    ("a link that is not open here", "GET", f"/en/members/link/opened/{MARK}-path/", {}, None),
    ("a letter that is not open here", "GET", f"/en/reconfirmation/opened/{MARK}-path/", {}, None),
    ("a link to sign in that was never printed", "GET", f"/account/once/{MARK}/{MARK}/", {}, None),
    ("a link of the library", "GET", f"/account/confirm-email/{MARK}/", {}, None),
    ("a page for staff", "GET", f"/admin/{MARK}-path/", {}, None),
    ("bytes that are no text", "GET", f"/en/%FF{MARK}/", {}, None),
    ("a search for nothing", "GET", f"/en/report/?q=%00{MARK}", {}, None),
    ("a form of another site", "POST", "/en/members/link/", FORM, f"link-email={MARK}@example.org".encode()),
    ("a form of another origin", "POST", "/en/members/join/", {**FORM, "Origin": f"https://{MARK}.example"}, b"a=1"),
    ("far too many fields", "POST", "/en/members/link/", FORM, "&".join(f"{MARK}{n}=1" for n in range(1100)).encode()),
    ("a form in pieces that do not fit", "POST", "/account/login/", {"Content-Type": "multipart/form-data; boundary=x"},
        MARK.encode() * 50),
    ("a method that is not for it", "PUT", "/en/members/link/", {}, MARK.encode()),
    ("a page that only takes a form", "GET", f"/en/members/profile/close/?a={MARK}", {}, None),
    ("a report deleted", "DELETE", f"/en/report/{MARK}/", {}, None),
    ("an invented method", "CANARY8X3", "/en/report/", {}, None),
    ("another host", "GET", "/en/report/", {"Host": f"{MARK}-host.example"}, None),
    ("a crash", "GET", "/crash/", {}, None),
    ("a crash in the database", "GET", "/crash/database/", {}, None),
)  # fmt: skip


@pytest.fixture(scope="module")
def private_site(
    fault_site: SiteServer, fault_postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SiteServer]:
    """The same site, with a separate worker and a mail server.

    Its rows are removed afterwards: other tests share the database.
    """
    backup = fault_postgres.dump()
    folder, port = tmp_path_factory.mktemp("private"), free_port()
    mail_server = MailServer(refuse=REFUSED)
    (folder / "tmp").mkdir()
    with serving(mail_server):
        own = {
            **fault_site.environment,
            "PORT": str(port),
            "WAYMARK_TEST_TASKS": "database",
            "WAYMARK_TEST_SCRATCH": str(folder),
            "WAYMARK_MAIL_HOST": "127.0.0.1",
            "WAYMARK_MAIL_PORT": str(mail_server.port),
            "WAYMARK_MAIL_TLS": "0",
            "TMPDIR": str(folder / "tmp"),
        }
        running = SiteServer(port=port, folder=folder, environment=own, workers=1)
        running.start()
        running.start_worker()
        yield running
        running.stop()
    fault_postgres.start()
    fault_postgres.restore(backup)


def call_on(site: SiteServer, links: dict[str, str]) -> list[int]:
    """Do on the private site all that needs no sign-in, and all that is refused; return the status of each response."""
    someone = Stranger(site=site, marks=MARKED, query=f"q={MARK}-query")
    someone.follow("/en/report/")
    said = {
        "what": "number",
        "text": f"{SAID}-text",
        "source": f"{SAID}-source",
        "reply_to": f"{SAID}@example.org",
    }
    sent = [
        someone.send(f"/en/report/{links['listing']}/", said, prefix="report-"),
        someone.send(f"/en/reconfirmation/{links['answer']}/", {"answer": "gone", "note": f"{SAID}-note"},
            prefix="answer-"),
        *(someone.send("/en/members/join/", {
            "kind": "person", "name": f"{SAID}-name", "email": email, "roles": "researcher", "country": "pt",
            "languages": "pt", "about": f"{SAID}-about", "consent": "on",
        }, prefix="join-") for email in (f"{SAID}@example.org", REFUSED)),
        *(someone.send("/en/members/link/", {"email": email}, prefix="link-")
            for email in (links["member"], f"{SAID}@example.org")),
        someone.send(f"/en/members/confirm/{links['confirm']}/"),
        someone.send(f"/en/members/link/{links['profile']}/"),
    ]  # fmt: skip
    for email in (links["staff"], f"{SAID}@example.org"):
        someone.cookies.clear()  # or the site would go on with the sign-in before
        sent.append(someone.send("/account/login/code/", {"email": email}))
    someone.send("/account/login/code/confirm/", {"code": f"{SAID}"})
    someone.cookies.clear()
    someone.send("/account/login/", {"login": f"{SAID}@example.org", "password": f"{SAID}-password"})
    sent.append(someone.send(f"/account/once/{links['once']}/"))
    assert {answer.status for answer in sent} == {302}, [answer.status for answer in sent]
    for _name, method, path, headers, body in REFUSALS:
        with contextlib.suppress(OSError, http.client.HTTPException):
            someone.ask(path, method=method, body=body, **headers)
    for _name, bytes_sent in RAW:
        say(site, bytes_sent.replace(b"Host: localhost", b"Host: private.localhost"), waits=0.2)
    return someone.seen


def tables_with(mark: str, dump: bytes) -> set[str]:
    """Return the tables of a backup that have a row with `mark`."""
    found, table = set(), ""
    for line in dump.decode(errors="replace").splitlines():
        if line.startswith("COPY public."):
            table = line.split()[1].removeprefix("public.")
        if mark in line:
            found.add(table)
    return found


def sessions(postgres: Postgres) -> str:
    """Return the contents of all sessions, decoded."""
    packed = postgres.psql("SELECT session_data FROM django_session").split()
    return "\n".join(str(SessionStore().decode(data)) for data in packed)


class TestNoTraceOnThePrivateSite:
    def test_is_left_by_anybody_who_does_not_sign_in(
        self,
        fault_site: SiteServer,
        private_site: SiteServer,
        fault_postgres: Postgres,
        static: Path,
        tmp_path: Path,
    ):
        links = json.loads(private_site.manage("shell", "--no-imports", "-c", LETTERS).stdout.splitlines()[-1])
        with nginx_before(
            private_site, folder=tmp_path, prerender=fault_site.folder / "prerender", static_and_media=static
        ) as front:
            through = call_on(front, links[0])
        alone = call_on(private_site, links[1])
        private_site.wait_until_written("A mail was given up")
        mail_is_out = "SELECT count(*) FROM core_outgoingmail WHERE failed_at IS NULL"
        while fault_postgres.psql(mail_is_out).strip() != "0":
            time.sleep(0.1)
        # A process of the database dies in the middle of a statement.
        with contextlib.suppress(subprocess.CalledProcessError):
            fault_postgres.psql(
                "SET application_name = dying; COPY (SELECT pg_backend_pid()) TO PROGRAM 'xargs kill -9'; "
                f"SELECT '{MARK}'"
            )
        private_site.stop()
        fault_postgres.wait_until_up()
        unpacked = sessions(fault_postgres)
        backup = fault_postgres.dump()
        (tmp_path / "backup.sql").write_bytes(backup)
        fault_postgres.stop()
        how_they_came = hits(private_site.folder, fault_postgres.folder, tmp_path)
        of_links = {
            name
            for each in links
            for name in ("answer", "confirm", "profile", "once")
            if hits(private_site.folder, fault_postgres.folder, tmp_path, marks=[each[name].rpartition("/")[2]])
        }
        (tmp_path / "backup.sql").unlink()
        what_they_said = hits(private_site.folder, fault_postgres.folder / "data" / "log", tmp_path, marks=[SAID])
        fault_postgres.start()

        assert how_they_came == []
        assert of_links == set()
        assert what_they_said == []
        assert tables_with(SAID, backup) == KEPT_IN
        assert MARK not in unpacked
        assert f"{SAID}@example.org" in unpacked  # of a sign-in under way, as proofs.md says
        assert not [each["once"] for each in links if each["once"] in unpacked]
        assert {200, 302, 400, 403, 404, 405, 410, 500} <= set(through) & set(alone)


class TestMutants:
    @pytest.mark.parametrize("mutant", of("P1"))
    def test_are_noticed(
        self, request: pytest.FixtureRequest, fault_site, fault_postgres, static, tmp_path, mutant: Mutant
    ):
        if not isinstance(mutant.change, Started):
            with nginx_before(
                fault_site,
                folder=tmp_path,
                prerender=static / "prerender",
                static_and_media=static,
                change=mutant.change,
            ) as front:
                for name, method, path, headers in REQUESTS:
                    if name in {"a page", "a page that is not there", "PUT", "an upload"}:
                        ask(front, method, path, headers)
                say(front, dict(RAW)["a page asked for with a body"], waits=1)
                Stranger(site=front, marks=MARKED, query="q=1").ask(f"/en/report/{MARK}-path/")
            assert [name for name in hits(tmp_path) if name.endswith(".log")]
            return
        getattr(self, mutant.change.leak)(request.getfixturevalue("leaking"), fault_site, fault_postgres)

    def log(self, leaking: SiteServer, site: SiteServer, postgres: Postgres) -> None:
        # (The user agent is in the application's own log, and in no access log.)
        leaking.get("/crash/", headers={"User-Agent": f"{MARK}-agent"})
        leaking.wait_until_written(f"{MARK}-agent")

    def token(self, leaking: SiteServer, site: SiteServer, postgres: Postgres) -> None:
        leaking.get(f"/en/members/link/opened/{MARK}-token/more/", host="private")
        leaking.wait_until_written(f"Not Found: /en/members/link/opened/{MARK}-token/more/")

    def access(self, leaking: SiteServer, site: SiteServer, postgres: Postgres) -> None:
        leaking.get(f"/{MARK}-access")
        leaking.wait_until_written(f"GET /{MARK}-access HTTP")

    def mail(self, leaking: SiteServer, site: SiteServer, postgres: Postgres) -> None:
        leaking.get("/crash/", headers={"User-Agent": f"{MARK}-agent"})

        assert hits(leaking.folder / "mail")

    def query(self, leaking: SiteServer, site: SiteServer, postgres: Postgres) -> None:
        self.statements(
            leaking,
            site,
            postgres,
            careless=EVERY_STATEMENT,
            path=f"/en/report/?q={MARK}-words",
            host="private",
        )

    def statements(
        self,
        leaking: SiteServer,
        site: SiteServer,
        postgres: Postgres,
        *,
        careless: dict[str, str] = CARELESS,
        path: str = "/crash/database/",
        host: Literal["public", "private"] = "public",
    ) -> None:
        careful = operators_settings()
        postgres.set({name: value for name, value in careless.items() if name in careful})
        site.request("GET", path, host=host, headers=MARKED)
        found = hits(postgres.folder / "data" / "log")
        postgres.set(careful)
        (postgres.folder / "data" / "log").write_text("")

        assert found
