"""P8: every answer of the public site carries the headers that its address should, and a browser obeys them.

`core.http.headers` defines the headers of an address.
A minimum is written out here as well, and every address must meet it independently of that table.
"""

import re

import pytest

from core.http.headers import NEVER_PUBLIC, is_sensitive, public_headers
from tests.promises.conftest import through
from tests.promises.mutants import Both, Header, Mutant, Swap, of
from tests.support.outside import outside
from tests.support.server import Answer

pytestmark = [
    pytest.mark.installation,
    pytest.mark.browser,
    pytest.mark.demonstration,
]

ALSO_NEVER = (
    "X-Powered-By",
    "Via",
    "Content-Security-Policy-Report-Only",
    "Access-Control-Allow-Credentials",
)
NEVER = {name.lower() for name in (*NEVER_PUBLIC, *ALSO_NEVER)}
ON_HELP = {"ETag", "Last-Modified"}
FLOOR = {
    "Referrer-Policy": re.compile(r"no-referrer"),
    "X-Content-Type-Options": re.compile(r"nosniff"),
    "Content-Security-Policy": re.compile(r"default-src 'none'(?!.*(unsafe|https?:|report-)).*"),
    "Cross-Origin-Opener-Policy": re.compile(r"same-origin"),
    "Permissions-Policy": re.compile(r"([a-z-]+=\(\)(, )?)+"),
}
HELP_FLOOR = {
    "Content-Security-Policy": re.compile(r".*form-action 'none'.*"),
    "Cache-Control": re.compile(r".*no-store.*"),
}
# Only a page made for embedding may be framed by others.
EMBED = re.compile(r"^/[a-z-]+/embed/")
ALONE = {
    "Content-Security-Policy": re.compile(r".*(frame-ancestors 'none'|sandbox).*"),
    "X-Frame-Options": re.compile("DENY"),
}
REFUSED = (
    "/nowhere", "/nowhere/", "/de/nowhere/", "/de/nowhere", "/en/help/nowhere/", "/en/help/nowhere", "/admin/",
    "/documents/999999/x.pdf", "/media/original_images/x.jpg", "/media/images/x.webp", "/static/x.css",
    "/errors/en/404.html", "/.prerender/lock", "/%FF", "/%00",
)  # fmt: skip


def faults(path: str, answer: Answer) -> list[str]:
    """Return the faults in the headers of a response to this path."""
    plain = path.partition("?")[0]
    sent = {name: answer.header(name) for name, _ in answer.headers}
    # (An empty `Server` keeps the server below from adding its own.)
    found = [f"{name}: {value}" for name, value in sent.items() if value and name.lower() in NEVER]
    if is_sensitive(plain):
        found += [f"{name}: {value}" for name, value in sent.items() if name in ON_HELP]
    is_there = answer.status < 400
    rendered = not is_there or "?" in path
    for name, value in public_headers(plain, rendered=rendered, found=is_there).items():
        if answer.header(name) != value:
            found.append(f"{name}: {answer.header(name)}, not {value}")
    rules = [FLOOR, HELP_FLOOR if is_sensitive(plain) else {}, {} if EMBED.match(plain) else ALONE]
    for rule in rules:
        found += [
            f"{name}: {answer.header(name)}"
            for name, wanted in rule.items()
            if not wanted.fullmatch(answer.header(name) or "")
        ]
    return found


class TestEveryAnswer:
    def test_of_an_address_that_is_there_has_them(self, proven):
        found = {path: faults(path, proven.get(path)) for path in proven.addresses()}

        assert {path: wrong for path, wrong in found.items() if wrong} == {}
        assert len(found) > 100

    def test_that_refuses_has_them(self, proven):
        asked = [
            *(("GET", path) for path in REFUSED),
            *((method, "/en/help/") for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH")),
            ("GET", "/en/search/?q=words"),
            ("GET", "/en/search/?q=words&page=" + "9" * 40),
            ("HEAD", "/en/help/"),
        ]
        answers = {each: proven.request(*each) for each in asked}
        found = {each: faults(each[1], answer) for each, answer in answers.items()}

        assert {each: wrong for each, wrong in found.items() if wrong} == {}
        assert {answer.status for answer in answers.values()} >= {200, 404, 405}

    def test_of_a_file_that_a_page_loads_has_them(self, proven):
        html = proven.get("/en/help/").text
        files = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
        found = {path: faults(path, proven.get(path)) for path in files}

        assert {path: wrong for path, wrong in found.items() if wrong} == {}
        assert len(files) >= 2

    @pytest.mark.parametrize("mutant", of("P8"))
    def test_mutants_are_detected(self, proven, mutant: Mutant):
        assert faults("/en/help/", mutant.change(proven.get("/en/help/"))) != []


class TestABrowserObeys:
    """The headers have an effect: without them, each protection is missing."""

    @pytest.mark.parametrize(
        ("ours", "seen"), [("", "refused"), ("bare:", None)], ids=["as it is", "without its headers"]
    )
    def test_others_cannot_frame_read_or_show_what_is_ours(self, proven, any_browser, ours, seen):
        start = ours or proven.public_url
        picture = re.findall(r'rel="icon" href="([^"]+)"', proven.get("/en/help/").text)[0]
        page = any_browser()
        with outside(proven.get) as address:
            page.goto(address(f"{start}/en/help/", start + picture))
            page.wait_for_function("seen.text && seen.picture")
            found = page.evaluate("seen")
            framed = [frame for frame in page.frames[1:] if frame.locator("[data-exit]").count()]

        assert found == {"text": seen or "read", "picture": seen or "shown"}
        assert bool(framed) is (seen is None)

    def test_injected_content_neither_runs_nor_is_sent(self, proven, open_page):
        page = open_page()
        through(proven, page, Swap("</body>", SMUGGLED))
        page.goto(proven.public_url + "/en/help/")

        assert page.title() != "run"
        assert page.evaluate(SEND) == "form-action"

    def test_mutant_without_its_policy_it_would_be(self, proven, open_page):
        page = open_page()
        through(proven, page, Both(Swap("</body>", SMUGGLED), Header("Content-Security-Policy", None)))
        page.goto(proven.public_url + "/en/help/")

        assert page.title() == "run"
        with page.expect_request("**/sent/**"):
            page.evaluate("document.querySelector('#send').click()")


SMUGGLED = '<script>document.title = "run"</script><form action="/sent/"><button id="send">x</button></form></body>'
# Submits the smuggled form and returns the directive that stopped it.
SEND = """() => new Promise((done) => {
    addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
    document.querySelector("#send").click();
})"""
