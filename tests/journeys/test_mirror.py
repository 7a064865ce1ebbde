"""A reader of a mirror, served by a plain web server, finds the content of the public site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import expect

from core.assets import storage
from prerender.mirrors.copying import Mirror
from prerender.store.files import StoredFile
from tests.journeys.conftest import Finder, choose
from tests.prerender.conftest import put
from tests.support.browser import axe, requests_of
from tests.support.nginx import needs_nginx, nginx_with_mirror
from tests.support.server import SiteServer

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("finder"), needs_nginx]

MARK = "canary8x3"
ONION = "a" * 56 + ".onion"
ERROR = '<!doctype html><html lang="de"><head><meta charset="utf-8"></head><body>{}</body></html>'
SEEN = """() => ({
    services: [...document.querySelectorAll("article.programme")]
        .filter((each) => each.checkVisibility()).map((each) => each.dataset.programme),
    numbers: [...document.querySelectorAll("a.call")].filter((each) => each.checkVisibility()).map((each) => each.href),
})"""


@pytest.fixture
def mirror(
    finder: Finder, settings: SettingsWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SiteServer]:
    """A mirror of the finder in four languages behind a plain nginx."""
    settings.PRERENDER_ROOT, settings.STATIC_ROOT = tmp_path / "prerender", finder.static
    monkeypatch.setattr(storage, "SHARED", finder.static)
    settings.PRERENDER_BROTLI_QUALITY = 1
    root = tmp_path / "mirror"
    root.mkdir()
    errors = {f"/errors/de/{name}404.html": ERROR.format(name) for name in ("", "help/")}
    errors |= {"/404.html": ERROR.format("anywhere"), "/": ERROR.format("start")}
    put(
        *(StoredFile(path=path, body=body.encode()) for path, body in {**finder.pages, **errors}.items()),
        StoredFile(path="/de/alt/", body=ERROR.format("moved").encode(), moved="301 /de/"),
        StoredFile(path="/de/leer/seite/", body=ERROR.format("page").encode()),
        StoredFile(path="/hsds/en", body=b'{"a": 1}'),
    )
    Mirror(str(root)).bring_up_to_date(begin=True)
    (tmp_path / "nginx").mkdir()
    with nginx_with_mirror(root, folder=tmp_path / "nginx") as front:
        yield front


class TestMirror:
    def test_gives_the_same_answers_as_the_public_site(self, mirror: SiteServer, show, open_page, finder: Finder):
        on_the_site = show("en", width=360, scripts=False)
        reader = open_page(width=360, scripts=False)
        asked = requests_of(reader)
        reader.goto(f"{mirror.public_url}/en/help/")
        for page in (on_the_site, reader):
            choose(page, "country", "de")
            choose(page, "audience", "self_thoughts")

        seen = reader.evaluate(SEEN)

        assert seen == on_the_site.evaluate(SEEN)
        assert set(seen["services"]) == finder.expected(country="de", audience="self_thoughts")
        assert {"tel:112", "tel:+498001110111"} & set(seen["numbers"])
        assert reader.locator("[data-exit]").first.get_attribute("href") == "https://www.wikipedia.org/"
        reader.locator(".languages summary").click()
        reader.locator(".languages a[lang=ar]").click()
        reader.wait_for_url(f"{mirror.public_url}/ar/**")
        # On to where the copy comes from, or to how old it is.
        page = open_page(f"{mirror.public_url}/ar/help/", width=360)
        asked_with_scripts = requests_of(page)
        original, age = page.locator(".site-footer a[target=_top]").all()
        assert original.get_attribute("href") == f"{settings.PUBLIC_URL}/ar/help/"
        assert axe(page) == []
        age.click()
        expect(page.locator("section[lang=ar] time")).to_be_visible()
        assert axe(page) == []
        assert {url.split("/")[2] for url in [*asked, *asked_with_scripts]} == {f"localhost:{mirror.port}"}

    def test_keeps_no_record_and_sends_nothing(self, mirror: SiteServer, tmp_path: Path):
        marked = {"User-Agent": f"{MARK}-agent", "Referer": f"https://{MARK}.example/"}
        page = mirror.get(f"/de/help/?q={MARK}", headers={**marked, "Host": ONION, "Accept-Encoding": "gzip"})
        assert (page.status, page.header("Content-Encoding")) == (200, "gzip")
        assert page.header("Content-Type") == "text/html; charset=utf-8"
        assert page.header("Cache-Control") == "no-store"
        assert page.header("Referrer-Policy") == "no-referrer"
        assert not {"etag", "last-modified", "set-cookie"} & {name.lower() for name, _value in page.headers}
        for path, words in {
            f"/de/{MARK}/": b"<body><footer", f"/de/help/{MARK}/": b"<body>help/", f"/{MARK}": b"anywhere",
            "/zz/help/x/": b"anywhere",
            "/de/leer/": b"<body><footer", "/errors/de/404.html": b"anywhere", "/.prerender/lock": b"anywhere",
        }.items():  # fmt: skip
            answer = mirror.get(path, headers=marked)
            assert (answer.status, words in answer.body) == (404, True), path
        sent_on = mirror.get("/de/help", headers={**marked, "Host": ONION})
        assert sent_on.header("Location") in {None, "/de/help/"}
        assert mirror.get("/hsds/en/").body == b'{"a": 1}'
        assert b'http-equiv="Content-Security-Policy"' in mirror.get("/de/alt/").body

        written = [
            path for path in (tmp_path / "nginx").rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()
        ]
        assert written == []
