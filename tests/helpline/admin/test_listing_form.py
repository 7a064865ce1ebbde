"""The form of a listing: names to type, a week to fill in, errors in words, and a reason beside the save button."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from helpline.admin import forms
from helpline.roles import LISTING_DRAFTER
from helpline.vocabulary import hours
from tests.factories.helpline import ProgrammeFactory
from tests.factories.users import UserFactory
from tests.helpline.admin.test_listings import edit

COUNTRIES = [("at", "Austria"), ("de", "Germany"), ("fr", "France"), ("gr", "Greece"), ("gl", "Greenland")]


class TestHoursInWords:
    @pytest.mark.parametrize(
        ("text", "rest"),
        [
            ("Mo-Fri 9-17", "i 9-17"),
            ("Mo-Fr 09:00-25:70", "70"),
            ("montag 9 Uhr", "ntag 9 Uhr"),
            ("24/7 open!", "!"),
        ],
    )
    def test_say_from_where_they_cannot_be_read_and_how_to_write_them(self, text, rest):
        with pytest.raises(hours.HoursError) as refused:
            hours.check(text)

        assert f"from “{rest}” on." in str(refused.value)
        assert "Mo-Th 09:00-21:00" in str(refused.value)
        assert "EOI" not in str(refused.value)

    def test_say_when_they_end_too_soon(self):
        with pytest.raises(hours.HoursError, match="incomplete"):
            hours.check("Mo-Fr 09:00-")


@pytest.mark.django_db
class TestForm:
    @pytest.fixture
    def listing(self, admin_roles, private):
        private.force_login(UserFactory(roles=[LISTING_DRAFTER]))
        return ProgrammeFactory(approved=True, name="Night line")

    def url(self, listing):
        return reverse(listing.snippet_viewset.get_url_name("edit"), args=[listing.pk])

    def test_has_one_heading_that_names_the_listing(self, private, listing):
        new = reverse(listing.snippet_viewset.get_url_name("add"))

        for url, heading in ((self.url(listing), "Editing: Night line"), (new, "New: Programme")):
            page = BeautifulSoup(private.get(url).content, "html.parser")
            assert [each.get_text(strip=True) for each in page.find_all("h1")] == [heading]

    def test_asks_for_the_reason_below_every_tab(self, private, listing):
        page = BeautifulSoup(private.get(self.url(listing)).content, "html.parser")

        reason = page.select_one("[name=why]")
        assert reason.find_parent(attrs={"role": "tabpanel"}) is None
        assert page.select_one("[name=name]").find_parent(attrs={"role": "tabpanel"}) is not None

    @pytest.mark.parametrize("button", [{}, {"action-publish": "yes"}, {"action-submit": "yes"}])
    def test_is_autosaved_without_a_reason(self, private, listing, button):
        kept = edit(private, listing, headers={"accept": "application/json"}, name="Day line", why="", **button)

        assert kept.json()["success"]
        listing.refresh_from_db()
        assert listing.get_latest_revision_as_object().name == "Day line"

    def test_offers_names_instead_of_codes(self, private, listing):
        page = BeautifulSoup(private.get(self.url(listing)).content, "html.parser")

        assert page.select_one("code-picker select[name=countries] option[selected]").get_text() == "Germany"
        assert page.select_one("code-picker select[name=contact_points-0-languages]") is not None
        assert page.select_one("select[name=contact_points-0-number_country] option[value=de]").get_text() == "Germany"
        assert page.select_one("label[for=id_countries]").get_text(strip=True) == "Countries"


@pytest.mark.browser
class TestScript:
    """The script alone, on a page with nothing but the fields."""

    @pytest.fixture
    def page(self, open_page: Any) -> Page:
        script = (settings.ROOT / "helpline/static/helpline/listing-form.js").read_text()
        picker = forms.CodePicker(choices=COUNTRIES).render("countries", ["de"], {"id": "id_countries"})
        week = forms.HoursInput().render("hours", "Mo-Fr 09:00-17:00; PH off", {"id": "id_hours"})
        page: Page = open_page("about:blank")
        page.set_content(f"<!DOCTYPE html><form>{picker}{week}</form>")
        page.add_script_tag(content=script)
        return page

    def chosen(self, page: Page) -> list[str]:
        return page.evaluate(
            "[...document.querySelector('[name=countries]').selectedOptions].map(option => option.value)"
        )

    def test_adds_what_is_typed_and_keeps_what_was_chosen(self, page):
        box = page.locator("#id_countries")

        box.fill("aus")
        box.press("Enter")
        box.fill("GREECE")
        box.press("Enter")
        box.fill("gree")  # Greenland, the only one left with this beginning
        box.press("Tab")
        assert self.chosen(page) == ["at", "de", "gr", "gl"]

        box.fill("nowhere")
        box.press("Enter")
        assert self.chosen(page) == ["at", "de", "gr", "gl"]

        page.get_by_role("button", name="Take out: Germany").press("Enter")
        assert self.chosen(page) == ["at", "gr", "gl"]
        assert page.evaluate("document.activeElement.id") == "id_countries"

    def test_writes_the_week_as_a_text_and_reads_the_text_as_a_week(self, page):
        text, monday = page.locator("#id_hours"), page.get_by_label("Monday: from")
        assert monday.input_value() == "09:00"
        assert page.get_by_label("Closed on public holidays").is_checked()

        page.get_by_label("Wednesday: again from").fill("18")
        page.get_by_label("Wednesday: again until").fill("20.30")
        page.get_by_label("Friday: until").fill("0:00")
        page.get_by_label("Friday: until").press("Tab")
        assert text.input_value() == (
            "Mo-Tu 09:00-17:00; We 09:00-17:00,18:00-20:30; Th 09:00-17:00; Fr 09:00-24:00; PH off"
        )

        text.fill("Tu,Th 10:00-12:00")
        assert monday.input_value() == ""
        assert page.get_by_label("Thursday: from").input_value() == "10:00"

        page.get_by_label("At any hour").check()
        assert text.input_value() == "24/7"
        assert monday.is_hidden()

        text.fill("Dec 24 off; Mo-Fr 09:00-17:00")
        assert page.get_by_text("cannot be shown as a table").is_visible()
        assert text.input_value() == "Dec 24 off; Mo-Fr 09:00-17:00"
