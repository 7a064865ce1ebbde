"""The days notice what they promise to notice: an error of the server, and a script that fails."""

import pytest
from playwright.sync_api import Route

from tests.journeys.days.conftest import Day
from tests.support.server import SiteServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class TestDay:
    @pytest.mark.parametrize(
        ("status", "body", "noticed"),
        [(200, "fine", ""), (422, "refused", ""), (500, "", ": 500"), (200, "<script>nothing()</script>", "nothing")],
    )
    def test_notes_what_went_wrong(
        self, site_server: SiteServer, open_page, status: int, body: str, noticed: str
    ) -> None:
        day = Day(site_server, open_page, 0)
        page = day.open()

        def answer(route: Route) -> None:
            route.fulfill(status=status, body=body, content_type="text/html")

        page.route("**/day/", answer)
        page.goto(f"{site_server.private_url}/day/")

        assert [noticed in fault for fault in day.faults] == ([True] if noticed else [])
