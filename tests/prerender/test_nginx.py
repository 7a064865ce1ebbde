"""docs/operators/nginx.conf, in a real nginx in front of the real application."""

import gzip
import http.client
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice, product
from pathlib import Path
from urllib.parse import quote

import brotli
import psutil
import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from config.settings.base import ROOT
from core.http import headers
from core.models import UploadedDocument
from prerender import services
from prerender.store.files import FileStore, StoredFile
from tests.factories.core import StandardPageFactory
from tests.prerender.conftest import put
from tests.support.nginx import load_balancer, needs_nginx, nginx_before
from tests.support.server import SiteServer, free_port

pytestmark = [
    pytest.mark.process,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("only_pages"),
    needs_nginx,
]


@pytest.fixture
def nginx(site_server: SiteServer, home, tmp_path: Path) -> Iterator[SiteServer]:
    """Render something of each kind, and start nginx in front of the application."""
    StandardPageFactory(parent=home, slug="about", introduction="Who we are. " * 50)
    StandardPageFactory(parent=home, slug="über-uns", introduction="Wer wir sind. " * 50)
    document = UploadedDocument.objects.create(title="Notes", file=ContentFile(b"Plain words. " * 50, name="notes.txt"))
    assert document.pk
    services.render_all()
    put(
        StoredFile(path="/en/help/", body=b"<!doctype html><p>Help</p>" * 50),
        StoredFile(path="/en/help/handouts/lu-en.pdf", body=b"%PDF-1.7 handout"),
        StoredFile(path="/en/embed/lu/", body=b"<!doctype html><p>List</p>" * 50),
        StoredFile(path="/en/search/", body=b"<!doctype html><p>Search</p>" * 50, answers_query=True),
        StoredFile(path="/en/old/", body=b"<!doctype html><p>Moved</p>", moved="301 /en/about/"),
        StoredFile(path="/hsds/en", body=b'{"version": "3.1"}' * 50),
        StoredFile(path="/hsds/en/services", body=b'{"contents": []}' * 50, answers_query=True),
        StoredFile(path="/hsds/en/services/1", body=b'{"id": 1}'),
        StoredFile(path="/open-data/catalogue.ttl", body=b"@prefix dcat: <http://www.w3.org/ns/dcat#> ." * 50),
        StoredFile(path="/sitemap.xml", body=b"<urlset></urlset>" * 50),
        StoredFile(path="/pictures/path.webp", body=b"picture"),
        StoredFile(path="/errors/en/404.html", body=b"<!doctype html><p>Not here</p>" * 50),
        StoredFile(path="/errors/en/help/404.html", body=b"<!doctype html><p>Not here, but help</p>" * 50),
    )
    for folder in ("images", "original_images"):
        (Path(settings.MEDIA_ROOT) / folder).mkdir(parents=True, exist_ok=True)
        (Path(settings.MEDIA_ROOT) / folder / "path.webp").write_bytes(b"picture")
    var = Path(settings.SCRATCH)
    link = var / "static"
    if not link.exists():
        link.symlink_to(settings.STATIC_ROOT)
    with nginx_before(
        site_server, folder=tmp_path, prerender=Path(settings.PRERENDER_ROOT), static_and_media=var
    ) as front:
        yield front


def test_serves_prerendered_files_as_the_application_does(nginx: SiteServer, site_server: SiteServer):
    """One test for everything below, since starting nginx takes a while."""
    pages(nginx)
    other_files(nginx)
    for_programs(nginx)
    sent_on(nginx)
    not_there(nginx)
    refused(nginx)
    tables(nginx)
    the_same(nginx, site_server)
    alone(nginx, site_server)


def pages(nginx: SiteServer) -> None:
    body = FileStore().file("/en/about/").read_bytes()
    plain = nginx.get("/en/about/")
    assert (plain.status, plain.body) == (200, body)
    assert plain.header("Content-Type") == "text/html; charset=utf-8"
    small = nginx.get("/en/about/", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert (small.header("Content-Encoding"), brotli.decompress(small.body)) == ("br", body)
    assert small.header("Content-Type") == "text/html; charset=utf-8"
    assert small.header("Vary") == "Accept-Encoding"
    middle = nginx.get("/en/about/", headers={"Accept-Encoding": "gzip, br;q=0"})
    assert (middle.header("Content-Encoding"), gzip.decompress(middle.body)) == ("gzip", body)
    assert nginx.get("/en/%C3%BCber-uns/").status == 200
    assert nginx.get("/en/about/", headers={"If-None-Match": plain.header("ETag") or ""}).status == 304
    assert nginx.request("HEAD", "/en/about/").body == b""
    handout = nginx.get("/en/help/handouts/lu-en.pdf")
    assert handout.body == FileStore().file("/en/help/handouts/lu-en.pdf").read_bytes()
    assert handout.header("Content-Type") == "application/pdf"
    for accepted, path in product(("br", "gzip", ""), ("/en/help/", "/en/embed/lu/")):
        helped = nginx.get(
            path,
            headers={"Accept-Encoding": accepted, "If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"},
        )
        assert helped.status == 200
        assert helped.header("ETag") is helped.header("Last-Modified") is None


def for_programs(nginx: SiteServer) -> None:
    """Check addresses without an extension, with and without a trailing slash; a query goes to the application."""
    for path in ("/hsds/en", "/hsds/en/", "/hsds/en/services", "/hsds/en/services/", "/hsds/en/services/1"):
        answer = nginx.get(path)
        assert answer.status == 200, path
        assert answer.body == FileStore().file(path.rstrip("/")).read_bytes()
        assert (answer.header("Content-Type") or "").startswith("application/json"), path
    asked = nginx.get("/hsds/en/services?page=x")
    assert (asked.status, asked.body[:1]) == (400, b"{")
    assert nginx.get("/hsds/en/services/2").status == 404
    assert nginx.get("/hsds/en/services/index.json").status == 404
    assert nginx.get("/open-data/catalogue.ttl").header("Content-Type") == "text/turtle; charset=utf-8"


def other_files(nginx: SiteServer) -> None:
    assert nginx.get("/sitemap.xml").status == 200
    document = UploadedDocument.objects.get()
    notes = nginx.get(f"/documents/{document.pk}/{document.filename}")
    named = f'attachment; filename="{document.filename}"'
    assert (notes.status, notes.header("Content-Disposition")) == (200, named)
    assert nginx.get(f"/documents/{document.pk}/{document.filename}", headers={"Range": "bytes=0-4"}).body == b"Plain"
    picture = nginx.get("/pictures/path.webp")
    assert (picture.body, picture.header("Content-Type")) == (b"picture", "image/webp")
    style = re.search(r'href="(/static/[^"]+\.css)"', FileStore().file("/en/about/").read_text())
    assert style
    assert "immutable" in (nginx.get(style[1]).header("Cache-Control") or "")
    [font] = Path(settings.STATIC_ROOT).glob("fonts/greek.*.woff2")
    answer = nginx.get(f"/static/fonts/{font.name}")
    assert (answer.header("Content-Type"), answer.body) == ("font/woff2", font.read_bytes())
    assert "immutable" in (answer.header("Cache-Control") or "")


def sent_on(nginx: SiteServer) -> None:
    for path, location in (
        ("/en/about", "/en/about/"),
        ("/en/old/", "/en/about/"),
        ("/en/about?a=1", "/en/about/?a=1"),
        ("/en/%C3%BCber-uns", "/en/%C3%BCber-uns/"),
    ):
        answer = nginx.get(path)
        assert (answer.status, answer.header("Location")) == (301, location)
    asked = nginx.get("/en/search/?q=words")  # the application's own search, or its 404 where there is none
    assert b"<p>Search</p>" not in asked.body
    assert b"<p>Search</p>" in nginx.get("/en/search/").body
    for path in ("/en/about/", "/en/%C3%BCber-uns/", "/en/help/", "/sitemap.xml", "/pictures/path.webp"):
        answer = nginx.get(path + "?utm_source=paper")
        assert (answer.status, answer.header("Location")) == (302, path)
    tracked = nginx.get("/en/search/?q=words&fbclid=1")
    assert (tracked.status, tracked.header("Location")) == (302, "/en/search/?q=words")


def not_there(nginx: SiteServer) -> None:
    closed = (
        "/en/nowhere/", "/en/nowhere", "/admin/", "/en/about/index.html", "/en/about/index.html.br",
        "/en/search/.answers-query", "/.prerender/lock", "/en/old/.moved", "/errors/en/404.html",
        "/.brotli/en/about/index.html.br", "/media/original_images/path.webp", "/media/documents/notes.txt", "/media/",
        "/media/images/path.webp", "/static/../prerender/.prerender/lock", "/media/images/../original_images/path.webp",
    )  # fmt: skip
    for path in closed:
        assert nginx.get(path).status == 404, path
    assert b"<p>Not here</p>" in nginx.get("/en/nowhere.br").body
    assert b"<p>Not here, but help</p>" in nginx.get("/en/help/nowhere.br").body
    assert 'lang="de"' in nginx.get("/de/nowhere/").text or not (ROOT / "locale/de/LC_MESSAGES/django.mo").exists()


def refused(nginx: SiteServer) -> None:
    for method in ("POST", "PUT", "DELETE", "TRACE", "OPTIONS"):
        assert nginx.request(method, "/en/about/").status == 405
    answer = nginx.request("POST", "/en/about/")
    assert answer.header("Allow") == "GET, HEAD"
    assert answer.body == (FileStore().root / "errors/en/405.html").read_bytes()
    with pytest.raises((http.client.HTTPException, OSError)):  # the connection is closed without an answer
        nginx.get("/en/about/", headers={"Host": "evil.example"})
    assert nginx.get("/admin/", host="private").status == 302


def tables(nginx: SiteServer) -> None:
    document = UploadedDocument.objects.get()
    paths = [
        "/en/about/",
        "/en/help/",
        "/en/help/handouts/lu-en.pdf",
        "/en/embed/lu/",
        "/en/old/",
        "/en/about",
        "/sitemap.xml",
        f"/documents/{document.pk}/{document.filename}",
        "/pictures/path.webp",
    ]
    for path in [
        *paths,
        "/hsds/en",
        "/hsds/en/services",
        "/open-data/catalogue.ttl",
        "/en/nowhere/",
        "/en/help/nowhere/",
        "/en/embed/zz/",
        "/en/search/?q=words",
    ]:
        answer = nginx.get(path, headers={"Accept-Encoding": "br"})
        is_there = answer.status < 400
        wanted = headers.public_headers(path.partition("?")[0], rendered=not is_there or "?" in path, found=is_there)
        for name, value in wanted.items():
            assert answer.header(name) == value, (path, answer.status, name)
        if "X-Frame-Options" not in wanted:
            assert answer.header("X-Frame-Options") is None, path
        assert answer.header("Set-Cookie") is None
        names = [name.lower() for name, _ in answer.headers]
        assert len(names) == len(set(names)), names


# Headers that each server adds in its own way: date, server, transfer, and entity tags.
# (HSTS is nginx's own here, for the site behind it does without TLS.)
OWN = {"date", "server", "connection", "content-encoding", "content-length", "transfer-encoding", "keep-alive", "etag",
    "last-modified", "strict-transport-security"}  # fmt: skip
KINDS = (
    "a.xml", "a.txt", "a.json", "a.atom", "a.rss", "a.ics", "a.csv", "a.webmanifest", "a.xsl", "a.ttl", "a.jsonld",
    "a.pdf", "a.zip", "a.xlsx",
)  # fmt: skip
UPLOADS = (
    "a.pdf", "a.docx", "a.odt", "a.png", "a.jpg", "a.webp", "a.avif", "a.gif", "a.svg", "a.txt", "a.csv", "a.mp4",
    "a.mp3", "a.vtt",
)  # fmt: skip


def the_same(nginx: SiteServer, site_server: SiteServer) -> None:
    """Request existing, missing and refused addresses from both servers, and compare the whole responses."""
    folder = FileStore()
    put(
        *(StoredFile(path=f"/open-data/{name}", body=b"content " * 80) for name in KINDS),
        *(StoredFile(path=f"/documents/{number}/{name}", body=b"content " * 80)
            for number, name in enumerate(UPLOADS, 70)),
        *(StoredFile(path=f"/pictures/0{name}", body=b"content")
            for name in UPLOADS if name.split(".")[1] in {"png", "jpg", "webp", "avif"}),
        StoredFile(path="/.well-known/security.txt", body=b"Contact: mailto:security@example.org\n"),
        StoredFile(path="/en/help/lu/", body=b"<!doctype html><p>Luxembourg</p>"),
    )  # fmt: skip
    prerendered = ["/" + name.removesuffix("index.html").removesuffix("/index.json") for name in folder.names()]
    asked = {
        *prerendered,
        *(path + "index.html" for path in prerendered if path.endswith("/")),
        *(path.rstrip("/") + end for path in prerendered for end in (".br", ".gz", "/index.html.br", "/index.json")),
        *(path.rstrip("/") for path in prerendered),
        *(path + "?a=1" for path in prerendered if "search" not in path and "services" not in path),
        "/404.html", "/errors/en/404.html", "/errors/en/help/404.html", "/errors/", "/.prerender/",
        "/.prerender/journal", "/.well-known/", "/.git/config", "/en/.moved", "/en/help/.answers-query", "/en/nowhere/",
        "/en/nowhere", "/nowhere.html", "/admin/", "/en/help/nowhere/", "/en/embed/zz/", "/media/images/path.webp",
        "/media/original_images/path.webp", "/pictures/", "/pictures/none.webp", "/documents/", "/documents/1/",
        "/open-data", "/static/", "/static/none.css", "/hsds/en/nothing", "/index.html", "/index.html.gz",
        "/.brotli/index.html.br",
    }  # fmt: skip
    assert len(asked) >= 200
    different = {}
    for path, encoding in product(sorted(asked), ("br", "")):
        given = {"Accept-Encoding": encoding} if encoding else {}
        of_nginx, of_application = (said(server, quote(path, safe="/?=."), given) for server in (nginx, site_server))
        if of_nginx != of_application:
            names = of_nginx.keys() | of_application.keys()
            both = {name: (of_nginx.get(name), of_application.get(name)) for name in names}
            different[path, encoding] = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
    assert different == {}


def test_lets_only_so_many_wait_for_the_application(nginx: SiteServer, site_server: SiteServer):
    """A limit for all visitors together.

    Requests above it are refused immediately; prerendered pages have no limit.
    """
    waiting, more = 16, 4
    application = psutil.Process(site_server.processes["site"].pid)
    processes = [application, *application.children(recursive=True)]
    with ThreadPoolExecutor(waiting + more) as visitors:
        for process in processes:
            process.suspend()
        try:
            searches = [visitors.submit(nginx.get, "/en/search/?q=words", timeout=120) for _ in range(waiting + more)]
            refused = [each.result() for each in islice(as_completed(searches), more)]
            assert nginx.get("/en/about/").status == 200
        finally:
            for process in processes:
                process.resume()

    assert {answer.status for answer in refused} == {503}
    assert refused[0].body == (FileStore().root / "errors/en/503.html").read_bytes()
    assert [each.result().status for each in searches].count(200) == waiting


def said(server: SiteServer, path: str, given: dict[str, str]) -> dict[str, object]:
    """Return the headers that both should send, with the status and the bytes that a reader gets to see."""
    answer = server.get(path, headers=given)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}.get(answer.header("Content-Encoding") or "", bytes)
    fields = {name.lower(): value for name, value in answer.headers if name.lower() not in OWN}
    if answer.status in {301, 302}:  # browsers do not show the page that nginx makes for it
        fields.pop("content-type", None)
        return {**fields, "status": answer.status}
    return {**fields, "status": answer.status, "body": unpack(answer.body)}


def alone(nginx: SiteServer, site_server: SiteServer) -> None:
    """Check that without the application prerendered files are served, and all else is reported as unavailable."""
    site_server.stop("site")
    assert nginx.get("/en/about/", headers={"Accept-Encoding": "br"}).status == 200
    assert nginx.get("/en/help/").status == 200
    gone = nginx.get("/en/search/?q=words")
    assert gone.status == 503
    assert gone.body == (FileStore().root / "errors/en/503.html").read_bytes()
    assert gone.header("Referrer-Policy") == "no-referrer"
    site_server.start()


def test_sends_people_on_to_tls_and_refuses_programs(tmp_path: Path):
    """The API is read by programs, which would otherwise go on sending requests."""
    behind = SiteServer(port=free_port(), folder=tmp_path, environment={})
    with (
        nginx_before(behind, folder=tmp_path / "a", prerender=tmp_path, static_and_media=tmp_path) as web,
        load_balancer([behind, behind], folder=tmp_path / "b") as balancer,
    ):
        for server in (web, balancer):
            plain = SiteServer(port=server.plain_port, folder=tmp_path, environment={})
            assert [plain.get(path).status for path in ("/api/", "/hsds/services?page=2")] == [403, 403]
            assert plain.get("/en/api/").header("Location") == "https://localhost/en/api/"
            assert plain.get("/").status == 301
