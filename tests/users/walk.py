"""A walk through the admin as one user: the pages that its menu and its lists lead to, each opened once.

It starts at the start page and follows links.
Of links of the same kind on a page it follows the first and the last: the first and last row of a list.
It submits each filter once, with a value in each of its fields.

`faults` says what is wrong: an address that fails or that the user may not open, a page with too many queries, a link
or a button without words, a field whose script is missing.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from lxml import html
from wagtail.models import Page

HOSTS = (None, "localhost", "private.localhost", "testserver")
# Signing out ends the walk; previews are public pages.
ELSEWHERE = re.compile(r"/admin/(logout|login)/|.*/(preview|view_draft)/")
KEY = re.compile(r"\d+|[0-9a-f-]{32,36}")
# Beyond the lists of the menu and their rows, one page of each kind is enough.
ROWS, ONE = 2, 1
LIST_DEPTH = 1


class Step(NamedTuple):
    address: str
    source: str  # the page with the link
    depth: int  # the number of links from the start page


class Walk:
    def __init__(
        self,
        client: Client,
        *,
        most_queries: Callable[[str], int],
        depth: int,
        skips: re.Pattern[str] | None = None,
    ) -> None:
        self.client = client
        self.most_queries = most_queries
        self.depth = depth
        self.skips = skips
        self.faults: list[str] = []
        self.opened: dict[str, int] = {}  # the queries of each address
        self._kinds: Counter[object] = Counter()
        self._steps: deque[Step] = deque()
        self._known: set[str] = set()
        self._types = dict(Page.objects.values_list("pk", "content_type__model"))

    def through(self, *addresses: str) -> None:
        """Open these addresses, and everything that they lead to."""
        for address in addresses:
            self._add(Step(address, "the walk", 0))
        while self._steps:
            self._open(self._steps.popleft())

    def _add(self, step: Step) -> None:
        if step.address not in self._known:
            self._known.add(step.address)
            self._steps.append(step)

    def _open(self, step: Step) -> None:
        response, queries = self._get(step.address)
        limit = self.most_queries(step.address)
        if queries > limit:  # the first time, caches of the process may be empty
            response, queries = self._get(step.address)
        self.opened[step.address] = queries
        if queries > limit:
            self.faults.append(f"{step.address}: {queries} queries")
        target = response.get("Location", "")
        if response.status_code not in (200, 302) or target == "/admin/":
            self.faults.append(f"{step.address}, linked by {step.source}: {response.status_code} {target}")
        elif target.startswith("/admin/"):
            self._add(step._replace(address=target))
        elif response.get("Content-Type", "").startswith("text/html") and response.content.lstrip()[:1] == b"<":
            page = html.fromstring(response.content)
            self.faults += (f"{step.address}: {found}" for found in (*wordless(page), *without_script(page)))
            if step.depth < self.depth:
                self._follow(step, page)

    def _get(self, address: str) -> tuple[HttpResponse, int]:
        queries = 0

        def count(execute: Callable[..., object], *query: object) -> object:
            nonlocal queries
            queries += 1
            return execute(*query)

        with connection.execute_wrapper(count):
            response = self.client.get(address)
            if response.streaming:
                b"".join(response)
        return response, queries

    def _follow(self, step: Step, page: html.HtmlElement) -> None:
        kinds: dict[object, list[str]] = {}
        for address in self._links(step.address, page):
            kinds.setdefault(self._kind(address), []).append(address)
        for kind, addresses in kinds.items():
            has_query = "?" in addresses[0]
            most = ROWS if step.depth <= LIST_DEPTH and not has_query else ONE
            for address in dict.fromkeys([addresses[0], addresses[-1]][:most]):
                if address not in self._known and self._kinds[kind] < most:
                    self._kinds[kind] += 1
                    self._add(Step(address, step.address, step.depth + 1))

    def _links(self, here: str, page: html.HtmlElement) -> Iterator[str]:
        found = [link.get("href", "") for link in page.iter("a")]
        # The menu is drawn by a script.
        found += [
            url
            for script in page.iter("script")
            if "wagtail.sidebar" in (script.text or "")
            for url in re.findall(r'"url": "(/admin/[^"]*)"', script.text)
        ]
        if not self.skips:
            found += self._filters(page)
        for link in found:
            parts = urlsplit(link)
            path = parts.path or urlsplit(here).path
            if not (parts.path or parts.query) or parts.hostname not in HOSTS or not path.startswith("/admin/"):
                continue
            if not ELSEWHERE.match(path) and not (self.skips and self.skips.search(path)):
                yield f"{path}?{parts.query}" if parts.query else path

    @staticmethod
    def _filters(page: html.HtmlElement) -> Iterator[str]:
        """Yield the address of each form that only reads, with a value in each field."""
        for form in page.iter("form"):
            if form.get("method", "get").lower() == "get":
                given = {}
                for field in form.iter("select", "input"):
                    if (name := field.get("name")) and name not in given and (value := filled(field)):
                        given[name] = value
                if given:
                    yield f"{urlsplit(form.get('action') or '').path}?{urlencode(given)}"

    def _kind(self, address: str) -> object:
        """Return what addresses have in common that differ only in a row: the view, and a page's type."""
        parts = urlsplit(address)
        try:
            match = resolve(parts.path)
        except Resolver404:
            return parts.path
        values = [str(value) for value in (*match.args, *match.kwargs.values())]
        if "/pages/" in parts.path:
            values = [self._types.get(int(value), "") if value.isdecimal() else value for value in values]
        names = sorted({name for name, _value in parse_qsl(parts.query)} - {"next"})
        return match.route, tuple("" if KEY.fullmatch(value) else value for value in values), tuple(names)


def filled(field: html.HtmlElement) -> str:
    """Return a value for a field of a filter."""
    if field.tag == "select":
        return next((value for option in field.iter("option") if (value := option.get("value"))), "")
    match field.get("type", "text"):
        case "checkbox" | "radio":
            return str(field.get("value", ""))
        case "text" | "search" | "date":
            return "2026-01-01" if re.search(r"_(from|to|after|before)$|date", field.get("name")) else "a"
    return ""


def wordless(page: html.HtmlElement) -> Iterator[str]:
    """Yield the links, buttons and summaries that have no accessible name."""
    for element in page.iter("a", "button", "summary"):
        # A template of Wagtail's, which it fills before it is shown.
        if "!w-hidden" in element.get("class", "") or any(above.tag == "template" for above in element.iterancestors()):
            continue
        said = "".join(element.itertext()).strip() or any(
            inner.get(name)
            for inner in element.iter()
            for name in ("aria-label", "aria-labelledby", "title", "alt")
            if isinstance(inner.tag, str)
        )
        if not said:
            yield html.tostring(element, encoding="unicode", with_tail=False)[:200]


# Calls in a page, and the script that defines them.
DEFINED = {"initDateChooser(": "date-time-chooser", "initDateTimeChooser(": "date-time-chooser"}


def without_script(page: html.HtmlElement) -> Iterator[str]:
    """Yield the calls that are an error in the console, because the page does not load what defines them."""
    calls = "".join(script.text or "" for script in page.iter("script"))
    loaded = [script.get("src", "") for script in page.iter("script")]
    for call, name in DEFINED.items():
        if call in calls and not any(name in address for address in loaded):
            yield f"{call}…) is not defined"
