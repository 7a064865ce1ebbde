"""Prerendered files are served as HTTP requires, without Django and without a database."""

from __future__ import annotations

import errno
import gzip
import os
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import brotli
import pytest
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from hypothesis import given
from hypothesis import strategies as st

from core.http import SiteKind
from prerender import padding, serving
from prerender.middleware import PrerenderMiddleware
from prerender.serving import PrerenderServer, preferred_encodings
from prerender.store.files import FileStore, StoredFile
from tests.prerender.conftest import put

PAGE = b"<!doctype html><p>Prerendered words.</p>" * 20
FILE = bytes(range(256)) * 4


class Django:
    """A stand-in for Django behind the prerendered files, which records the paths passed on to it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked.append(environ["PATH_INFO"])
        start_response("404 Not Found", [])
        return [b"Django"]


class Site:
    def __init__(self) -> None:
        self.django = Django()
        self.server = PrerenderServer(self.django)

    def __call__(
        self, path: str, method: str = "GET", query: str = "", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        sent: list[Any] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "HTTP_HOST": settings.PUBLIC_HOST,
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        body = b"".join(self.server(environ, lambda *args: sent.extend(args)))
        names = [name for name, _value in sent[1]]
        assert len(names) == len(set(names))
        return int(sent[0].split()[0]), dict(sent[1]), body


@pytest.fixture
def site() -> Site:
    put(
        StoredFile(path="/de/about/", body=PAGE),
        StoredFile(path="/de/help/", body=PAGE),
        StoredFile(path="/de/diary/", body=PAGE),
        StoredFile(path="/de/search/", body=PAGE, answers_query=True),
        StoredFile(path="/de/old/", body=PAGE, moved="301 /de/about/"),
        StoredFile(path="/de/über/", body=PAGE),
        StoredFile(path="/errors/de/404.html", body=PAGE),
        StoredFile(path="/404.html", body=PAGE),
        StoredFile(path="/sitemap.xml", body=PAGE),
        StoredFile(path="/documents/7/leaflet.pdf", body=FILE),
    )
    return Site()


class TestPage:
    @pytest.mark.parametrize("path", ["/de/about/", "/de/über/"])
    def test_is_answered_whole(self, site: Site, path: str):
        status, headers, body = site(path)

        assert (status, body) == (200, PAGE)
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["Content-Length"] == str(len(PAGE))
        assert headers["Vary"] == "Accept-Encoding"
        assert site.django.asked == []

    def test_has_no_body_for_head(self, site: Site):
        _, whole, _ = site("/de/about/", accept_encoding="br")
        status, headers, body = site("/de/about/", "HEAD", accept_encoding="br")

        assert (status, headers, body) == (200, whole, b"")

    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("br", "br"),
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("GZIP", "gzip"),
            ("gzip;q=1.0, br;q=0.5", "gzip"),
            ("gzip;q=0, br;q=0.1", "br"),
            ("gzip, br;q=0.5", "gzip"),
            ("br;q=1.0, gzip", "br"),
            ("br;q=1, gzip;q=1, identity;q=1", "br"),
            ("*", "br"),
            ("br;q=0, *;q=0.5", "gzip"),
            ("identity", None),
            ("", None),
            ("deflate", None),
            ("br;q=0.1, identity;q=0.9", None),
            ("br;q=nonsense", None),
            ("br;q=nonsense, *;q=0.5", "gzip"),
            ("identity;q=0", None),
            (";;;,,,q=", None),
        ],
    )
    def test_comes_in_the_encoding_that_the_reader_likes_best(self, site: Site, accepted: str, encoding: str | None):
        _, headers, body = site("/de/about/", accept_encoding=accepted)

        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
        assert headers.get("Content-Encoding") == encoding
        assert unpack(body) == PAGE

    @pytest.mark.parametrize(
        "path", ["/de/about/", "/de/über/", "/de/help/", "/documents/7/leaflet.pdf", "/sitemap.xml"]
    )
    @pytest.mark.parametrize("query", ["utm_source=paper&gclid=1", "anything", "q=x"])
    def test_that_takes_no_query_goes_on_without(self, site: Site, path: str, query: str):
        status, headers, body = site(path, query=query)

        assert (status, headers["Location"], body) == (302, quote(path), b"")
        assert site.django.asked == []

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("fbclid=1", ""),
            ("q=x&utm_source=paper", "?q=x"),
            ("UTM_Medium=mail&q=a%20b&page=2&msclkid=", "?q=a%20b&page=2"),
            ("gclid", ""),
        ],
    )
    def test_that_takes_a_query_goes_on_without_what_tracks(self, site: Site, query: str, kept: str):
        status, headers, _ = site("/de/search/", query=query)

        assert (status, headers["Location"]) == (302, f"/de/search/{kept}")
        assert site.django.asked == []

    def test_that_answers_a_query_leaves_it_to_django(self, site: Site):
        assert site("/de/search/")[0] == 200
        assert site("/de/search/", query="q=x")[2] == b"Django"

    def test_without_its_last_slash_is_sent_on(self, site: Site):
        status, headers, body = site("/de/über", query="a=1")

        assert (status, headers["Location"], body) == (301, "/de/%C3%BCber/?a=1", b"")
        assert headers["Content-Length"] == "0"
        assert site("/de/über")[1]["Location"] == "/de/%C3%BCber/"
        assert {"Content-Encoding", "ETag", "Last-Modified", "Vary"}.isdisjoint(headers)

    def test_that_has_moved_is_sent_on(self, site: Site):
        put(StoredFile(path="/de/today/", body=PAGE, moved="302 /de/about/"))  # for a time
        for path, expected in (("/de/old/", 301), ("/de/old", 301), ("/de/today/", 302)):
            status, headers, body = site(path, accept_encoding="br")

            assert (status, headers["Location"], body) == (expected, "/de/about/", b"")
            assert {"Content-Encoding", "ETag", "Last-Modified", "Vary"}.isdisjoint(headers)
        assert site.django.asked == []

    def test_comes_in_another_encoding_where_one_is_missing(self, site: Site):
        (FileStore().root / "de/about/index.html.br").unlink()

        assert site("/de/about/", accept_encoding="br, gzip")[1]["Content-Encoding"] == "gzip"

    def test_needs_no_query_to_be_named(self, site: Site):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/de/search/", "HTTP_HOST": settings.PUBLIC_HOST}

        assert site.server.prerendered(environ).status == 200

    def test_does_not_name_its_server(self, site: Site):
        for path in ("/de/about/", "/de/old/", "/de/nowhere/"):
            assert site(path)[1]["Server"] == ""

    def test_other_methods_and_hosts_are_djangos(self, site: Site):
        assert site("/de/about/", "POST")[2] == b"Django"
        for host in (settings.PRIVATE_HOST, "evil.example", "", "localhost:x", "localhost@evil"):
            assert site("/de/about/", host=host)[2] == b"Django"
        assert site("/de/about/", host=f"{settings.PUBLIC_HOST}:1234")[0] == 200


class TestNew:
    def test_render_is_served_immediately_by_every_worker(self, site: Site):
        other = Site()
        for worker in (site, other):
            assert worker("/de/about/", accept_encoding="br")[2]

        put(StoredFile(path="/de/about/", body=PAGE.replace(b"words", b"lines")))

        for worker in (site, other):
            assert b"lines" in worker("/de/about/")[2]
            assert b"lines" in brotli.decompress(worker("/de/about/", accept_encoding="br")[2])

    def test_file_that_was_removed_is_gone_immediately(self, site: Site):
        site("/de/about/", accept_encoding="gzip")
        folder = FileStore()
        with folder.locked():
            folder.remove(["de/about/index.html"])

        for accepted in ("br", "gzip", ""):
            assert site("/de/about/", accept_encoding=accepted)[2] == b"Django"

    def test_page_where_a_sign_was_is_no_sign_any_more(self, site: Site):
        assert site("/de/old/")[0] == 301

        put(StoredFile(path="/de/old/", body=PAGE))

        assert site("/de/old/")[0] == 200

    def test_server_finishes_a_render_that_was_cut_off(self, site: Site, monkeypatch):
        sheet = StoredFile(path="/de/about/", body=PAGE.replace(b"words", b"lines"))
        folder = FileStore()
        edition = folder.stage([sheet])
        monkeypatch.setattr(FileStore, "_replay", lambda self, steps: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt), folder.locked():
            folder.put(edition, {sheet.path})
        monkeypatch.undo()

        assert b"lines" in Site()("/de/about/")[2]


class TestReadOnly:
    def test_folder_is_served_as_it_is(self, site: Site, monkeypatch, caplog):
        caplog.set_level("INFO")

        def refused(*args: object, **kwargs: object) -> None:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        monkeypatch.setattr(Path, "mkdir", refused)

        assert Site()("/de/about/")[2] == PAGE
        assert "read-only" in caplog.text


class TestMemory:
    @pytest.fixture
    def read(self, monkeypatch) -> list[str]:
        """The files that are read from the disk, from now on."""
        found: list[str] = []

        class Noted(serving.CachedFile):
            def __init__(self, file: str, *rest: Any) -> None:
                found.append(Path(file).parent.name)
                super().__init__(file, *rest)

        monkeypatch.setattr(serving, "CachedFile", Noted)
        return found

    def test_spares_the_disk(self, site: Site, read):
        for path in ("/de/about/", "/de/help/", "/de/about/"):
            site(path)

        assert read == ["about", "help"]

    def test_has_a_limit(self, site: Site, monkeypatch):
        monkeypatch.setattr(serving, "CACHE_LIMIT", 20_000)
        for number in range(8):
            put(StoredFile(path=f"/documents/{number}/leaflet.pdf", body=os.urandom(5_000 * (number % 2 + 1))))
            site(f"/documents/{number}/leaflet.pdf")

        assert site.server.files.cached_bytes <= 20_000 + 2048

    def test_counts_small_files_as_well(self, site: Site, read, monkeypatch):
        monkeypatch.setattr(serving, "CACHE_LIMIT", 20_000)
        for number in range(40):
            put(StoredFile(path=f"/de/{number}/", body=b"x"))
            site(f"/de/{number}/")

        site("/de/0/")

        assert read[-1] == "0"

    def test_counts_what_was_replaced_once(self, site: Site, read, monkeypatch):
        monkeypatch.setattr(serving, "CACHE_LIMIT", 20_000)
        site("/de/diary/")
        for number in range(40):
            put(StoredFile(path="/de/about/", body=PAGE + bytes(number)))
            site("/de/about/")

        site("/de/diary/")

        assert read.count("diary") == 1

    def test_counts_nothing_where_nothing_is_kept(self, site: Site):
        """Errors of counting would add up over months."""
        put(
            StoredFile(path="/documents/8/film.mp4", body=bytes(700_000)),
            StoredFile(path="/documents/9/leaflet.pdf", body=bytes(100_000)),
        )
        counted = [site.server.files.cached_bytes]
        for path in ("/de/about/", "/documents/8/film.mp4", "/documents/9/leaflet.pdf"):
            site(path)
            counted.append(site.server.files.cached_bytes)

        for file, path in [*site.server.files.cache]:
            site.server.files.evict(file, path)

        # A page is its bytes, and each file is reckoned as two kilobytes more.
        # Large files are not kept.
        with_a_page = len(PAGE) + 2048
        assert counted == [0, with_a_page, with_a_page + 2048, with_a_page + 100_000 + 2 * 2048]
        assert site.server.files.cached_bytes == 0

    def test_is_cleared_once_it_is_full(self, site: Site, monkeypatch):
        monkeypatch.setattr(serving, "CACHE_LIMIT", len(PAGE) + 2048)

        site("/de/about/")
        site("/de/diary/")

        assert site.server.files.cached_bytes == len(PAGE) + 2048


class TestConditional:
    def test_known_tag_is_answered_short(self, site: Site):
        _, headers, _ = site("/de/about/", accept_encoding="br")
        for tag in (headers["ETag"], f'"x", {headers["ETag"]}', f"W/{headers['ETag']}", "*"):
            status, short, body = site("/de/about/", accept_encoding="br", if_none_match=tag)

            assert (status, body) == (304, b"")
            assert short["ETag"] == headers["ETag"]
            assert {"Content-Type", "Content-Encoding"}.isdisjoint(short)

    def test_tags_of_different_encodings_differ(self, site: Site):
        tags = {site("/de/about/", accept_encoding=accepted)[1]["ETag"] for accepted in ("br", "gzip", "")}

        assert len(tags) == 3

    def test_known_date_is_answered_short(self, site: Site):
        modified = site("/de/about/")[1]["Last-Modified"]

        assert site("/de/about/", if_modified_since=modified)[0] == 304
        assert site("/de/about/", if_modified_since="Sat, 01 Jan 2000 00:00:00 GMT")[0] == 200
        assert site("/de/about/", if_modified_since="nonsense")[0] == 200

    def test_tag_is_stronger_than_date(self, site: Site):
        modified = site("/de/about/")[1]["Last-Modified"]

        assert site("/de/about/", if_none_match='"other"', if_modified_since=modified)[0] == 200

    def test_help_pages_carry_nothing_to_be_known_by(self, site: Site):
        status, headers, _ = site("/de/help/", if_none_match="*", if_modified_since="Sat, 01 Jan 2050 00:00:00 GMT")

        assert status == 200
        assert {"ETag", "Last-Modified"}.isdisjoint(headers)


class TestParts:
    PATH = "/documents/7/leaflet.pdf"

    @pytest.mark.parametrize(
        ("asked", "part"),
        [("bytes=0-9", (0, 10)), ("bytes=100-", (100, 1024)), ("bytes=-24", (1000, 1024)),
         ("bytes=1000-5000", (1000, 1024)), ("bytes=5-5", (5, 6)), ("bytes=0-0", (0, 1)), ("bytes=0-1", (0, 2)),
         ("bytes=-5000", (0, 1024))],
    )  # fmt: skip
    def test_of_a_file_may_be_asked_for(self, site: Site, asked: str, part: tuple[int, int]):
        status, headers, body = site(self.PATH, range=asked)

        assert (status, body) == (206, FILE[slice(*part)])
        assert headers["Accept-Ranges"] == "bytes"
        assert headers["Content-Range"] == f"bytes {part[0]}-{part[1] - 1}/1024"
        assert headers["Content-Length"] == str(len(body))

    @pytest.mark.parametrize("asked", ["bytes=2000-", "bytes=1024-", "bytes=-0"])
    def test_that_are_not_there_are_said_to_be_missing(self, site: Site, asked: str):
        status, headers, body = site(self.PATH, range=asked)

        assert (status, headers["Content-Range"], body) == (416, "bytes */1024", b"")
        assert headers["Content-Length"] == "0"

    @pytest.mark.parametrize(
        "asked", ["bytes=5-2", "bytes=0-1,5-6", "bytes=-", "lines=1-2", "bytes=" + "9" * 100 + "-", "x"]
    )
    def test_that_make_no_sense_give_the_whole(self, site: Site, asked: str):
        assert site(self.PATH, range=asked)[0] == 200

    @pytest.mark.parametrize(("longer", "status"), [(0, 206), (1, 200)])
    def test_are_requested_in_sixty_characters_at_most(self, site: Site, longer: int, status: int):
        asked = "bytes=" + "0" * (60 + longer - len("bytes=-9")) + "-9"

        assert site(self.PATH, range=asked)[0] == status

    def test_are_given_only_of_the_same_file(self, site: Site):
        tag = site(self.PATH)[1]["ETag"]

        assert site(self.PATH, range="bytes=0-9", if_range=tag)[0] == 206
        assert site(self.PATH, range="bytes=0-9", if_range='"other"')[0] == 200

    def test_of_a_page_are_not_given(self, site: Site):
        status, headers, _ = site("/de/about/", range="bytes=0-9")

        assert (status, headers.get("Accept-Ranges")) == (200, None)

    def test_of_a_long_file_are_read_piece_by_piece(self, site: Site):
        whole = os.urandom(700_000)
        put(StoredFile(path="/documents/8/film.mp4", body=whole))

        assert site("/documents/8/film.mp4")[2] == whole
        assert site("/documents/8/film.mp4", range="bytes=123456-654321")[2] == whole[123456:654322]
        assert site("/documents/8/film.mp4", "HEAD")[2] == b""


class TestDocument:
    def test_is_saved_and_never_run(self, site: Site):
        _, headers, body = site("/documents/7/leaflet.pdf", accept_encoding="br")

        assert body == FILE
        assert headers["Content-Type"] == "application/pdf"
        assert headers["Content-Disposition"] == 'attachment; filename="leaflet.pdf"'
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Encoding" not in headers


class TestPictures:
    @pytest.mark.parametrize("folder", ["images", "original_images", "documents"])
    def test_are_not_answered_from_uploads(self, site: Site, folder: str):
        path = Path(settings.MEDIA_ROOT) / folder
        path.mkdir(parents=True, exist_ok=True)
        (path / "path.webp").write_bytes(FILE)

        assert site(f"/media/{folder}/path.webp")[2] == b"Django"

    def test_are_answered_as_they_were_rendered_once_a_page_shows_them(self, site: Site):
        assert site("/pictures/path.webp")[2] == b"Django"
        put(StoredFile(path="/pictures/path.webp", body=FILE))

        status, headers, body = site("/pictures/path.webp")

        assert (status, headers["Content-Type"], body) == (200, "image/webp", FILE)


class TestWithoutRendering:
    def test_pages_are_djangos_to_render(self, site: Site, settings):
        """In development, also while the folder still holds an older render."""
        settings.RENDER_ON_REQUEST = True

        assert Site()("/de/about/")[2] == b"Django"
        assert site("/de/about/")[2] == PAGE


class TestJson:
    @pytest.fixture(autouse=True)
    def _answers(self, site: Site):
        put(
            StoredFile(path="/hsds/de/services", body=b"[]"),
            StoredFile(path="/hsds/de/search", body=b"[]", answers_query=True),
        )

    @pytest.mark.parametrize("path", ["/hsds/de/services", "/hsds/de/services/", "/hsds/de/search"])
    def test_is_answered_with_and_without_a_slash(self, site: Site, path: str):
        status, headers, body = site(path)

        assert (status, headers["Content-Type"], body) == (200, "application/json", b"[]")

    def test_leaves_to_django_only_a_query_that_it_answers(self, site: Site):
        assert site("/hsds/de/services", query="utm=1")[2] == b"[]"
        assert site("/hsds/de/search", query="q=x")[2] == b"Django"


class TestBehindAnotherServer:
    """Without a `PrerenderServer` before Django, Django answers from the same files."""

    def test_lets_an_answer_pass_that_is_sent_as_it_is_made(self, site: Site, rf):
        request = rf.get("/hsds/en/export", headers={"host": settings.PUBLIC_HOST})
        request.site_kind = SiteKind.PUBLIC

        sent = StreamingHttpResponse([b"/media/images/", b"path.webp"])

        assert b"".join(PrerenderMiddleware(lambda request: sent)(request)) == b"/media/images/path.webp"

    @pytest.fixture
    def ask(self, site: Site, rf):
        def ask(path: str, *, host: str = settings.PUBLIC_HOST, **headers: str) -> tuple[int, bytes]:
            request = rf.get(path, headers={"host": host, **headers})
            request.site_kind = SiteKind.PRIVATE if host == settings.PRIVATE_HOST else SiteKind.PUBLIC
            answer = PrerenderMiddleware(lambda request: HttpResponse("Django"))(request)
            return answer.status_code, b"".join(answer)

        return ask

    def test_answers_what_is_rendered_and_not_in_the_admin(self, ask):
        assert ask("/de/about/") == (200, PAGE)
        assert ask("/de/about/", host=settings.PRIVATE_HOST) == (200, b"Django")

    def test_leaves_a_query_to_the_page_that_answers_it(self, ask):
        put(StoredFile(path="/en/campaigns/", body=PAGE, answers_query=True))

        assert ask("/en/campaigns/?theme=x") == (200, b"Django")

    @pytest.mark.parametrize("path", ["/en/nowhere/?q=x", "/en/nowhere?q=x", "/en/nowhere/", "/en/nowhere"])
    def test_answers_404_without_django(self, ask, path: str):
        assert ask(path)[0] == 404

    def test_says_so_with_the_rendered_page_of_the_part_of_the_site(self, ask):
        put(
            StoredFile(path="/errors/en/404.html", body=b"Nothing here"),
            StoredFile(path="/errors/en/help/404.html", body=b"Nothing here, and a way out"),
        )

        assert ask("/en/nowhere/") == (404, b"Nothing here")
        status, body = ask("/en/help/nowhere/")
        assert (status, padding.stripped("/errors/en/help/404.html", body)) == (404, b"Nothing here, and a way out")

    def test_has_a_plain_page_where_none_was_rendered(self, ask):
        status, page = ask("/en/nowhere/")

        assert status == 404
        assert b"<h1" in page


class TestNotServed:
    """Nothing without an address is served, whether it is inside the folder or outside."""

    @pytest.mark.parametrize(
        "path",
        [
            "/de/about/index.html", "/de/about/index.html.br", "/de/about/.moved", "/de/search/.answers-query",
            "/sitemap.xml.gz", "/.prerender/lock", "/.prerender/", "/errors/de/404.html", "/404.html", "/de",
            "/de/about//", "//de/about/", "/de/../de/about/", "/de/about/../about/", "/..", "/../../etc/passwd", "/./",
            "/de/about/\0", "/de\\about/", "/de/about/%2e%2e/", "/" + "x" * 5000, "/" + "x/" * 3000,
            "/media/images/../original_images/path.webp", "", "*", "http://localhost/de/about/",
        ],
    )  # fmt: skip
    def test_is_djangos_to_refuse(self, site: Site, path: str):
        assert site(path)[2] == b"Django"

    def test_broken_encoding_is_djangos(self, site: Site):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/de/\xff/", "HTTP_HOST": settings.PUBLIC_HOST}

        assert site.server.prerendered(environ) is None

    def test_links_out_of_the_folder_lead_nowhere_above_it(self, site: Site):
        (FileStore().root / "de" / "folder").mkdir()

        assert site("/de/folder")[2] == b"Django"
        assert site("/de/folder/")[2] == b"Django"

    @given(st.text(alphabet=st.sampled_from(list("/.%\\\0 ade-")), max_size=40))
    def test_no_address_leaves_the_folder(self, path: str):
        answer = Site()(path or "/")

        assert answer[2] == b"Django" or answer[0] in {200, 301}


class TestFailure:
    def test_is_plain_and_sends_the_server_no_data(self, site: Site, monkeypatch, caplog):
        def crash(*args: object, **kwargs: object) -> None:
            raise ValueError("the words of a visitor")

        monkeypatch.setattr(site.server.files, "answer", crash)

        status, headers, body = site("/de/about/")

        assert status == 500
        assert headers["Referrer-Policy"] == "no-referrer"
        assert (headers["Cache-Control"], headers["Server"]) == ("no-store", "")
        assert headers["Content-Type"].startswith("text/html")
        assert "Something went wrong on our side" in body.decode()
        assert "words of a visitor" not in caplog.text + body.decode()
        assert "not answered: ValueError" in caplog.text


class TestHttps:
    @pytest.fixture(autouse=True)
    def _production(self, settings):
        settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SECURE_HSTS_SECONDS = 31_536_000
        settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
        settings.ONION_URL = "http://abc.onion"

    def test_is_required_by_every_response(self, site: Site):
        for path in ("/de/about/", "/de/old/", "/de/about"):
            _, headers, _ = site(path, x_forwarded_proto="https")

            assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"

    def test_is_required_as_far_as_the_settings_say(self, site: Site, settings):
        settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = False

        _, headers, _ = site("/de/about/", x_forwarded_proto="https")

        assert headers["Strict-Transport-Security"] == "max-age=31536000"

    def test_is_not_required_where_there_is_none(self, site: Site, settings):
        settings.SECURE_SSL_REDIRECT = False

        for path in ("/de/about/", "/de/old/"):
            assert "Strict-Transport-Security" not in site(path)[1]

    @pytest.mark.parametrize("schemes", [{}, {"x_forwarded_proto": "http"}, {"x_forwarded_proto": "http, https"}])
    def test_is_djangos_to_demand_unless_the_nearest_server_says_so(self, site: Site, schemes: dict[str, str]):
        assert site("/de/about/", **schemes)[2] == b"Django"
        assert site("/de/about/", x_forwarded_proto="https, http")[0] == 200

    @pytest.mark.parametrize("path", ["/de/about/", "/de/über/"])
    def test_announces_the_onion_address(self, site: Site, path: str):
        _, headers, _ = site(path, x_forwarded_proto="https")

        assert headers["Onion-Location"] == f"http://abc.onion{quote(path)}"

    @pytest.mark.parametrize(("scheme", "answered"), [("https", True), ("http", False)])
    def test_may_end_at_this_server(self, site: Site, scheme: str, answered: bool):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/de/about/", "HTTP_HOST": settings.PUBLIC_HOST}

        answer = site.server.prerendered({**environ, "wsgi.url_scheme": scheme})

        assert (answer is not None) is answered

    def test_does_not_tell_the_onion_of_itself(self, site: Site):
        status, headers, _ = site("/de/about/", x_forwarded_proto="https", host="abc.onion")

        assert status == 200
        assert "Onion-Location" not in headers


def test_preferred_never_fails_on_any_header():
    @given(st.text(max_size=60))
    def check(header: str) -> None:
        assert set(preferred_encodings(header)) <= {"br", "gzip"}

    check()
