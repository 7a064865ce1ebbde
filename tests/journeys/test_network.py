"""From a join request to a place in the directory, with all people involved."""

import re
import time

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from demo import accounts, content
from demo.models import Mail
from network.models import Member
from tests.factories.network import (
    ConversationFactory,
    DirectoryPageFactory,
    MemberFactory,
    with_account,
)
from tests.support.browser import axe, faults, overflow, requests_of, widths
from tests.support.cached_fixtures import cached_fixture
from tests.support.waiting import wait_until
from users.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
@cached_fixture
def directory(home, languages):
    """The directory in English and Arabic."""
    with transaction.atomic():  # one render for all of it
        page = DirectoryPageFactory(parent=home, introduction=content.read("network", "en").introduction)
        arabic_home = home.copy_for_translation(languages["ar"])
        arabic_home.save_revision().publish()
        DirectoryPageFactory(parent=arabic_home, locale=languages["ar"], title="الشبكة")
    return page


def newest_mail(page, site, to):
    """Open the newest mail to an address in the mailbox of the demonstration, and return the link in it."""
    page.goto(f"{site.private_url}/demo/mailbox/")
    row = page.get_by_role("row").filter(has_text=to)
    row.first.get_by_role("link").click()
    return page.locator(".mail-text a").first


class TestOwnProfile:
    def test_leads_to_the_members_and_is_withdrawn_immediately_without_a_password(
        self, site_server, open_page, directory
    ):
        member = MemberFactory(listed=True, name="Ana Lima", email="ana@example.org")
        MemberFactory(
            listed=True, name="Bea Roy", shown=[], shown_to_members=["name", "offers"], offers="Trains teams."
        )
        assert "Ana Lima" in site_server.get(f"/en/network/{member.uuid}/").text

        page = open_page(f"{site_server.private_url}/en/members/link/")
        page.get_by_label("Email address").fill("ana@example.org")
        page.get_by_role("button", name="Send me the link").click()
        link = newest_mail(page, site_server, "ana@example.org")
        token = link.get_attribute("href").rstrip("/").rpartition("/")[2]
        link.click()
        page.get_by_role("button", name="Open my profile").click()
        page.wait_for_url("**/members/profile/")
        been = page.evaluate("navigation.entries().map((entry) => entry.url)")
        assert any("/members/link/opened/" in url for url in been)
        assert not [url for url in been if token in url]
        assert axe(page) == []
        page.get_by_role("button", name="Open an account").click()
        page.wait_for_url("**/account/opened/")
        page.get_by_role("link", name="Not now").click()
        page.get_by_role("link", name="Bea Roy", exact=True).click()
        assert "Trains teams." in page.inner_text("main")
        assert axe(page) == []
        page.get_by_role("link", name="Back to the members").click()
        page.set_viewport_size({"width": 360, "height": 800})
        assert overflow(page) == []
        page.get_by_role("link", name="Your profile").click()
        assert overflow(page) == []
        page.get_by_role("button", name="Pause my profile").click()

        page.get_by_text("It is no longer on any public page").wait_for()
        assert site_server.get(f"/en/network/{member.uuid}/").status == 404
        assert "Ana Lima" not in site_server.get("/en/network/").text

        page.get_by_role("link", name="Leave the network and delete everything").click()
        page.get_by_role("button", name="Delete everything and leave").click()
        page.wait_for_url("**/members/left/")
        assert not Member.objects.filter(email="ana@example.org").exists()
        assert not User.objects.exists()


class TestWords:
    def test_are_written_and_read_by_both_sides(self, working_site, open_page, directory):
        call_command("roles")
        accounts.create()
        site = working_site
        member = MemberFactory(
            listed=True,
            confirmed_at=timezone.now(),
            name="Ana Lima",
            about="Studies helplines.",
            email="ana@example.org",
        )
        site.wait_for(f"/en/network/{member.uuid}/", contains="Studies helplines.")

        ana = open_page(f"{site.private_url}/en/members/link/", scripts=False, width=320)
        ana.get_by_label("Email address").fill("ana@example.org")
        ana.get_by_role("button", name="Send me the link").click()
        wait_until(lambda: mails_to("ana@example.org") == 1)
        newest_mail(ana, site, "ana@example.org").click()
        ana.get_by_role("button", name="Open my profile").click()
        ana.get_by_role("link", name="Change these texts").click()
        assert overflow(ana) == []
        ana.get_by_label("One or two sentences about your work").fill("Studies helplines and what they change.")
        ana.get_by_role("button", name="Save").click()
        assert "Waiting for a person" in ana.inner_text("main")
        assert overflow(ana) == []

        nadia = open_page(f"{site.private_url}/admin/")
        nadia.get_by_label("Email").fill("network@example.org")
        nadia.get_by_label("Password").fill(accounts.PASSWORD)
        nadia.get_by_role("button", name="Sign in", exact=True).click()
        nadia.get_by_role("link", name=re.compile("New texts of members to read")).click()
        nadia.get_by_role("link", name="Ana Lima").click()
        expect(nadia.get_by_role("heading", level=1)).to_contain_text("Ana Lima")
        assert axe(nadia) == []
        nadia.locator("[name=ask_back-text]").fill("Which helplines?")
        nadia.get_by_role("button", name="Ask", exact=True).click()
        nadia.get_by_text("Asked. The person answers").wait_for()

        ana.goto(f"{site.private_url}/en/members/profile/")
        assert "Which helplines?" in ana.inner_text("main")
        ana.get_by_label("Your answer").fill("Those of Portugal.")
        ana.get_by_role("button", name="Send my answer").click()
        assert "Studies helplines." in site.get(f"/en/network/{member.uuid}/").text

        nadia.reload()
        assert "Those of Portugal." in nadia.inner_text("main")
        nadia.get_by_role("button", name="Accept these texts").click()
        nadia.get_by_text("Accepted.").wait_for()
        site.wait_for(f"/en/network/{member.uuid}/", contains="Studies helplines and what they change.")

        pressed = time.monotonic()
        nadia.get_by_role("button", name="Hide").click()
        nadia.get_by_text("Hidden.").wait_for()
        for path in ("/en/network/", "/en/network/?q=lima", "/en/search/?q=lima", "/sitemaps/1.xml"):
            wait_until(lambda path=path: not named(site.get(path).text, member), seconds=60)
        wait_until(lambda: site.get(f"/en/network/{member.uuid}/").status == 404, seconds=60)
        assert time.monotonic() - pressed < 60  # as promised to members


class TestRelay:
    def test_is_used_on_a_small_phone_and_fits_in_both_directions(self, site_server, open_page, directory):
        ana, bob = (with_account(MemberFactory(listed=True, name=name)) for name in ("Ana Lima", "Bob Ray"))
        for member in (ana, bob):
            member.user.set_password(accounts.PASSWORD)
            member.user.save()
        ConversationFactory(starter=ana, recipient=bob, text=f"https://{'long' * 30}.example/", subject="x" * 120)

        hers = sign_in(open_page(width=320), site_server, ana, "members/")
        hers.get_by_role("link", name=re.compile("Write a message.*Bob Ray")).click()
        hers.get_by_label("Your message").fill("Could we talk?")
        hers.get_by_role("button", name="Send", exact=True).click()
        expect(hers.get_by_text("It waits in their inbox.")).to_be_visible()

        his = sign_in(open_page(), site_server, bob, "members/messages/")
        for code in ("en", "ar"):
            his.goto(f"{site_server.private_url}/{code}/members/messages/")
            addresses = {his.url, his.locator("main .card-title a").first.get_attribute("href")}
            addresses |= {f"/{code}/members/{ana.uuid}/", f"/{code}/members/messages/to/{ana.uuid}/"}
            for address in sorted(addresses):
                his.goto(address if address.startswith("http") else f"{site_server.private_url}{address}")
                assert axe(his) == []
                for width in widths(his):
                    assert overflow(his) == [], (address, width)


class TestOnAPhone:
    @pytest.fixture
    def ana(self, directory):
        member = with_account(MemberFactory(listed=True, name="Ana Lima"))
        member.user.set_password(accounts.PASSWORD)
        member.user.save()
        return member

    def test_the_menu_begins_where_one_is(self, site_server, any_browser, ana):
        page = sign_in(any_browser(width=360, height=740), site_server, ana, "members/profile/")
        for code in ("en", "ar"):
            page.goto(f"{site_server.private_url}/{code}/members/profile/")
            page.wait_for_timeout(300)

            left, right, far = page.evaluate(
                "() => { const box = document.querySelector('.area-menu [aria-current]').getBoundingClientRect();"
                " return [box.left, box.right, document.querySelector('.area-menu ul').scrollLeft]; }"
            )
            assert left >= 0
            assert right <= 360
            assert far != 0
            # And it goes back from there.
            page.evaluate("document.querySelector('.area-menu ul').scrollLeft = 0")
            page.wait_for_timeout(100)
            assert page.evaluate("document.querySelector('.area-menu ul').scrollLeft") == 0

    @pytest.mark.parametrize(("code", "width", "scheme"), [("en", 360, "light"), ("ar", 1280, "dark")])
    def test_an_address_that_is_mistyped_stays_in_its_form(self, site_server, open_page, ana, code, width, scheme):
        page = sign_in(open_page(width=width, scheme=scheme), site_server, ana, "members/profile/")
        page.goto(f"{site_server.private_url}/{code}/members/profile/")
        form = page.locator("form[action$='/verifications/address/']")
        page.locator("details", has=form).locator("summary").click()
        form.locator("input[type=email]").fill("ana@")
        form.locator("button").click()

        expect(form.locator(".errors a")).to_be_visible()
        expect(form.locator("input[type=email]")).to_have_value("ana@")
        assert axe(page) == []
        assert overflow(page) == []

    @pytest.mark.parametrize("scripts", [True, False])
    def test_another_code_is_sent_with_and_without_scripts(self, working_site, open_page, ana, scripts):
        page = open_page(f"{working_site.private_url}/account/login/code/", scripts=scripts, width=320)
        page.get_by_label("Email").fill(ana.email)
        page.locator("main form button[type=submit]").first.click()
        wait_until(lambda: mails_to(ana.email) == 1)

        page.get_by_role("button", name="Send another code").click()

        wait_until(lambda: mails_to(ana.email) == 2)
        newest = Mail.objects.order_by("-pk").first()
        page.get_by_label("Code").fill(re.search(r"^\s*([A-Z0-9-]{6,})\s*$", newest.text, re.MULTILINE)[1])
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/members/**")


def sign_in(page, site, member, path):
    """Sign in with the password of the demonstration, and open a page of the members' area."""
    page.goto(f"{site.private_url}/account/login/")
    page.get_by_label("Email").fill(member.email)
    page.get_by_label("Password").fill(accounts.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/members/")
    page.goto(f"{site.private_url}/en/{path}")
    return page


class TestDirectory:
    def test_is_filtered_without_script_cookie_or_another_origin(self, site_server, any_browser, directory):
        MemberFactory(listed=True, name="Ana Lima", country="pt")
        MemberFactory(listed=True, name="Jörg Müller", country="de")

        page = any_browser(f"{site_server.public_url}/en/network/", scripts=False)
        asked = requests_of(page)
        folded = page.get_by_text("Filters", exact=True)
        if folded.is_visible():  # in a browser that cannot show what is folded
            folded.click()
        page.get_by_label("Country").select_option("pt")
        page.get_by_role("button", name="Search").click()
        page.wait_for_url("**country=pt**")

        assert page.locator(".card-title").all_inner_texts() == ["Ana Lima"]
        assert all(address.startswith(site_server.public_url) for address in asked)
        assert page.context.cookies() == []

    @pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 1200)])
    def test_shows_its_first_member_soon(self, site_server, open_page, directory, width, height):
        MemberFactory(listed=True, name="Ana Lima", country="pt")

        page = open_page(f"{site_server.public_url}/en/network/", width=width)

        assert page.locator(".member").bounding_box()["y"] < height
        assert page.get_by_label("Country").is_visible() is (width == 1280)
        if width == 360:
            page.get_by_text("Filters", exact=True).click()
            assert page.get_by_label("Country").is_visible()


class TestAccess:
    def test_is_barrier_free_in_both_directions(self, site_server, open_page, directory):
        with transaction.atomic():
            members = [MemberFactory(listed=True, name=f"Ana Lima {n}", expertise=[]) for n in range(30)]
        page = open_page()
        public = ("", "?q=nobody", "?page=2", "?field=foo", "?page=-1", f"{members[0].uuid}/")
        private = ("join/", "join/sent/", "link/", "confirm/broken/")

        for code in ("en", "ar"):
            paths = [f"{site_server.public_url}/{code}/network/{path}" for path in public]
            paths += [f"{site_server.private_url}/{code}/members/{path}" for path in private]
            for path in paths:
                page.goto(path)
                assert faults(page) == [], path

            page.goto(f"{site_server.private_url}/{code}/members/join/")
            page.locator("form button[type=submit]").last.click()
            page.wait_for_selector(".errors")
            assert faults(page) == []


def named(text, member):
    return member.name in text or str(member.uuid) in text


def mails_to(address):
    return Mail.objects.filter(recipients=address).count()
