"""Headers of both sites, by route and method, error pages and refusals included."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.test import Client

from core.http import SiteKind, headers
from home.models import StandardPage
from prerender.store.files import FileStore, StoredFile
from tests.factories.core import StandardPageFactory
from tests.support.publishing import render_only

# The headers of every response of the public site (privacy-security).
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-Frame-Options": "DENY",
    "X-Download-Options": "noopen",
    "X-Permitted-Cross-Domain-Policies": "none",
}
# The headers of pages that partners may embed in a frame.
IN_A_FRAME = {**ALWAYS, "X-Frame-Options": None, "Cross-Origin-Resource-Policy": "cross-origin"}
NEVER = {
    "Set-Cookie",
    "Server",
    "NEL",
    "Report-To",
    "Reporting-Endpoints",
    "Content-Security-Policy-Report-Only",
    "X-Powered-By",
    "Via",
}
PRIVATE_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex",
}
HELP_CACHE = "no-store, no-cache, must-revalidate, no-transform, private"
# The status of each route; None where any is allowed.
ROUTES = {
    "/": 200,
    "/en/": 200,
    "/en/about/": 200,
    "/en/about": 301,
    "/en/old/": 301,
    "/en/help/": 200,
    "/en/help/lu/": 404,
    "/en/embed/lu/": 200,
    "/en/embed/zz/": 404,
    "/en/embed/": 404,
    "/de/help": 404,
    "/en/search/": 200,
    "/en/search/?q=x": 200,
    "/en/nowhere/": 404,
    "/nowhere": 404,
    "/admin/": 404,
    "/robots.txt": 200,
    "/sitemap.xml": 200,
    "/favicon.ico": None,
    "/documents/1/notes.txt": 200,
    "/documents/2/notes.txt": 404,
    "/pictures/path.webp": 200,
    "/media/images/path.webp": 404,
    "/media/original_images/path.webp": 404,
    "/static/css/site.css": None,
    "/crash/": None,
    "/hsds/en": 200,
    "/hsds/en/services/?page=x": None,
    "/hsds/en/nothing": 404,
}
METHODS = ("GET", "HEAD", "POST", "PUT", "TRACE", "OPTIONS")


def directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


@pytest.fixture
def site(home, settings) -> None:
    """Create a file of each kind in the public folder."""
    StandardPageFactory(parent=home, slug="about")
    render_only("/", "/en/", "/en/about/", "/en/search/", "/robots.txt", "/sitemap.xml")
    put(
        StoredFile(path="/en/help/", body=b"help"),
        StoredFile(path="/en/embed/lu/", body=b"list"),
        StoredFile(path="/hsds/en", body=b"{}"),
        StoredFile(path="/en/old/", body=b"sign", moved="301 /en/about/"),
        StoredFile(path="/documents/1/notes.txt", body=b"notes"),
        StoredFile(path="/pictures/path.webp", body=b"picture"),
    )
    from django.core.files.storage import default_storage

    default_storage.save("images/path.webp", ContentFile(b"picture"))
    default_storage.save("original_images/path.webp", ContentFile(b"picture"))


def put(*sheets: StoredFile) -> None:
    folder = FileStore()
    edition = folder.stage(sheets)
    with folder.locked():
        folder.put(edition, {sheet.path for sheet in sheets})


class TestPublic:
    def test_every_route_and_method_has_the_table(self, site, public):
        for path, status in ROUTES.items():
            for method in METHODS:
                response = public.generic(method, path)
                if response.streaming:
                    response.getvalue()  # reading a file to its end closes it
                where = (method, path, response.status_code)
                if method not in {"GET", "HEAD"}:
                    assert response.status_code == 405, where
                elif status is not None:
                    assert response.status_code == status, where
                sent = dict(response.items())
                wanted = IN_A_FRAME if is_embed(path) else ALWAYS
                assert {name: sent.get(name) for name in wanted} == wanted, where
                assert NEVER.isdisjoint(sent), where
                assert "cookie" not in sent.get("Vary", "").lower(), where
                assert "Strict-Transport-Security" not in sent, where
                assert "=(self)" not in sent["Permissions-Policy"], where
                check_sharing(path, sent)
                found = response.status_code < 400
                check_policy(path, directives(sent["Content-Security-Policy"]), found=found)
                check_cache(path, response.status_code, sent)

    def test_answers_of_django_and_prerendered_ones_are_alike(self, site, public, settings):
        """A page has the same headers from a file and, in development, from its template."""
        prerendered = public.get("/en/about/")
        settings.RENDER_ON_REQUEST = True
        rendered = Client(headers={"host": settings.PUBLIC_HOST}).get("/en/about/")

        of_a_file = {"ETag", "Last-Modified", "Vary", "Content-Length"}
        assert {k: v for k, v in prerendered.items() if k not in of_a_file} == {
            k: v for k, v in rendered.items() if k not in of_a_file
        }

    def test_refused_hosts_have_them_too(self, db):
        response = Client(headers={"host": "evil.example"}).get("/en/")

        assert response.status_code == 400
        assert {name: response.get(name) for name in ALWAYS} == ALWAYS
        assert response["Cache-Control"] == "no-store"

    def test_failures_have_them_too(self, home, settings, monkeypatch):
        settings.RENDER_ON_REQUEST = True
        monkeypatch.setattr(StandardPage, "serve", lambda *args, **kwargs: 1 / 0)
        StandardPageFactory(parent=home, slug="about")
        response = Client(headers={"host": settings.PUBLIC_HOST}, raise_request_exception=False).get("/en/about/")

        assert response.status_code == 500
        assert {name: response.get(name) for name in ALWAYS} == ALWAYS
        assert response["Cache-Control"] == "no-store"


def check_policy(path: str, policy: Mapping[str, str], *, found: bool = True) -> None:
    assert policy["default-src"] == "'none'", path
    if path.startswith("/documents/") and found:
        assert "sandbox" in policy
        return
    assert policy["base-uri"] == "'none'", path
    assert policy["frame-ancestors"] == ("*" if is_embed(path) else "'none'"), path
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == "'self'", path
    assert policy["form-action"] == ("'none'" if is_help(path) or is_embed(path) else "'self'"), path
    assert "unsafe" not in str(policy) + path


def is_help(path: str) -> bool:
    return re.match(r"/[a-z]{2}/help(/|$)", path) is not None


def is_embed(path: str) -> bool:
    return "/embed/" in path and not path.endswith("/embed/")


def check_sharing(path: str, sent: Mapping[str, str]) -> None:
    """Pages of other sites may read the open API, and nothing else."""
    open_api = path.startswith(("/api/", "/hsds/"))
    assert sent.get("Access-Control-Allow-Origin") == ("*" if open_api else None), path
    shared = open_api or is_embed(path)
    assert sent["Cross-Origin-Resource-Policy"] == ("cross-origin" if shared else "same-origin"), path


def check_cache(path: str, status: int, sent: Mapping[str, str]) -> None:
    if is_help(path) or is_embed(path):
        assert sent["Cache-Control"] == HELP_CACHE
        assert sent["X-Robots-Tag"] == ("noindex" if is_embed(path) else "noarchive")
        assert {"ETag", "Last-Modified"}.isdisjoint(sent), path
        return
    assert "X-Robots-Tag" not in sent
    if status >= 400 or "?" in path:
        assert sent["Cache-Control"] == "no-store", path
    else:
        assert sent["Cache-Control"] == "no-cache", path
    assert (sent["Expires"], sent["Pragma"]) == ("-1", "no-cache")


class TestHelp:
    @pytest.mark.parametrize(
        ("is_help", "paths"),
        [
            (
                True,
                ["/en/help/", "/en/help", "/de/help/lu/", "/zh-hans/help/", "/pt-br/help/x/y/", "/en/embed/lu/",
                 "/en/embed/lu"],
            ),
            (
                False,
                ["/help/", "/en/helping/", "/en/about/help/", "/en/", "//help/", "/en/embed/",
                 "/en/embed/luxembourg/"],
            ),
        ],
    )  # fmt: skip
    def test_addresses_are_the_helplines_and_others_are_not(self, is_help: bool, paths: list[str]):
        assert [path for path in paths if headers.is_sensitive(path) is not is_help] == []


# Permissions of public pages in a browser.
PAGE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "media-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# Pages of the helpline can neither play anything nor send a form.
HELP_POLICY = {
    name: value for name, value in PAGE_POLICY.items() if name not in {"media-src", "font-src", "manifest-src"}
} | {"form-action": "'none'"}
NOT_KEPT_WITHOUT_ASKING = {"Cache-Control": "no-cache", "Expires": "-1", "Pragma": "no-cache"}
SAME_ORIGIN = {"Cross-Origin-Resource-Policy": "same-origin"}
# Browsers' names of the features that are disabled for all pages.
# A misspelt name is no protection.
FEATURES = [
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
]


def read(found: Mapping[str, str]) -> dict[str, object]:
    """Return headers with the content policy as its directives, and without the features, tested separately."""
    return {
        name: directives(value) if name == "Content-Security-Policy" else value
        for name, value in found.items()
        if name != "Permissions-Policy"
    }


class TestPublicTable:
    """The complete headers of each kind of address."""

    def test_of_a_page(self):
        assert read(headers.public_headers("/en/about/")) == {
            **ALWAYS,
            **SAME_ORIGIN,
            **NOT_KEPT_WITHOUT_ASKING,
            "Content-Security-Policy": PAGE_POLICY,
        }

    @pytest.mark.parametrize("rendered", [True, False])
    def test_of_the_helpline(self, rendered: bool):
        assert read(headers.public_headers("/en/help/", rendered=rendered)) == {
            **ALWAYS,
            **SAME_ORIGIN,
            **NOT_KEPT_WITHOUT_ASKING,
            "Cache-Control": HELP_CACHE,
            "X-Robots-Tag": "noarchive",
            "Content-Security-Policy": HELP_POLICY,
        }

    def test_of_what_a_partner_may_show_in_a_frame(self):
        in_a_frame = {name: value for name, value in IN_A_FRAME.items() if value is not None}

        assert read(headers.public_headers("/en/embed/lu/")) == {
            **in_a_frame,
            **NOT_KEPT_WITHOUT_ASKING,
            "Cache-Control": HELP_CACHE,
            "X-Robots-Tag": "noindex",
            "Content-Security-Policy": {**HELP_POLICY, "frame-ancestors": "*"},
        }

    def test_of_the_open_api(self):
        assert read(headers.public_headers("/hsds/en")) == {
            **ALWAYS,
            **NOT_KEPT_WITHOUT_ASKING,
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": "*",
            "Content-Security-Policy": PAGE_POLICY,
        }

    def test_of_an_uploaded_document(self):
        assert read(headers.public_headers("/documents/1/notes.html")) == {
            **ALWAYS,
            **SAME_ORIGIN,
            **NOT_KEPT_WITHOUT_ASKING,
            "Content-Disposition": 'attachment; filename="notes.html"',
            "Content-Security-Policy": {"default-src": "'none'", "sandbox": ""},
        }

    @pytest.mark.parametrize("path", ["/en/about/", "/en/help/", "/en/embed/lu/"])
    def test_of_a_preview_allows_framing_by_the_admin_and_no_caching(self, path: str, settings):
        found = read(headers.public_headers(path, preview=True))

        assert found["Content-Security-Policy"]["frame-ancestors"] == settings.PRIVATE_URL
        assert "X-Frame-Options" not in found
        assert (found["Cache-Control"], found["X-Robots-Tag"]) == ("no-store, private", "noindex")

    def test_gives_no_feature_of_the_browser_to_any_page(self):
        policy = headers.public_headers("/en/about/")["Permissions-Policy"]

        assert policy.split(", ") == [f"{feature}=()" for feature in FEATURES]

    def test_has_the_policies_that_apps_declare(self, declare):
        policy = headers.Policy(paths=headers.below_language("choir/"), embeddable=True)

        declare(header_policies=[policy])

        assert headers.policies_for("/en/choir/") == [policy]
        assert not headers.is_sensitive("/en/choir/")


class TestPrivateTable:
    def test_of_our_own_screens(self):
        assert read(headers.private_headers("/account/login/")) == {
            **PRIVATE_ALWAYS,
            "X-Frame-Options": "DENY",
            "Content-Security-Policy": {
                "default-src": "'none'",
                "script-src": "'self'",
                "style-src": "'self'",
                "img-src": "'self' data:",
                "media-src": "'self'",
                "font-src": "'self'",
                "connect-src": "'self'",
                "form-action": "'self'",
                "base-uri": "'none'",
                "frame-ancestors": "'none'",
            },
        }

    def test_of_wagtails_screens(self, settings):
        assert read(headers.private_headers("/admin/")) == {
            **PRIVATE_ALWAYS,
            "X-Frame-Options": "SAMEORIGIN",
            "Content-Security-Policy": {
                "default-src": "'none'",
                "script-src": "'self' 'unsafe-inline'",
                "style-src": "'self' 'unsafe-inline'",
                "img-src": "'self' data: blob:",
                "font-src": "'self'",
                "media-src": "'self'",
                "connect-src": "'self'",
                "frame-src": f"'self' {settings.PUBLIC_URL}",
                "form-action": "'self'",
                "base-uri": "'none'",
                "frame-ancestors": "'self'",
            },
        }

    def test_keeps_files_with_a_hash_for_a_year(self):
        found = headers.private_headers("/static/css/site.0123456789ab.css")

        assert found["Cache-Control"] == "max-age=31536000, immutable"

    def test_gives_passkeys_to_the_admin_and_nothing_else(self):
        policy = headers.private_headers("/admin/")["Permissions-Policy"]

        assert policy.split(", ") == [
            f"{feature}=(self)" if feature.startswith("publickey-credentials") else f"{feature}=()"
            for feature in FEATURES
        ]


class TestHeadersMiddleware:
    """Headers that the middleware sets, regardless of those set by the view."""

    def sent(self, request: HttpRequest, *, site_kind: SiteKind = SiteKind.PUBLIC, **parts: Any) -> HttpResponse:
        """Return the response to a request on a site.

        `parts` are a status, headers, cookies, and attributes of the response.
        """
        response = HttpResponse(status=parts.pop("status", 200), headers=parts.pop("headers", {}))
        for name in parts.pop("cookies", ()):
            response.set_cookie(name, "you")
        for name, value in parts.items():
            setattr(response, name, value)
        request.site_kind = site_kind  # type: ignore[attr-defined]
        return headers.HeadersMiddleware(lambda _request: response)(request)

    def test_a_site_has_its_own_table(self, rf):
        public, private = (
            self.sent(rf.get("/en/about/"), site_kind=site_kind) for site_kind in (SiteKind.PUBLIC, SiteKind.PRIVATE)
        )

        assert dict(public.items()).items() >= headers.public_headers("/en/about/").items()
        assert dict(private.items()).items() >= headers.private_headers("/en/about/").items()

    @pytest.mark.parametrize(
        ("address", "facts", "kept"),
        [
            ("/en/about/", {}, "no-cache"),
            ("/en/search/?q=x", {}, "no-store"),
            ("/en/about/?x=1", {"is_prerendered": True}, "no-cache"),
            ("/en/about/", {"status": 400}, "no-store"),
            ("/en/about/", {"status": 500}, "no-store"),
        ],
    )
    def test_what_is_made_for_one_reader_is_not_kept(self, rf, address: str, facts: dict, kept: str):
        assert self.sent(rf.get(address), **facts)["Cache-Control"] == kept

    @pytest.mark.parametrize("name", ["Server", "Set-Cookie", "NEL", "Report-To", "Reporting-Endpoints"])
    def test_nothing_that_follows_readers_leaves_the_house(self, rf, name: str):
        bad = {name: "x", "Referrer-Policy": "unsafe-url", "Content-Security-Policy": "default-src *"}

        response = self.sent(rf.get("/en/about/"), headers=bad, cookies=["who"])

        assert not response.has_header(name)
        assert not response.cookies
        assert response["Referrer-Policy"] == "no-referrer"
        check_policy("/en/about/", directives(response["Content-Security-Policy"]))

    def test_the_renderer_sees_what_a_page_would_set(self, rf):
        request = rf.get("/en/about/")
        request.is_prerendering = True

        assert self.sent(request, cookies=["who"]).cookies

    @pytest.mark.parametrize(
        ("vary", "left"),
        [
            ("Accept-Encoding, Cookie", "Accept-Encoding"),
            ("cookie,Accept-Encoding , Accept-Language", "Accept-Encoding, Accept-Language"),
            ("Cookie", None),
            (None, None),
        ],
    )
    def test_nothing_depends_on_a_cookie(self, rf, vary: str | None, left: str | None):
        response = self.sent(rf.get("/en/about/"), headers={"Vary": vary} if vary else {})

        assert response.get("Vary") == left

    @pytest.mark.parametrize(("path", "kept"), [("/en/help/", False), ("/en/about/", True)])
    def test_a_browser_asks_the_helpline_for_nothing_that_it_has_seen_before(self, rf, path: str, kept: bool):
        response = self.sent(rf.get(path), headers={"ETag": '"x"', "Last-Modified": "yesterday"})

        assert [response.has_header(name) for name in ("ETag", "Last-Modified")] == [kept, kept]

    def test_a_preview_keeps_the_headers_of_its_page_in_the_frame_of_the_private_site(self, rf, settings):
        request = rf.get("/en/about/")
        request.is_preview = True

        page = self.sent(request)
        framed = self.sent(
            rf.get("/admin/pages/1/view_draft/"),
            site_kind=SiteKind.PRIVATE,
            headers=dict(page.items()),
            is_preview=page.is_preview,
        )

        assert framed["Content-Security-Policy"].endswith(f"frame-ancestors {settings.PRIVATE_URL}")
        assert dict(framed.items()) == dict(page.items())

    def test_a_page_is_no_preview_by_default(self, rf):
        assert not self.sent(rf.get("/en/about/")).is_preview

    @pytest.mark.parametrize(
        ("host", "site_kind", "told"),
        [
            ("www.example.org", SiteKind.PUBLIC, "http://abc.onion/en/?x=1"),
            ("abc.onion", SiteKind.PUBLIC, None),
            ("private.example.org", SiteKind.PRIVATE, None),
        ],
    )
    def test_onion_location_is_sent_to_readers_on_other_hosts(
        self, rf, settings, host: str, site_kind: SiteKind, told: str | None
    ):
        settings.ONION_URL = "http://abc.onion"

        response = self.sent(rf.get("/en/?x=1", secure=True, headers={"host": host}), site_kind=site_kind)

        assert response.get("Onion-Location") == told


class TestImmutable:
    def test_files_with_a_hash_are_kept_for_a_year(self):
        found = headers.public_headers("/static/css/site.0123456789ab.css")

        assert found["Cache-Control"] == "max-age=31536000, immutable"
        assert {"Expires", "Pragma"}.isdisjoint(found)

    @pytest.mark.parametrize("path", ["/static/css/site.css", "/static/x.0123456789AB.css", "/x.0123456789ab.css"])
    def test_others_are_not(self, path: str):
        assert headers.public_headers(path)["Cache-Control"] == "no-cache"


class TestOnion:
    @pytest.mark.parametrize(
        ("onion", "host", "secure", "told"),
        [
            ("http://abc.onion", "www.example.org", True, "http://abc.onion/en/?x=1"),
            ("", "www.example.org", True, None),
            ("http://abc.onion", "www.example.org", False, None),
            ("http://abc.onion", "abc.onion", True, None),
            ("http://abc.onion", "ABC.onion:80", True, None),
        ],
    )
    def test_is_sent_over_https_with_the_path_on_other_hosts(
        self, settings, onion: str, host: str, secure: bool, told: str | None
    ):
        settings.ONION_URL = onion

        assert headers.onion_location("/en/?x=1", host=host, secure=secure) == told

    @pytest.mark.parametrize("path", ["/en/help/", "/de/help/lines/at/", "/fr/embed/lu/?x=1"])
    def test_of_a_help_page_is_as_long_for_each_of_them(self, settings, path: str):
        settings.ONION_URL = "http://abc.onion"

        assert headers.onion_location(path, host="www.example.org", secure=True) == "http://abc.onion/"


class TestPrivateSite:
    @pytest.mark.parametrize("path", ["/account/login/", "/admin/", "/en/members/", "/nowhere/", "/documents/99/x.pdf"])
    def test_every_route_has_the_table(self, home, private, path: str):
        response = private.get(path)

        assert {name: response.get(name) for name in PRIVATE_ALWAYS} == PRIVATE_ALWAYS
        assert "publickey-credentials-get=(self)" in response["Permissions-Policy"]

    def test_frames_follow_the_screen(self, home, private, admin_user):
        private.force_login(admin_user)

        assert private.get("/admin/")["X-Frame-Options"] == "SAMEORIGIN"
        assert private.get("/account/password/change/")["X-Frame-Options"] == "DENY"
