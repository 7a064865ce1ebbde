"""The collector accepts two codes, from nginx and from the application, and ignores everything else."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from io import BytesIO

import pytest

from analytics.collector import listen
from core.publishing import counted
from core.publishing.counted import cell_of, prerendered_cells
from prerender.serving import PrerenderServer
from prerender.store.files import StoredFile
from tests.prerender.conftest import put
from tests.support.server import free_port
from tests.support.waiting import wait_until

HELP = b"<!doctype html><p>Help</p>" * 20


@contextmanager
def listening(port):
    """Run the listener of the collector, and yield what it received."""
    heard: list[tuple[str, str]] = []
    loop, over = asyncio.new_event_loop(), asyncio.Event()
    ears = threading.Thread(
        target=lambda: loop.run_until_complete(listen("127.0.0.1", port, lambda *cell: heard.append(cell), over))
    )
    ears.start()
    while not loop.is_running():
        time.sleep(0.005)
    wait_until(lambda: is_open(port))
    yield heard
    loop.call_soon_threadsafe(over.set)
    ears.join()
    loop.close()


def is_open(port):
    with socket.socket() as way:
        return way.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def port(settings, monkeypatch):
    port = free_port()
    settings.ANALYTICS, settings.COLLECTOR = True, f"127.0.0.1:{port}"
    monkeypatch.setattr(counted, "_messenger", counted._Messenger())
    yield port
    counted._messenger.lose()


class TestEars:
    def test_hear_two_codes_and_nothing_else(self, port):
        with listening(port) as heard:
            for sent in (
                b"POST /de/lu HTTP/1.0\r\nHost: collector\r\n\r\n",
                b"POST /sr-latn/kit.open-doors HTTP/1.1\r\n\r\n",
                b"GET /de/lu HTTP/1.0\r\n\r\n",
                b"POST /de/lu?q=1 HTTP/1.0\r\n\r\n",
                b"POST /de/lu/more HTTP/1.0\r\n\r\n",
                b"POST /" + b"d" * 5000 + b" HTTP/1.0\r\n\r\n",
                b"\0\xff\r\n\r\n",
                b"POST /de/lu HTTP/1.0\r\n",
            ):
                with socket.create_connection(("127.0.0.1", port), timeout=3) as way:
                    way.sendall(sent)
                    way.shutdown(socket.SHUT_WR)
                    way.recv(100)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
                for sent in (b"", b"de", b"de/lu\n", b"\xff" * 60_000, b"en/finder"):
                    way.sendto(sent, ("127.0.0.1", port))
            wait_until(lambda: ("en", "finder") in heard)

        assert heard == [("de", "lu"), ("sr-latn", "kit.open-doors"), ("en", "finder")]


class TestApplication:
    def ask(self, server, path, method="GET", **more):
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "HTTP_HOST": "localhost",
            "wsgi.url_scheme": "http", "wsgi.input": BytesIO(), **more,
        }  # fmt: skip
        return b"".join(server(environ, lambda *_: None))

    @pytest.fixture
    def server(self):
        put(
            StoredFile(path="/en/help/", body=HELP),
            StoredFile(path="/en/help/lu/", body=HELP),
            StoredFile(path="/en/about/", body=HELP),
            StoredFile(path="/en/help/old/", body=HELP, moved="301 /en/help/"),
            StoredFile(path="/en/campaigns/open-doors/kits/all.zip", body=b"PK"),
        )
        return PrerenderServer(lambda environ, start: [b"Django"])

    def test_hands_over_the_codes_of_a_page_that_it_shows(self, server, port):
        with listening(port) as heard:
            self.ask(server, "/en/help/", HTTP_USER_AGENT="mark", HTTP_COOKIE="a=mark")
            self.ask(server, "/en/help/lu/", HTTP_IF_NONE_MATCH="*")
            self.ask(server, "/en/campaigns/open-doors/kits/all.zip")
            for path in ("/en/about/", "/en/help/old/", "/en/help/pt/", "/en/help"):
                self.ask(server, path)
            self.ask(server, "/en/help/", method="HEAD")
            self.ask(server, "/en/help/", QUERY_STRING="utm_source=mark")
            wait_until(lambda: len(heard) == 3)

        assert heard == [("en", "finder"), ("en", "lu"), ("en", "kit.open-doors")]

    def test_hands_it_over_behind_another_server_too(self, server, port, public):
        with listening(port) as heard:
            for ask in (public.head, public.get):
                assert ask("/en/help/lu/").status_code == 200
            wait_until(lambda: heard != [])

        assert heard == [("en", "lu")]

    def test_serves_without_a_collector(self, server, port):
        for _ in range(3):
            assert self.ask(server, "/en/help/").startswith(HELP)
            time.sleep(0.01)  # for the machine to say that the port is closed
        with listening(port) as heard:
            self.ask(server, "/en/help/")
            assert heard == []  # it is looked for once a minute
            counted._messenger.not_before = 0
            self.ask(server, "/en/help/")
            wait_until(lambda: heard != [])

    def test_sends_nothing_where_nothing_is_counted(self, server, port, settings):
        settings.ANALYTICS = False
        with listening(port) as heard:
            self.ask(server, "/en/help/")
            time.sleep(0.05)

        assert heard == []

    def test_finds_the_pages_by_their_files(self, server, settings):
        codes = ("finder", "lu", "kit.open-doors")
        assert prerendered_cells(settings.PRERENDER_ROOT) >= {("en", code) for code in codes}
        assert cell_of("/en/help/lines/lu/") is cell_of("/en/embed/lu/") is None
