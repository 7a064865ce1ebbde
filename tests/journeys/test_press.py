"""An editor looks before publishing, publishes, and finds what could not be printed; a reader follows an old address."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from press.models import Printed
from tests.factories.core import StandardPageFactory
from tests.support.browser import axe
from users.models import User

PASSWORD = "a long password for the tests"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def about(site_server, home):
    return StandardPageFactory(parent=home, slug="about", title="About us", introduction="Old words.")


@pytest.fixture
def desk(site_server, about, open_page):
    """The desk, with somebody signed in who may do everything there."""
    user = User.objects.create_superuser("editor@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    page = open_page(f"{site_server.desk_url}/account/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/admin/**")
    return page


class TestPreview:
    def test_shows_unsaved_words_in_a_frame_as_readers_will_see_them(self, site_server, about, desk):
        desk.goto(f"{site_server.desk_url}/admin/pages/{about.pk}/edit/")
        desk.get_by_role("textbox", name="Introduction").fill("New words.")
        desk.get_by_role("button", name="Toggle preview").click()

        frames = desk.locator("iframe[title='Preview']")
        frame = frames.last.content_frame
        expect(frame.get_by_text("New words.")).to_be_visible()
        styled = frame.locator("body").evaluate("body => getComputedStyle(body).marginTop")
        assert styled == "0px"  # the site's own style sheet, which the frame's policy allows from the desk
        assert "Old words." in site_server.get("/en/about/").text


class TestPublishing:
    def test_shows_the_new_page_to_readers_at_once(self, site_server, about, desk, open_page):
        desk.goto(f"{site_server.desk_url}/admin/pages/{about.pk}/edit/")
        desk.get_by_role("textbox", name="Introduction").fill("New words.")
        desk.get_by_role("button", name="More actions").click()
        desk.get_by_role("button", name="Publish", exact=True).click()
        desk.get_by_role("link", name="View live").first.wait_for()

        reader = open_page(f"{site_server.public_url}/en/about/", scripts=False)
        expect(reader.get_by_text("New words.")).to_be_visible()


class TestReport:
    def test_lists_addresses_and_names_what_was_refused(self, site_server, about, desk):
        Printed.objects.filter(path="/en/about/").update(refused="KeyError: 'a broken block'")
        desk.goto(f"{site_server.desk_url}/admin/reports/printed/")

        expect(desk.get_by_role("heading", name="Printed pages")).to_be_visible()
        expect(desk.get_by_text("KeyError: 'a broken block'")).to_be_visible()


class TestMoved:
    def test_reader_is_led_on_from_an_old_address(self, site_server, about, open_page):
        about.slug = "who-we-are"
        about.save_revision().publish()

        page = open_page(f"{site_server.public_url}/en/about/", scripts=False)

        assert page.url == f"{site_server.public_url}/en/who-we-are/"
        expect(page.get_by_text("Old words.")).to_be_visible()

    def test_mirror_leads_on_without_a_server_that_knows(self, site_server, about, open_page, settings):
        about.slug = "who-we-are"
        about.save_revision().publish()
        sign = (settings.PRESS_ROOT / "en/about/index.html").read_text()

        page = open_page(scripts=False)
        page.route("**/en/about/", lambda route: route.fulfill(body=sign, content_type="text/html"))
        page.goto(f"{site_server.public_url}/en/about/")

        page.wait_for_url("**/en/who-we-are/")

    def test_sign_can_be_read_by_everybody(self, site_server, about, open_page, settings):
        about.slug = "who-we-are"
        about.save_revision().publish()
        sign = (settings.PRESS_ROOT / "en/about/index.html").read_text()
        page = open_page(f"{site_server.public_url}/en/")
        page.set_content(sign.replace('http-equiv="refresh"', 'name="refresh"'))

        assert axe(page) == []
