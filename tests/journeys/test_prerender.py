"""An editor previews before publishing; a reader follows an old address."""

import pytest
from playwright.sync_api import expect

from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.journeys.conftest import open_admin
from tests.support.browser import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def about(site_server, home):
    return StandardPageFactory(parent=home, slug="about", title="About us", introduction="Old words.")


@pytest.fixture
def private(site_server, about, open_page):
    """The admin, with an administrator signed in."""
    return open_admin(open_page, site_server, UserFactory(is_superuser=True, with_password=True).email)


class TestPreview:
    def test_shows_unsaved_words_in_a_frame_as_readers_will_see_them(self, site_server, about, private):
        private.goto(f"{site_server.private_url}/admin/pages/{about.pk}/edit/")
        private.get_by_role("textbox", name="Introduction").fill("New words.")
        private.get_by_role("button", name="Toggle preview").click()

        frames = private.locator("iframe[title='Preview']")
        frame = frames.last.content_frame
        expect(frame.get_by_text("New words.")).to_be_visible()
        styled = frame.locator("body").evaluate("body => getComputedStyle(body).marginTop")
        assert styled == "0px"  # the site's own style sheet, which the frame's policy allows from the admin
        assert "Old words." in site_server.get("/en/about/").text


class TestMoved:
    def test_mirror_leads_on_without_server_rules(self, site_server, about, open_page, settings):
        about.slug = "who-we-are"
        about.save_revision().publish()
        sign = (settings.PRERENDER_ROOT / "en/about/index.html").read_text()

        page = open_page(scripts=False)
        page.route("**/en/about/", lambda route: route.fulfill(body=sign, content_type="text/html"))
        page.goto(f"{site_server.public_url}/en/about/")

        page.wait_for_url("**/en/who-we-are/")

    def test_sign_is_accessible(self, site_server, about, open_page, settings):
        about.slug = "who-we-are"
        about.save_revision().publish()
        sign = (settings.PRERENDER_ROOT / "en/about/index.html").read_text()
        page = open_page(f"{site_server.public_url}/en/")
        page.set_content(sign.replace('http-equiv="refresh"', 'name="refresh"'))

        assert axe(page) == []
