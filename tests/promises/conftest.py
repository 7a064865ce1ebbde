"""The site that the promises are proven on: the demonstration, or one that is already running (`WAYMARK_PROVE`)."""

import os
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from core.http.headers import is_sensitive
from tests.support.demonstration import Demonstration
from tests.support.installation import Installation
from tests.support.server import Answer

type Change = Callable[[Answer], Answer]

CLASSES = re.compile(r'\sclass="([^"]*)"')


@pytest.fixture
def proven(request: pytest.FixtureRequest) -> Demonstration | Installation:
    """The site on which the promises are proven.

    Tests only read it.
    """
    if url := os.environ.get("WAYMARK_PROVE"):
        return Installation(url.rstrip("/"))
    running: Demonstration = request.getfixturevalue("demonstration")
    return running


@pytest.fixture
def spoken(proven: Demonstration | Installation) -> list[str]:
    """The languages that the public sees."""
    return sorted({path.split("/")[1] for path in proven.pages() if is_sensitive(path)})


def one_of_each_kind(proven: Demonstration | Installation, within: Callable[[str], bool]) -> list[str]:
    """Return an address for each kind of page: pages made of the same components behave alike."""
    kinds: dict[frozenset[str], str] = {}
    for path in filter(within, proven.pages()):
        html = proven.get(path).text
        kinds.setdefault(frozenset(" ".join(CLASSES.findall(html)).split()), path)
    return sorted(kinds.values())


def through(proven: Demonstration | Installation, page: Page, change: Change = lambda answer: answer) -> None:
    """Answer the page's requests with the site's answers, changed on their way."""

    def answer(route: Route) -> None:
        at = urlsplit(route.request.url)
        found = change(proven.get(at.path + (f"?{at.query}" if at.query else "")))
        headers = {name: value for name, value in found.headers if name.lower() != "content-length"}
        route.fulfill(status=found.status, headers=headers, body=found.body)

    page.context.route(f"{proven.public_url}/**", answer)
