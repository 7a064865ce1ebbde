"""The working day of each of the eight roles, in a browser, on the real site, with an ordinary and with a slow server.

A day is one test: what one person does from the first sign-in to the last, in the order in which it comes.

    @pytest.fixture
    def site(working_site): return working_site    # or site_server, or real_site

    class TestEditor:
        def test_day(self, day, campaigns):
            page = day.sign_in("editor@example.org")

After the day, no answer was an error of the server, no script failed, and no process wrote a traceback.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ConsoleMessage, Page, Response

from tests.journeys.conftest import open_admin
from tests.support.browser import Opener
from tests.support.server import SiteServer

TRACEBACK = "Traceback (most recent call last)"
LATE = 300  # milliseconds until each answer of a slow server begins


@dataclass
class Day:
    site: SiteServer
    open_page: Opener
    latency: int
    faults: list[str] = field(default_factory=list)

    def open(self, url: str = "", **how: object) -> Page:
        """Open an address as a person who is not signed in, or who was given a link."""
        page = self.open_page(**how)
        self.watch(page)
        if url:
            page.goto(url)
        return page

    def sign_in(self, email: str, **how: object) -> Page:
        """Open the admin in a browser of its own."""
        return open_admin(lambda url: self.open(url, **how), self.site, email)

    def admin(self, path: str = "") -> str:
        return f"{self.site.private_url}/admin/{path}"

    def watch(self, page: Page) -> None:
        page.on("response", self._note_response)
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        if self.latency:
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            slow = {"offline": False, "latency": self.latency, "downloadThroughput": -1, "uploadThroughput": -1}
            session.send("Network.emulateNetworkConditions", slow)

    def _note_response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.request.method} {response.url}: {response.status}")

    def _note_message(self, message: ConsoleMessage) -> None:
        # A response that is an error is noted above, and a form that is refused (400, 422) is one that a day expects.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"{message.location.get('url', '')}: {message.text}")


@pytest.fixture(params=[0, LATE], ids=["ordinary", "slow"])
def day(request: pytest.FixtureRequest, site: SiteServer, open_page: Opener) -> Iterator[Day]:
    before = site.output().count(TRACEBACK)
    day = Day(site, open_page, request.param)
    yield day
    assert not day.faults
    assert site.output().count(TRACEBACK) == before, site.output()
