"""The two sites: the responses of each, and their separation.

Each check has a mutant test: a leak is added on purpose, and the same check must detect it.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, get_urlconf, set_urlconf
from django.utils import translation
from wagtail import hooks
from wagtail.models import Page, PageViewRestriction

from core.http import SiteKind, logs, middleware
from home.models import StandardPage
from prerender import addresses, services
from tests.factories.core import StandardPageFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import render_only

METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
PATHS = (
    "/",
    "/en/",
    "/en/about/",
    "/en/about",
    "/nowhere/",
    "/en/nowhere/",
    "/admin/",
    "/xx/",
    "/en/search/?q=a",
    "/robots.txt",
)
# Addresses that exist on both sites.
AT_BOTH = ("/", "/robots.txt", "/favicon.ico", "/.well-known/security.txt")


@pytest.fixture
@cached_fixture
def about(home) -> StandardPage:
    page: StandardPage = StandardPageFactory(parent=home, slug="about", introduction="Who we are.")
    render_only("/en/about/")
    return page


@pytest.fixture
def editor(admin_user) -> Client:
    """Return a client signed in as an editor whose browser sends its cookies to the public site, too."""
    client = Client(headers={"host": settings.PUBLIC_HOST})
    client.force_login(admin_user)
    client.cookies.load({settings.CSRF_COOKIE_NAME: "y" * 32, settings.LANGUAGE_COOKIE_NAME: "ar"})
    return client


def private_addresses() -> list[str]:
    """Return every address of the private site that takes no argument, except for those that exist on both sites."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern).lstrip("^")
            if isinstance(pattern, URLPattern):
                yield route.removesuffix("$").replace("\\Z", "")
            else:
                yield from walk(pattern.url_patterns, route)

    found = walk(get_resolver(settings.ROOT_URLCONF).url_patterns, "/")
    return sorted({route for route in found if not set(route) & set("<(*?[\\")} - {*AT_BOTH, "/en/"})


def at_public(addresses: list[str], client: Client) -> list[str]:
    """Return the addresses to which the public site responds with anything but a plain 404."""
    answers = {path: client.get(path) for path in addresses}
    return [path for path, answer in answers.items() if answer.status_code != 404 or b"<form" in answer.content]


def traces(response: HttpResponse) -> list[str]:
    """Return the cookies of a response, and the headers that depend on one."""
    found = [f"cookie {name}" for name in response.cookies]
    found += [name for name in response.headers if name.lower() == "set-cookie"]
    return found + (["Vary: Cookie"] if "cookie" in response.get("Vary", "").lower() else [])


class TestSite:
    """Request attributes and settings that a view sees, by the site of the request."""

    @pytest.fixture
    def ask(self, rf) -> Callable[..., tuple[HttpRequest, HttpResponse, dict[str, object]]]:
        """Return a function that requests an address, and returns the request, the response and its context."""

        def ask(
            path: str = "/de/nowhere/",
            *,
            host: str = settings.PUBLIC_HOST,
            method: str = "GET",
            **facts: bool,
        ) -> tuple[HttpRequest, HttpResponse, dict[str, object]]:
            found: dict[str, object] = {}

            def view(request: HttpRequest) -> HttpResponse:
                found.update(
                    language=translation.get_language(),
                    addresses=get_urlconf(),
                    answered=logs.answering.get(),
                )
                if "fails" in facts:
                    raise ValueError
                return HttpResponse("a page")

            request = rf.generic(method, path, headers={"host": host, "cookie": "who=you"})
            for name, value in facts.items():
                setattr(request, name, value)
            return request, middleware.HostMiddleware(view)(request), found

        return ask

    @pytest.mark.parametrize("site_kind", ["public", "private"])
    def test_of_another_process_is_a_host_that_this_one_does_not_know(self, ask, settings, site_kind):
        settings.SITE = site_kind

        answers = {
            each: ask(host=host)[1].status_code
            for each, host in (("public", settings.PUBLIC_HOST), ("private", settings.PRIVATE_HOST))
        }

        assert answers == {"public": 400, "private": 400} | {site_kind: 200}

    def test_of_the_public_is_still_rendered_for_previews_and_the_renderer(self, ask, settings):
        settings.SITE = "private"

        assert ask(is_dummy=True)[1].status_code == 200
        assert ask(is_prerendering=True)[1].status_code == 200

    def test_of_the_public_is_anonymous_and_without_cookies(self, ask):
        request, response, found = ask()

        assert request.site_kind is SiteKind.PUBLIC
        assert (request.COOKIES, request.user.is_anonymous) == ({}, True)
        assert request.urlconf == found["addresses"] == settings.PUBLIC_URLCONF
        assert request.LANGUAGE_CODE == found["language"] == "de"
        assert found["answered"] is request
        assert response.content == b"a page"

    @pytest.mark.parametrize("port", ["", ":8000"])
    def test_of_the_private_site_leaves_a_request_as_it_is(self, ask, port: str):
        request, response, found = ask(host=settings.PRIVATE_HOST + port)

        assert request.site_kind is SiteKind.PRIVATE
        assert request.COOKIES == {"who": "you"}
        assert not hasattr(request, "user")
        assert not hasattr(request, "urlconf")
        assert found["addresses"] != settings.PUBLIC_URLCONF
        assert found["answered"] is request
        assert response.content == b"a page"

    @pytest.mark.parametrize("guest", ["is_prerendering", "is_dummy"])
    def test_of_the_public_tells_visitors_from_rendering_and_from_editors(self, ask, guest: str):
        """Nothing about visitors is logged."""
        assert ask(**{guest: True})[2]["answered"] is None

    @pytest.mark.parametrize("facts", [{}, {"fails": True}])
    def test_is_left_as_it_was_found(self, ask, facts: dict[str, bool]):
        """A preview is a request inside another one."""
        set_urlconf(settings.ROOT_URLCONF)
        try:
            with translation.override("fr"), suppress(ValueError):
                ask(**facts)

            assert (get_urlconf(), logs.answering.get()) == (settings.ROOT_URLCONF, None)
        finally:
            set_urlconf(None)

    @pytest.mark.parametrize(
        ("method", "status", "allowed"),
        [("GET", 200, None), ("HEAD", 200, None), ("POST", 405, "GET, HEAD"), ("TRACE", 405, "GET, HEAD")],
    )
    def test_of_the_public_is_for_reading(self, ask, method: str, status: int, allowed: str | None):
        _request, response, found = ask(method=method)

        assert (response.status_code, response.get("Allow")) == (status, allowed)
        assert bool(found) is (status == 200)

    def test_that_is_not_ours_is_refused_as_on_the_public_site(self, ask):
        request, response, found = ask(host="evil.example")

        assert (request.site_kind, response.status_code, found) == (SiteKind.PUBLIC, 400, {})
        assert b'lang="en"' in response.content


class TestPrivateAddresses:
    def test_are_known_to_this_test(self):
        assert len(private_addresses()) > 60
        assert {"/admin/", "/admin/login/", "/account/login/", "/admin/pages/"} <= set(private_addresses())

    def test_are_a_plain_404_at_public(self, about, public):
        assert at_public(private_addresses(), public) == []

    def test_are_a_plain_404_for_an_editor_too(self, about, editor):
        assert at_public(["/admin/", "/admin/pages/", "/admin/login/", "/account/login/"], editor) == []

    def test_mutant_the_private_sites_addresses_at_public_are_noticed(self, about, settings):
        settings.PUBLIC_URLCONF = settings.ROOT_URLCONF

        assert at_public(["/admin/"], Client(headers={"host": settings.PUBLIC_HOST}))


class TestPublicPageOnThePrivateSite:
    def test_leads_to_the_public_site(self, about, private):
        response = private.get("/en/about/?x=1")

        assert (response.status_code, response["Location"]) == (302, f"{settings.PUBLIC_URL}/en/about/?x=1")


class TestRestrictedPage:
    @pytest.fixture(autouse=True)
    def _restricted(self, about):
        PageViewRestriction.objects.create(page=about, restriction_type=PageViewRestriction.LOGIN)
        render_only("/en/about/")

    def test_is_served_on_the_private_site_to_those_who_may(self, private, admin_user):
        private.force_login(admin_user)

        assert "Who we are." in private.get("/en/about/").content.decode()

    def test_is_not_found_on_the_public_site_by_any_client(self, public, editor):
        assert public.get("/en/about/").status_code == 404
        assert editor.get("/en/about/").status_code == 404

    def test_asks_others_to_sign_in(self, private):
        response = private.get("/en/about/")

        assert response.status_code == 302
        assert "Who we are." not in response.content.decode()

    def test_mutant_rendering_that_ignores_restrictions_is_detected(self, public, monkeypatch):
        """Wagtail's own check is a second protection: the mutant removes both."""
        monkeypatch.setattr(addresses.tree, "public_pages", lambda **options: Page.objects.live())
        monkeypatch.setattr(hooks, "get_hooks", lambda name: [])
        render_only("/en/about/")

        assert public.get("/en/about/").status_code == 200


class TestCookies:
    def test_are_never_set_and_nothing_depends_on_them(self, about, public, editor):
        found = [
            (method, path, trace)
            for client in (public, editor)
            for method in METHODS
            for path in PATHS
            for trace in traces(getattr(client, method)(path))
        ]

        assert found == []

    def test_do_not_choose_the_language(self, about, editor):
        assert 'lang="en"' in editor.get("/nowhere/").content.decode()

    def test_do_not_identify_the_visitor(self, about, editor, settings, monkeypatch):
        settings.RENDER_ON_REQUEST = True
        seen: dict[str, object] = {}

        def serve(page: StandardPage, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            seen.update(
                anonymous=request.user.is_anonymous,
                session=hasattr(request, "session"),
                cookies=request.COOKIES,
            )
            return HttpResponse()

        monkeypatch.setattr(StandardPage, "serve", serve)
        editor.get("/en/about/")

        assert seen == {"anonymous": True, "session": False, "cookies": {}}


def sets_a_cookie(response: HttpResponse) -> None:
    response.set_cookie("who", "you")


def sets_a_header(response: HttpResponse) -> None:
    response.headers["Set-Cookie"] = "who=you"


def depends_on_a_cookie(response: HttpResponse) -> None:
    response["Vary"] = "Accept-Encoding, Cookie"


@pytest.mark.parametrize("leak", [sets_a_cookie, sets_a_header, depends_on_a_cookie])
class TestMutantPage:
    """A page that sets cookies, for tests that each protection works alone.

    The renderer refuses it, the headers middleware removes them, and the check detects them without it.
    """

    @pytest.fixture(autouse=True)
    def _leaking(self, about, settings, monkeypatch, leak: Callable[[HttpResponse], None]):
        settings.RENDER_ON_REQUEST = True

        def serve(page: StandardPage, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            response = HttpResponse("new")
            leak(response)
            return response

        monkeypatch.setattr(StandardPage, "serve", serve)

    def test_is_refused_by_the_renderer(self):
        assert "/en/about/" in services.render_paths(["/en/about/"]).refused

    def test_is_cleaned_on_its_way_out(self, public):
        response = public.get("/en/about/")

        assert response.content == b"new"
        assert traces(response) == []

    def test_is_noticed_where_nothing_cleans_it(self, public, monkeypatch):
        monkeypatch.setattr("core.http.headers.HeadersMiddleware.set_public_headers", lambda *args: None)

        assert traces(public.get("/en/about/"))


class TestHosts:
    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "localhost:x",
            "localhost:80@evil.example",
            "",
            "a b",
            "[::1",
            "private.localhost.evil.example",
        ],
    )
    def test_that_are_not_ours_are_refused(self, about, host: str):
        response = Client(headers={"host": host}).get("/en/about/")

        assert response.status_code == 400
        assert "evil" not in response.content.decode()

    def test_mutant_a_site_that_takes_any_host_is_noticed(self, about, settings):
        settings.ALLOWED_HOSTS = ["*"]

        assert Client(headers={"host": "evil.example"}).get("/en/about/").status_code == 200

    @pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host"])
    def test_that_a_proxy_is_said_to_have_seen_are_ignored(self, about, name: str):
        forged = {name: settings.PRIVATE_HOST if name != "Forwarded" else f"host={settings.PRIVATE_HOST}"}

        assert Client(headers={"host": settings.PUBLIC_HOST, **forged}).get("/admin/").status_code == 404
        assert Client(headers={"host": "evil.example", name: settings.PUBLIC_HOST}).get("/en/about/").status_code == 400

    def test_mutant_a_site_that_believes_them_is_noticed(self, about, settings):
        settings.USE_X_FORWARDED_HOST = True

        assert (
            Client(headers={"host": settings.PUBLIC_HOST, "X-Forwarded-Host": settings.PRIVATE_HOST})
            .get("/admin/")
            .status_code
            == 302
        )

    @pytest.mark.parametrize("written", ["{}", "{}:1234", "{}.", "{}.:80"])
    def test_of_ours_may_be_written_in_every_way(self, about, written: str):
        for host in (settings.PUBLIC_HOST, settings.PUBLIC_HOST.upper()):
            assert Client(headers={"host": written.format(host)}).get("/en/about/").status_code == 200
        assert Client(headers={"host": written.format(settings.PRIVATE_HOST.upper())}).get("/admin/").status_code == 302

    def test_of_others_are_never_rendered(self, about, folder_text: Callable[[], str]):
        Client(headers={"host": "evil.example"}).get("/en/about/")
        services.render_paths(["/en/about/"])

        assert "evil.example" not in folder_text()


@pytest.fixture
def folder_text() -> Callable[[], str]:
    from prerender.store.files import FileStore

    folder = FileStore()
    return lambda: "".join(
        (folder.root / name).read_text() for name in folder.names() if name.endswith(("html", "xml", "txt"))
    )


class TestMethods:
    @pytest.mark.parametrize(
        "method",
        ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X" * 100],
    )
    @pytest.mark.parametrize("path", ["/en/about/", "/en/nowhere/", "/admin/", "/en/search/?q=a"])
    def test_that_change_something_are_refused(self, public, method: str, path: str):
        response = public.generic(method, path)

        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")

    def test_need_no_database_to_be_refused(self, db, public, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert public.post("/en/about/", {"a": "b"}).status_code == 405

    def test_mutant_a_site_that_takes_them_is_noticed(self, db, public, monkeypatch):
        monkeypatch.setattr(middleware, "ALLOWED", {"GET", "HEAD", "POST"})

        assert public.post("/en/about/").status_code != 405


class TestWithoutTls:
    """A site behind a web server that forwards requests from port 80, too."""

    @pytest.fixture(autouse=True)
    def _demanded(self, settings):
        settings.SECURE_SSL_REDIRECT = True

    @pytest.mark.parametrize("path", ["/api/", "/hsds/services", "/api/nowhere/?q=a"])
    def test_programs_are_refused(self, public, path: str):
        response = public.get(path)

        assert response.status_code == 403
        assert settings.PUBLIC_URL in response.content.decode()
        assert "Location" not in response
        assert response["Access-Control-Allow-Origin"] == "*"

    def test_people_are_sent_on(self, public):
        response = public.get("/en/api/")

        assert (response.status_code, response["Location"][:8]) == (301, "https://")

    def test_programs_with_it_are_answered(self, db, public):
        assert public.get("/hsds/nowhere", secure=True).status_code == 404


class TestLanguage:
    @pytest.mark.parametrize("path", ["/de/nowhere/", "/ar/nowhere/"])
    def test_of_an_address_is_that_of_its_path(self, rf, path: str):
        assert middleware.language_for(rf.get(path, headers={"accept-language": "fr"})) == path[1:3]

    def test_of_an_address_without_one_is_what_the_browser_asks_for(self, rf):
        assert middleware.language_for(rf.get("/nowhere/", headers={"accept-language": "fr"})) == "fr"

    @pytest.mark.parametrize(
        "accepted",
        ["de" * 5000, "de;q=" + "9" * 4000, ",".join(["xx-" + "y" * 50] * 500), "\u202edm", "*", "-", "de_"],
    )
    def test_that_does_not_exist_does_no_harm(self, db, public, accepted: str):
        assert public.get("/nowhere/", headers={"accept-language": accepted}).status_code == 404


class TestPreview:
    """An editor's preview is a public page inside a frame of the private site."""

    @pytest.fixture
    def preview(self, about, admin_user) -> HttpResponse:
        client = Client(headers={"host": settings.PRIVATE_HOST})
        client.force_login(admin_user)
        return client.get(f"/admin/pages/{about.pk}/view_draft/")

    def test_shows_the_page_though_it_is_rendered(self, about, preview):
        assert "Who we are." in preview.content.decode()

    def test_may_be_framed_by_the_admin_and_run_what_the_public_page_runs(self, preview):
        policy = preview["Content-Security-Policy"]

        assert f"frame-ancestors {settings.PRIVATE_URL}" in policy
        assert "unsafe" not in policy
        assert not preview.has_header("X-Frame-Options")
        assert {"no-store", "private"} <= {word.strip() for word in preview["Cache-Control"].split(",")}

    def test_leaves_the_admin_as_it_was(self, about, preview, admin_user):
        client = Client(headers={"host": settings.PRIVATE_HOST})
        client.force_login(admin_user)
        client.get(f"/admin/pages/{about.pk}/view_draft/")

        assert client.get(f"/admin/pages/{about.pk}/edit/").status_code == 200
