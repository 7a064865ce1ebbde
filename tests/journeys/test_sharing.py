"""A country's list framed in a third-party page, in two browsers; and a country's linked data as browsers parse it.

Two servers stand in for two companies, and record the requests to each, with their headers.
"""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.test import Client, override_settings
from playwright.sync_api import Locator

from core.http.headers import public_headers
from helpline.vocabulary.codes import LineKind
from tests.factories.helpline import FinderPageFactory, ProgrammeFactory, SupportLineFactory
from tests.support.html import parse
from tests.support.server import collected_static

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@dataclass
class Company:
    """A web server with a few pages, each as (body, type, headers).

    `asked` records each request: path and headers.
    """

    host: str
    pages: dict[str, tuple[bytes, str, Mapping[str, str]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


@pytest.fixture
def serve() -> Iterator[object]:
    running = []

    def start(company: Company) -> Company:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                company.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                body, kind, headers = company.pages.get(self.path, (b"", "text/plain", {}))
                self.send_response(200 if body else 404)
                for name, value in {
                    **headers,
                    "Content-Type": kind,
                    "Content-Length": str(len(body)),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Keep no log here either."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        company.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(server)
        return company

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def ours(home, serve) -> Company:
    """Our public site, with the pages of Germany and the files that they load."""
    static = collected_static()
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "core.assets.storage.StaticStorage"}}
    FinderPageFactory(parent=home)
    SupportLineFactory(approved=True, kind=LineKind.EMERGENCY, number="112")
    SupportLineFactory(approved=True, kind=LineKind.SUICIDE_CRISIS)
    ProgrammeFactory(name="By phone", approved=True)
    ProgrammeFactory(name="By chat", approved=True, contacts=[{"channel": "chat", "languages": ["de"]}])
    company = serve(Company("localhost"))
    with override_settings(RENDER_ON_REQUEST=True, STATIC_ROOT=static, STORAGES=storages):
        reader = Client(headers={"host": settings.PUBLIC_HOST})
        for path in ("/en/help/", "/en/help/de/", "/en/embed/", "/en/embed/de/"):
            html = reader.get(path).text.replace(settings.PUBLIC_URL, company.url)
            company.pages[path] = (html.encode(), "text/html; charset=utf-8", public_headers(path))
    for file in static.rglob("*"):
        path = f"/static/{file.relative_to(static)}"
        if file.suffix in {".css", ".js", ".png"}:
            kind = mimetypes.guess_type(path)[0] or ""
            company.pages[path] = (file.read_bytes(), kind, public_headers(path))
    return company


@pytest.fixture
def partner(ours, serve) -> Company:
    """A third party with the embed code in a page, isolated as strictly as browsers can."""
    lines = parse(ours.pages["/en/embed/"][0].decode()).one("pre").text
    company = serve(Company("127.0.0.1"))
    page = f"<!doctype html><html lang=en><title>Advice</title><h1>Advice</h1>{lines}"
    strict = {"Cross-Origin-Embedder-Policy": "require-corp"}
    company.pages["/advice"] = (page.encode(), "text/html; charset=utf-8", strict)
    whole = page.replace("/en/embed/de/", "/en/help/")
    company.pages["/whole"] = (whole.encode(), "text/html; charset=utf-8", strict)
    return company


def press(control: Locator) -> None:
    """Activate a control inside the frame, which Firefox's driver cannot reach with the mouse or keys."""
    control.evaluate("(each) => each.click()")


class TestPartner:
    def test_shows_the_list_and_learns_nothing_of_what_is_chosen(self, ours, partner, any_browser):
        page = any_browser(f"{partner.url}/advice", scripts=False)
        frame = page.frame_locator("iframe")

        frame.locator("h1").wait_for()
        assert frame.locator(".programme").first.evaluate("(each) => getComputedStyle(each).borderTopWidth") == "1px"
        before = (len(ours.asked), len(partner.asked))
        press(frame.locator('[data-code="chat"]'))
        frame.get_by_role("heading", name="By phone").wait_for(state="hidden")
        assert frame.get_by_role("heading", name="By chat").is_visible()

        assert (len(ours.asked), len(partner.asked)) == before
        assert [path for path, _headers in ours.asked if path.endswith(".js")] == []
        assert [headers for _path, headers in ours.asked if {"referer", "cookie"} & headers.keys()] == []
        assert page.context.cookies() == []

    def test_is_left_by_every_link(self, ours, partner, any_browser):
        page = any_browser(f"{partner.url}/advice", scripts=False)

        press(page.frame_locator("iframe").get_by_role("link", name="All services"))
        page.wait_for_url(f"{ours.url}/en/help/")

        assert [headers for path, headers in ours.asked if path == "/en/help/" and "referer" in headers] == []

    def test_cannot_show_the_finder_itself(self, ours, partner, any_browser):
        page = any_browser(f"{partner.url}/whole")

        page.wait_for_load_state("networkidle")

        assert page.frame_locator("iframe").locator("h1", has_text="Find support").count() == 0


class TestCountryPage:
    def test_carries_its_data_past_the_policy(self, ours, open_page):
        page = open_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{ours.url}/en/help/de/")

        assert page.locator('script[type="application/ld+json"]').count() == 1
        assert [text for text in said if "Content Security Policy" in text] == []
