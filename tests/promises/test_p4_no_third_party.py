"""P4: no third party learns of a visit: no page, style sheet, script or feed loads from or sends to another host."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from demo.accounts import PASSWORD
from tests.promises.conftest import one_of_each_kind
from tests.promises.mutants import Mutant, of
from tests.support.browser import requests_of
from tests.support.server import Answer

pytestmark = [pytest.mark.browser, pytest.mark.demonstration]

TAG = re.compile(r"<([a-z][a-z0-9-]*)((?:\s[^<>]*)?)>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\s([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
LOADS = {
    "src",
    "srcset",
    "poster",
    "data",
    "background",
    "action",
    "formaction",
    "ping",
    "manifest",
    "xlink:href",
    "imagesrcset",
}
# Links that a browser does not follow by itself.
NO_LOAD = {"alternate", "canonical", "next", "prev", "license", "author", "help", "me"}
STYLE_URL = re.compile(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""")
# Addresses, which a script would need to reach a third party.
SCRIPT_URL = re.compile(r"""["'`]((?:https?:|wss?:)?//[^"'`\s]+)""")
XML_URL = re.compile(r"""<\?xml-stylesheet[^>]*href="([^"]+)"|<(?:logo|icon)>([^<]+)<""")
SCREENS = (
    "/admin/", "/admin/pages/", "/admin/pages/{page}/edit/", "/admin/pages/add/home/standardpage/{page}/",
    "/admin/images/", "/admin/documents/", "/admin/snippets/", "/admin/users/", "/admin/reports/public-pages/",
    "/admin/account/", "/admin/settings/core/sitesettings/",
)  # fmt: skip


def loaded(answer: Answer) -> Iterator[str]:
    """Yield every address that a program reading the answer would load from or send to without being told to."""
    kind, text = answer.header("Content-Type") or "", answer.body.decode("utf-8", "replace")
    for part, addresses in READERS.items():
        if part in kind:
            yield from addresses(text)
    yield from re.findall(r'<([^>]+)>;[^,]*rel="?(?:pre|dns)', answer.header("Link") or "")


def of_html(text: str) -> Iterator[str]:
    for tag, attributes in TAG.findall(text):
        found = {name.lower(): unescape(a or b) for name, a, b in ATTRIBUTE.findall(attributes)}
        if tag == "link" and not NO_LOAD & set(found.get("rel", "").split()):
            yield found.get("href", "")
        if tag == "meta" and found.get("http-equiv", "").lower() == "refresh":
            yield found.get("content", "").partition("=")[2]
        for name in LOADS & found.keys():
            yield from (part.split()[0] for part in found[name].split(",") if part.strip())
        yield from STYLE_URL.findall(found.get("style", ""))
    for attributes, script in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, re.DOTALL):
        yield from () if "json" in attributes else SCRIPT_URL.findall(script)  # data is not run
    for style in re.findall(r"<style\b[^>]*>(.*?)</style>", text, re.DOTALL):
        yield from STYLE_URL.findall(style)


def of_xml(text: str) -> Iterator[str]:
    return (a or b for a, b in XML_URL.findall(text))


READERS: dict[str, Callable[[str], Iterable[str]]] = {
    "html": of_html, "css": STYLE_URL.findall, "javascript": SCRIPT_URL.findall, "xml": of_xml,
}  # fmt: skip


def foreign(answer: Answer, base: str) -> list[str]:
    """Return those of the answer's addresses that lead to a host other than that of `base`."""
    home = urlsplit(base).netloc
    absolute = [urljoin(base, address) for address in loaded(answer) if address]
    return [
        address
        for address in absolute
        if urlsplit(address).netloc not in {home, ""} and urlsplit(address).scheme != "data"
    ]


def own(answer: Answer, base: str) -> set[str]:
    """Return the paths of the files that the answer loads from us."""
    found = {urlsplit(urljoin(base, address)) for address in loaded(answer) if address}
    return {each.path for each in found if each.netloc == urlsplit(base).netloc}


@pytest.mark.installation
class TestNoThirdParty:
    def test_is_named_by_any_address_or_by_what_it_loads(self, proven):
        leaks, files = {}, set()
        for path in proven.addresses():
            answer = proven.get(path)
            leaks[path] = foreign(answer, proven.public_url + path)
            files |= own(answer, proven.public_url + path)
        assert {path for path in files if path.endswith((".css", ".js"))}
        for path in files:
            leaks[path] = foreign(proven.get(path), proven.public_url + path)

        assert {path: found for path, found in leaks.items() if found} == {}

    @pytest.mark.parametrize("scripts", [True, False])
    def test_gets_a_request_from_a_browser(self, proven, open_page, scripts):
        """With scripts in every language; without them in English alone, since a page can then only load less."""
        page = open_page(scripts=scripts)
        asked = requests_of(page)
        for path in one_of_each_kind(proven, lambda path: scripts or path.startswith("/en/")):
            page.goto(proven.public_url + path)

        assert len(asked) > 20
        assert [url for url in asked if not url.startswith(proven.public_url + "/")] == []

    @pytest.mark.parametrize("mutant", of("P4"))
    def test_mutants_are_detected(self, proven, mutant: Mutant):
        page = proven.get("/en/help/")
        answers = [page, *(proven.get(path) for path in own(page, proven.public_url + "/en/help/"))]

        assert [leak for answer in answers for leak in foreign(mutant.change(answer), proven.public_url)]


class TestPrivateSite:
    """The private site does not disclose to others who its editors are or what they work on."""

    def test_makes_no_third_party_request(self, demonstration, open_page):
        page = open_page(f"{demonstration.private_url}/account/login/")
        page.get_by_label("Email").fill("admin@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/admin/**")
        asked = requests_of(page)
        page.goto(f"{demonstration.private_url}/admin/pages/")
        home = page.locator("a[href$='/edit/']").first
        number = home.get_attribute("href").split("/")[3]
        for screen in SCREENS:
            answer = page.goto(demonstration.private_url + screen.format(page=number))
            assert answer is not None
            assert answer.status == 200, screen
        page.wait_for_load_state("networkidle")

        ours = (demonstration.private_url + "/", demonstration.public_url + "/", "data:", "blob:")
        assert len(asked) > 50
        assert [url for url in asked if not url.startswith(ours)] == []


@pytest.mark.django_db
class TestPrivateSettings:
    """The settings keep the private site from loading what Wagtail would load from others."""

    def screens(self, admin_user, settings) -> list[str]:
        client = Client(headers={"host": settings.PRIVATE_HOST})
        client.force_login(admin_user)
        found = []
        for path in ("/admin/", "/admin/account/"):
            response = client.get(path)
            assert response.status_code == 200
            answer = Answer(status=200, headers=list(response.items()), body=response.content)
            found += foreign(answer, settings.PRIVATE_URL)
        return [url for url in found if not url.startswith(settings.PUBLIC_URL)]

    def test_name_nobody(self, home, admin_user, settings):
        assert self.screens(admin_user, settings) == []

    def test_mutant_pictures_from_gravatar_are_detected(self, home, admin_user, settings):
        settings.WAGTAIL_GRAVATAR_PROVIDER_URL = "//www.gravatar.com/avatar"

        assert self.screens(admin_user, settings) != []
