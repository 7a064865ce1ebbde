"""Leaks that the promises' tests must detect, as data: which promise each breaks, and the change that breaks it.

A mutant changes an answer on its way to the reader (`Swap`, `Header`), the operator's nginx (`Conf`), or the way
the site is started (`Started`).
Each promise's file runs the very checks that prove the promise against its own mutants:
`@pytest.mark.parametrize("mutant", of("P5"))`.
`test_p10_proofs_can_fail.py` ensures that every promise has some.
"""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.support.server import Answer


@dataclass(frozen=True, slots=True)
class Swap:
    """A text replaced wherever it occurs in a page, style sheet or script.

    If it occurs nowhere, no check detects it, and the test fails.
    """

    old: str
    new: str
    kind: str = "text/html"

    def __call__(self, answer: Answer) -> Answer:
        if self.kind not in (answer.header("Content-Type") or ""):
            return answer
        return replace(answer, body=answer.body.replace(self.old.encode(), self.new.encode()))


@dataclass(frozen=True, slots=True)
class Header:
    """A header with another value, or (None) not sent at all."""

    name: str
    value: str | None

    def __call__(self, answer: Answer) -> Answer:
        kept = [(name, value) for name, value in answer.headers if name.lower() != self.name.lower()]
        return replace(answer, headers=kept if self.value is None else [*kept, (self.name, self.value)])


@dataclass(frozen=True, slots=True)
class Both:
    """Two changes that leak only together."""

    first: Any
    second: Any

    def __call__(self, changed: Any) -> Any:
        return self.second(self.first(changed))


@dataclass(frozen=True, slots=True)
class Conf:
    """A text replaced in nginx.conf."""

    old: str
    new: str

    def __call__(self, conf: str) -> str:
        assert self.old in conf, f"“{self.old}” is not in nginx.conf"
        return conf.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Started:
    """A site started with a fault (`WAYMARK_TEST_LEAK`, tests/support/fault_settings.py) or in another environment."""

    leak: str


@dataclass(frozen=True, slots=True)
class Announced:
    """The onion address announced differently: `{path}` stands for the requested path."""

    value: str

    def __call__(self, path: str, *, host: str, secure: bool) -> str:
        return self.value.format(path=path)


@dataclass(frozen=True, slots=True)
class Stored:
    """Prerendered files without padding: all of them, or (`path`) those of one address."""

    path: str = ""

    def concerns(self, path: str) -> bool:
        return self.path in {"", path}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    promise: str
    leak: str
    change: Any


CSS, SCRIPT = "text/css", "javascript"
START = 'const links=document.querySelectorAll("[data-exit]");'
EXIT = 'role="button" draggable="false" rel="nofollow noreferrer"'
# Markup that the finder's controls have in common.
RADIO, SELECT, FORM = '<input type="radio" ', "<select ", ' autocomplete="off" hidden>'

# The lines of nginx.conf that keep the public server from logging.
QUIET = "access_log off;\n    error_log /dev/null crit;\n    server_tokens off;"
QUIET_PRIVATE_SITE = "access_log off;\n    error_log /dev/null crit;\n    # What people write"
MUTANTS = (
    Mutant(promise="P1", leak="an access log of the web server",
        change=Conf(QUIET, "access_log {folder}/access.log;\n    error_log /dev/null crit;")),
    Mutant(promise="P1", leak="an error log of the web server",
        change=Conf(QUIET, "access_log off;\n    error_log {folder}/public.log;")),
    Mutant(promise="P1", leak="a limit for each address", change=Both(
        Conf(QUIET, "access_log off;\n    error_log {folder}/public.log error;\n    limit_req zone=each;"),
        Conf("\nkeepalive_timeout ",
            "\nlimit_req_zone $binary_remote_addr$http_user_agent zone=each:1m rate=1r/m;\nkeepalive_timeout "))),
    Mutant(promise="P1", leak="an access log of the web server on the private site",
        change=Conf(QUIET_PRIVATE_SITE,
            "access_log {folder}/private.log;\n    error_log /dev/null crit;\n    # What people write")),
    Mutant(promise="P1", leak="the token of a link in the application's log", change=Started("token")),
    Mutant(promise="P1", leak="a query in the database's log", change=Started("query")),
    Mutant(promise="P1", leak="an access log of the application", change=Started("access")),
    Mutant(promise="P1", leak="a log without its filter", change=Started("log")),
    Mutant(promise="P1", leak="mails about errors", change=Started("mail")),
    Mutant(promise="P1", leak="a database that logs statements", change=Started("statements")),
    Mutant(promise="P2", leak="flush on arrival", change=Started("arrival")),
    Mutant(promise="P2", leak="rows in the order in which pages were shown", change=Started("order")),
    Mutant(promise="P2", leak="rows for what was shown alone", change=Started("only_shown")),
    Mutant(promise="P2", leak="a column for the time", change=Started("moment")),
    Mutant(promise="P2", leak="a serial number", change=Started("serial")),
    Mutant(promise="P2", leak="no noise", change=Started("silence")),
    Mutant(promise="P2", leak="no noise at the end", change=Started("half")),
    Mutant(promise="P2", leak="noise that can be predicted", change=Started("predictable")),
    Mutant(promise="P2", leak="headers for the collector",
        change=Conf("proxy_http_version 1.0;\n        proxy_pass_request_headers off;", "proxy_http_version 1.0;")),
    Mutant(promise="P2", leak="an address for the collector", change=Conf("proxy_set_header Host collector;",
        "proxy_set_header Host collector;\n        proxy_set_header X-Forwarded-For $remote_addr;")),
    Mutant(promise="P2", leak="a query for the collector",
        change=Conf("$waymark_in/finder;", "$waymark_in/finder?$request_id;")),
    Mutant(promise="P2", leak="other pages for the collector",
        change=Both(Conf("map $request_uri $waymark_counted {\n    default \"\";",
            "map $request_uri $waymark_counted {\n    default $request_uri;"),
            Conf("location / {\n        try_files $waymark_file",
                "location / {\n        mirror /.count;\n        try_files $waymark_file"))),
    Mutant(promise="P3", leak="a picture that is loaded when it is seen",
        change=Swap("</article>", '<img loading="lazy" src="/static/seen.gif" alt=""></article>')),
    Mutant(promise="P3", leak="a background that depends on a choice",
        change=Swap("@layer reset,",
            "main:has(input:checked:not([data-code=any])){background:url(/static/chosen.gif)}@layer reset,", CSS)),
    Mutant(promise="P3", leak="a submit button",
        change=Both(Swap("</form>", "<button>Show</button></form>"), Header("Content-Security-Policy", None))),
    Mutant(promise="P3", leak="a field for words, which Enter sends",
        change=Both(Swap("</form>", '<input name="q"></form>'), Header("Content-Security-Policy", None))),
    Mutant(promise="P3", leak="a choice in the address", change=Swap(START,
        'addEventListener("change", (event) => { location.hash = event.target.value; });\n' + START, SCRIPT)),
    Mutant(promise="P3", leak="a choice in the title", change=Swap(START,
        'addEventListener("change", (event) => { document.title = event.target.value; });\n' + START, SCRIPT)),
    Mutant(promise="P3", leak="a choice that is remembered", change=Swap(START,
        'addEventListener("change", (event) => { localStorage.setItem("a", event.target.value); });\n' + START,
        SCRIPT)),
    Mutant(promise="P4", leak="a font of another place",
        change=Swap("</head>", '<link rel="stylesheet" href="https://fonts.example/a.css"></head>')),
    Mutant(promise="P4", leak="a picture of who is signed in, at Gravatar",
        change=Swap("</body>", '<img src="//www.gravatar.com/avatar/1" alt=""></body>')),
    Mutant(promise="P4", leak="a hint to connect elsewhere",
        change=Swap("</head>", '<link rel="preconnect" href="https://cdn.example"></head>')),
    Mutant(promise="P4", leak="a form that is sent elsewhere",
        change=Swap("</body>", '<form action="https://lists.example/join"></form></body>')),
    Mutant(promise="P4", leak="a font in a style sheet",
        change=Swap("@layer", "@font-face{font-family:a;src:url(https://fonts.example/a.woff2)}@layer", CSS)),
    Mutant(promise="P4", leak="a script that calls home",
        change=Swap("location.replace", 'navigator.sendBeacon("https://count.example/");location.replace', SCRIPT)),
    Mutant(promise="P5", leak="a cookie", change=Header("Set-Cookie", "who=you")),
    Mutant(promise="P5", leak="an answer that depends on a cookie", change=Header("Vary", "Accept-Encoding, Cookie")),
    Mutant(promise="P6", leak="a list that script must show",
        change=Swap('<article class="programme"', '<article hidden class="programme"')),
    Mutant(promise="P6", leak="an exit that is a button for script",
        change=Swap('<a class="exit-button" href="', '<a class="exit-button" data-href="')),
    Mutant(promise="P6", leak="controls that do nothing",
        change=Swap("@supports selector(:has(*))", "@supports (display:block)", CSS)),
    Mutant(promise="P6", leak="controls that styles do not show",
        change=Swap(" form[hidden]", " form[hidden].never", CSS)),
    Mutant(promise="P7", leak="an exit that opens another tab", change=Swap(EXIT, EXIT + ' target="_blank"')),
    Mutant(promise="P7", leak="an exit that only script can use",
        change=Swap('<a class="exit-button" href="', '<a class="exit-button" href="#" data-href="')),
    Mutant(promise="P7", leak="an exit that says where from", change=Swap("nofollow noreferrer", "nofollow")),
    Mutant(promise="P7", leak="an exit that the keyboard reaches late",
        change=Swap('<a class="skip" href="http', '<a href="#main">To the text</a><a class="skip" href="http')),
    Mutant(promise="P7", leak="an exit that scrolls away", change=Swap("position:sticky", "position:static", CSS)),
    Mutant(promise="P7", leak="an exit below a notice", change=Swap("@layer reset,",
        'body::after{content:"No cookies here";position:fixed;inset:0 0 auto;height:90px;z-index:99}@layer reset,',
        CSS)),
    Mutant(promise="P7", leak="location.href, which Back undoes",
        change=Swap("location.replace(url)", "location.href = url", SCRIPT)),
    Mutant(promise="P7", leak="a page that is covered late",
        change=Swap("document.body.append(cover);", "setTimeout(() => document.body.append(cover), 50);", SCRIPT)),
    Mutant(promise="P7", leak="a page that is not covered", change=Swap("document.body.append(cover);", "", SCRIPT)),
    Mutant(promise="P7", leak="Shift that does nothing", change=Swap("count===3", "count===4", SCRIPT)),
    Mutant(promise="P7", leak="a page without referrer policy",
        change=Both(Header("Referrer-Policy", None), Swap('<meta name="referrer" content="no-referrer">', ""))),
    Mutant(promise="P9", leak="an onion address told over http and on the private site",
        change=Announced("http://abc.onion{path}")),
    Mutant(promise="P9", leak="an onion address without the path", change=Announced("http://abc.onion/")),
    Mutant(promise="P9", leak="a CAPTCHA", change=Swap("</main>", '<div class="g-recaptcha"></div></main>')),
    Mutant(promise="P9", leak="a finder that needs script",
        change=Swap(" form[hidden]", " form[hidden].never", CSS)),
    Mutant(promise="P12", leak="a withdrawal that is a change like any other", change=Started("hurry")),
    Mutant(promise="P12", leak="a deleted listing that is no withdrawal", change=Started("deletion")),
    Mutant(promise="P12", leak="a whole-site render that forgets a withdrawal", change=Started("upgrade")),
    Mutant(promise="P12", leak="a mirror that copies what waits before a withdrawal", change=Started("later")),
    Mutant(promise="P12", leak="a withdrawal that mirrors are not told of", change=Started("untold")),
    Mutant(promise="P8", leak="no referrer policy", change=Header("Referrer-Policy", None)),
    Mutant(promise="P8", leak="a referrer policy that tells", change=Header("Referrer-Policy", "unsafe-url")),
    Mutant(promise="P8", leak="inline scripts", change=Header("Content-Security-Policy",
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self'; img-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'")),
    Mutant(promise="P8", leak="a page that may be framed", change=Both(Header("Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'"),
        Header("X-Frame-Options", None))),
    Mutant(promise="P8", leak="a page that others may read",
        change=Both(Header("Cross-Origin-Resource-Policy", "cross-origin"),
            Header("Access-Control-Allow-Origin", "*"))),
    Mutant(promise="P8", leak="an ETag on a help page", change=Header("ETag", '"abc"')),
    Mutant(promise="P8", leak="the name of the server", change=Header("Server", "nginx")),
    Mutant(promise="P8", leak="reports of what is blocked", change=Header("Reporting-Endpoints", 'default="/reports"')),
    Mutant(promise="P8", leak="a help page that is kept", change=Header("Cache-Control", "max-age=600")),
    Mutant(promise="P11", leak="pages as long as their content", change=Stored()),
    Mutant(promise="P11", leak="one page as long as its content", change=Stored("/en/help/de/")),
    Mutant(promise="P11", leak="an ETag, whose digits HTTP/2 compresses to more or fewer bytes",
        change=Conf("etag off;", "etag on;")),
    Mutant(promise="P11", leak="a date of change, likewise",
        change=Conf("Last-Modified $waymark_modified;", "Last-Modified $sent_http_last_modified;")),
)  # fmt: skip


def of(promise: str) -> list[Any]:
    """Return a promise's mutants, as parameters for the test that runs its checks on each."""
    return [pytest.param(mutant, id=mutant.leak) for mutant in MUTANTS if mutant.promise == promise]
