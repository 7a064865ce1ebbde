"""Attacks by one client on the operators' nginx, and on the site behind it: everybody else is answered meanwhile.

Every loop ends by itself, and reaches this machine only.
"""

import contextlib
import re
import resource
import socket
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.support.nginx import WebServer, needs_nginx, nginx_before
from tests.support.programs import needs
from tests.support.server import SiteServer

pytestmark = [pytest.mark.process, pytest.mark.django_db, pytest.mark.xdist_group("faults"), needs_nginx]

IDLE, BODIES, SEARCHES = 2_000, 64, 12
PAGES = ("/en/page-1/", "/en/", "/de/", "/ar/")
SEARCH = "/en/search/?q=page"
NONSENSE = ["/en/search/?q=" + "+".join(f"xq{number}zv{word}k" for word in range(20)) for number in range(36)]
SIGN_IN = "/account/login/"
UPLOAD = "/admin/documents/multiple/add/"
SESSION = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
client = Client(headers={"host": settings.PRIVATE_HOST})
client.force_login(get_user_model().objects.get(email="editor@example.org"))
page = client.get("/admin/account/")
print("; ".join(f"{name}={each.value}" for name, each in client.cookies.items()))
"""


@pytest.fixture
def front(fault_site: SiteServer, tmp_path: Path) -> Iterator[WebServer]:
    with nginx_before(
        fault_site, folder=tmp_path, prerender=fault_site.folder / "prerender", static_and_media=fault_site.folder
    ) as running:
        yield running


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process open as many files as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * IDLE:
        pytest.skip(f"This process may open {hard} files only.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def temporary_files(front: WebServer) -> list[str]:
    """Return the files in which nginx keeps bodies, deleted ones included."""
    master = psutil.Process(front.processes["nginx"].pid)
    opened = [Path(f"/proc/{each.pid}/fd") for each in [master, *master.children()]]
    links = [str(link.readlink()) for folder in opened if folder.exists() for link in folder.iterdir()]
    there = [str(path) for path in (front.folder / "body").rglob("*") if path.is_file()]
    return [path for path in [*links, *there] if path.startswith(str(front.folder / "body"))]


class TestIdleConnections:
    def test_keep_no_reader_from_a_page(self, front: WebServer, many_files: None):
        with ExitStack() as held:
            for _ in range(IDLE):
                connection = held.enter_context(socket.create_connection(("127.0.0.1", front.port), 10))
                connection.sendall(b"\x16\x03\x01")

            read = [front.get(path, timeout=10).status for path in PAGES for _ in range(5)]

        assert read == [200] * len(read)


class TestUnfinishedBodies:
    def test_keep_no_reader_from_searching_or_signing_in(self, front: WebServer):
        head = f"GET {SEARCH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n".encode()
        with ExitStack() as held:
            bodies = [held.enter_context(front.open_socket()) for _ in range(BODIES)]
            for body in bodies:
                body.sendall(head)
            read = []
            for _ in range(3):
                for body in bodies:
                    body.sendall(b"x")
                read += [front.get(SEARCH).status, front.get(SIGN_IN, host="private").status]

        assert read == [200] * 6


def processor(site: SiteServer) -> float:
    """Return the seconds of processor that the processes of a site have used."""
    server = psutil.Process(site.processes["site"].pid)
    times = [each.cpu_times() for each in [server, *server.children(recursive=True)]]
    return sum(each.user + each.system for each in times)


class TestNonsense:
    def test_keeps_no_reader_from_searching_or_signing_in(self, front: WebServer):
        with ThreadPoolExecutor(SEARCHES) as attackers:
            attacks = [attackers.submit(front.get, path) for path in NONSENSE]
            read = [front.get(path, host=host).status for path, host in ((SEARCH, "public"), (SIGN_IN, "private")) * 3]

        assert read == [200] * 6
        assert {each.result().status for each in attacks} == {200}

    def test_takes_less_of_the_processor_than_ordinary_searches(self, front: WebServer, fault_site: SiteServer):
        """So that who searches beside twelve of them waits for less than twelve searches (`bench/waiting.py`)."""
        taken = []
        for paths in (NONSENSE, NONSENSE, [SEARCH] * len(NONSENSE)):  # the first reads the lexicon
            before = processor(fault_site)
            assert {front.get(path).status for path in paths} == {200}
            taken.append(processor(fault_site) - before)

        assert taken[1] < taken[2]


class TestLargeBodies:
    def send(self, front: WebServer, path: str, *, size: int) -> tuple[int, bytes]:
        """Declare a body of this size without a session, send a megabyte of it, and return the response."""
        head = f"POST {path} HTTP/1.1\r\nHost: private.localhost\r\nContent-Length: {size}\r\n\r\n".encode()
        connection = front.open_socket(host="private.localhost")
        with connection, contextlib.suppress(ssl.SSLError):
            connection.sendall(head)
            answer = connection.recv(65536)
            with contextlib.suppress(OSError):
                connection.sendall(b"x" * 1_000_000)
            assert temporary_files(front) == []
            return int(answer.split(b" ", 2)[1]), answer
        return 0, b""

    @pytest.mark.parametrize("size", [300_000_000, 150_000])
    def test_of_strangers_are_refused_before_they_are_read(self, front: WebServer, size: int):
        status, answer = self.send(front, UPLOAD, size=size)

        assert status == 303
        assert f"Location: https://private.localhost{UPLOAD}\r\n".encode() in answer

    @pytest.mark.parametrize("path", [SIGN_IN, "/en/report/1/"])
    def test_are_too_large_for_any_other_form(self, front: WebServer, path: str):
        status, answer = self.send(front, path, size=300_000)

        assert status == 413
        assert b"<!doctype html>" in answer

    def test_of_staff_are_taken(self, front: WebServer, fault_site: SiteServer):
        done = fault_site.manage("shell", "--no-imports", "-c", SESSION)
        cookies = done.stdout.splitlines()[-1]
        form = front.get(UPLOAD, host="private", headers={"Cookie": cookies})
        assert form.status == 200
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
        assert token
        fields = {"csrfmiddlewaretoken": token[1], 'files[]"; filename="a.pdf': "x" * 1_500_000}
        disposition = 'Content-Disposition: form-data; name="'
        body = "".join(f'--x\r\n{disposition}{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        sent = {"Cookie": cookies, "Content-Type": "multipart/form-data; boundary=x"}

        answer = front.request("POST", UPLOAD, host="private", headers=sent, body=f"{body}--x--\r\n".encode())

        assert answer.status == 200
        assert '"success": false' in answer.text  # read to the end, and refused by the form: it is no PDF

    @needs("curl")
    def test_have_their_page_over_http2(self, front: WebServer, tmp_path: Path):
        body = tmp_path / "large"
        body.write_bytes(b"x" * 5_000)
        command = ["curl", "--silent", "--http2", "--cacert", tmp_path / "certificate.pem", "--request", "GET"]
        command += ["--data-binary", f"@{body}", "--write-out", "\n%{http_version} %{http_code}"]
        command += ["--resolve", f"localhost:{front.port}:127.0.0.1", f"{front.public_url}/en/page-1/"]

        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

        assert said.splitlines()[-1] == "2 413"
        assert '<html lang="en"' in said
