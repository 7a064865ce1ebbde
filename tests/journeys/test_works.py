"""A list of works, from a file of somebody's program to their page, as the person does it."""

import os
import re
from pathlib import Path

import pytest
from django.db import transaction

from tests.factories.network import DirectoryPageFactory, InstitutionFactory, MemberFactory
from tests.journeys.test_network import newest_mail
from tests.support.browser import axe, overflow

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.django_db(transaction=True)]

LIST = r"""@article{a, title={{\"U}ber das Finden von Hilfe}, author={Lima, Ana and M{\"u}ller, J{\"o}rg}, journal={Journal of Studies},
  year=2020, volume=3, pages={1--9}, doi={10.5555/found}, langid={de}}
@book{b, title={كتاب في الوقاية}, author={منظمة مثال}, year={in press}, langid={ar}}
@article{broken, title={no end
@misc{c, author={Only An Author}}"""


@pytest.fixture
def directory(home, languages):
    """The directory in English and Arabic."""
    with transaction.atomic():  # one print for all of it
        page = DirectoryPageFactory(parent=home)
        arabic_home = home.copy_for_translation(languages["ar"])
        arabic_home.save_revision().publish()
        DirectoryPageFactory(parent=arabic_home, locale=languages["ar"], title="الشبكة")
    return page


def look(page, name):
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_is_read_ticked_and_shown(site_server, open_page, directory):
    member = MemberFactory(listed=True, name="Ana Lima", email="ana@example.org")
    InstitutionFactory()
    page = open_page(f"{site_server.desk_url}/en/members/link/")
    page.get_by_label("Email address").fill("ana@example.org")
    page.get_by_role("button", name="Send me the link").click()
    newest_mail(page, site_server, "ana@example.org").click()
    page.get_by_role("button", name="Open my profile").click()

    page.get_by_role("link", name="See, add and order your works").click()
    page.get_by_role("link", name="Import a list").click()
    look(page, "import")
    page.get_by_label("Paste your list").fill(LIST)
    page.get_by_role("button", name="Show what is in it").click()
    assert page.get_by_role("checkbox").count() == 2
    assert "It begins in line 4." in page.inner_text("main")
    look(page, "preview")
    assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) == []
    look(page, "preview-320")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Keep what is ticked").click()
    page.get_by_role("button", name=re.compile("Make it a key output.*Über")).click()
    look(page, "own-320")
    page.reload()  # without the message, which is tested elsewhere
    assert axe(page) == []
    assert overflow(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    look(page, "own")
    if os.environ.get("LOOK"):
        page.get_by_role("link", name="Type one in").click()
        look(page, "typed")
        page.goto(f"{site_server.desk_url}/en/members/profile/place/?q=brown")
        look(page, "place")
        page.set_viewport_size({"width": 360, "height": 700})
        page.goto(f"{site_server.desk_url}/ar/members/profile/works/")
        look(page, "own-ar")

    arabic = open_page(f"{site_server.public_url}/ar/network/{member.uuid}/?x=1", width=360, scheme="dark")
    assert "Über das Finden von Hilfe" in arabic.inner_text("main")
    look(arabic, "public-ar-dark")
    assert axe(arabic) == []
    assert overflow(arabic) == []
    look(open_page(f"{site_server.public_url}/en/network/{member.uuid}/?x=1"), "public")
