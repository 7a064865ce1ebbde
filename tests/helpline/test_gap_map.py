"""Where and when nobody answers is shown to staff, and to the public if the operator wants that."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext

from core.languages import names
from helpline.finder.content.coverage import Answers, week_of
from helpline.finder.content.gap_map import OUTLINES, GapMap, Grade, europe
from helpline.finder.publishing import HelpPages
from helpline.governance import services
from helpline.records.settings import HelplineSettings
from helpline.vocabulary.codes import ANYWHERE, LineKind
from helpline.vocabulary.hours import ALL_HOURS
from helpline.vocabulary.wording import revealing_words
from press.services import print_paths
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
)
from tests.helpline.test_coverage import coverage
from tests.helpline.unsaved import MAIL, PHONE, SCREEN, line, programme
from tests.support import sitemap
from tests.support.html import parse
from tests.support.publishing import publish_page
from tests.support.queries import queries
from tests.support.scenes import scene

DAY_AND_NIGHT = {**PHONE, "opening_hours": "24/7"}
MAP = "/en/help/coverage/"
DESK = "/admin/reports/gaps/"


class TestGrade:
    @pytest.mark.parametrize(
        ("hours", "grade"),
        [
            ((ALL_HOURS, 0, 0, 0, 0, 0), Grade.ALWAYS),
            ((1, ALL_HOURS - 1, 0, 0, 0, 0), Grade.OFTEN),
            ((0, ALL_HOURS, 0, 0, 0, 0), Grade.WRITE),
            ((0, 0, ALL_HOURS, 0, 0, 0), Grade.SELF_HELP),
            ((0, 0, 0, ALL_HOURS, 0, 0), Grade.ANYWHERE),
            ((0, 0, 0, 0, ALL_HOURS, 0), Grade.CRISIS),
            ((0, 0, 0, 0, 0, ALL_HOURS), Grade.CRISIS),
        ],
    )
    def test_is_the_best_that_a_week_has(self, hours, grade):
        assert Grade.of(Answers(hours)) is grade

    def test_has_a_letter_and_words_of_its_own(self):
        assert len({(grade.letter, grade.words) for grade in Grade}) == 6


class TestWeek:
    @pytest.mark.parametrize("day", [dt.date(2026, 11, 23), dt.date(2026, 11, 25), dt.date(2026, 11, 29)])
    def test_begins_on_monday(self, day):
        assert week_of(day) == dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


class TestMap:
    def rows(self, gaps):
        return {row.name: (row.grade.letter, row.week) for row in gaps.rows}

    def test_says_for_how_many_hours_each_answer_is_the_best(self):
        found = coverage(programme(PHONE, MAIL), lines=[line(country="mt", opening_hours="24/7")])

        rows = self.rows(GapMap.of(found, "de"))

        assert rows["Germany"] == (
            "B",
            ("Someone answers: 40 of 168 hours (24%)", "You can write: 128 of 168 hours (76%)"),
        )
        assert rows["Malta"] == (
            "F",
            ("Only a crisis line or the emergency number: 168 of 168 hours (100%)",),
        )
        assert rows["All other countries"] == (
            "F",
            ("We do not have a number for this country: 168 of 168 hours (100%)",),
        )

    def test_shows_where_there_is_only_a_crisis_line_in_a_language(self):
        found = coverage(programme(DAY_AND_NIGHT), lines=[line(opening_hours="24/7")])

        assert dict(GapMap.of(found, "de").legend)[Grade.CRISIS] == 51
        assert dict(GapMap.of(found, "tr").legend)[Grade.CRISIS] == 52

    def test_has_a_row_for_every_country_that_is_drawn_or_named(self):
        found = coverage(programme(PHONE, countries=["au"]), lines=[line(country="nz")])

        named = self.rows(GapMap.of(found, "de"))

        assert {"Australia", "Malta", "Iceland", "Türkiye", "Cyprus"} <= named.keys()
        assert "New Zealand" not in self.rows(GapMap.of(coverage(), "de"))

    def test_is_in_the_order_of_the_readers_names(self):
        with translation.override("de"):
            rows = [row.name for row in GapMap.of(coverage(), "de").rows]

        assert rows[:2] == ["Albanien", "Andorra"]
        assert rows.index("Österreich") < rows.index("Polen")
        assert rows[-1] == "Alle anderen Länder"

    def test_what_works_anywhere_reaches_the_countries_that_nobody_named(self):
        found = coverage(programme(SCREEN, countries=[ANYWHERE]))

        assert self.rows(GapMap.of(found, "de"))["All other countries"][0] == "D"
        assert self.rows(GapMap.of(found, "tr"))["All other countries"][0] == "E"


class TestDrawing:
    def test_holds_outlines_of_countries_and_nothing_else(self):
        drawing = json.loads(OUTLINES.read_text())
        known = {code for code, _name in names.countries("en")}

        assert set(drawing["outlines"]) | set(drawing["dots"]) <= known
        assert not set(drawing["outlines"]) & set(drawing["dots"])
        assert all(re.fullmatch(r"[mz0-9 -]+", path) for path in drawing["outlines"].values())

    def test_has_every_member_of_the_european_union_and_its_neighbours(self):
        drawn = set(europe()["outlines"]) | set(europe()["dots"])

        members = "at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk ch gb is no tr ua"
        assert set(members.split()) <= drawn

    def test_keeps_its_dots_within_the_frame(self):
        width, height = europe()["width"], europe()["height"]

        assert all(0 < x < width and 0 < y < height for x, y in europe()["dots"].values())

    def test_is_small(self):
        assert OUTLINES.stat().st_size < 10_000


def want(*, public: bool) -> None:
    """Decide, as the operator, whether the map is public."""
    settings = HelplineSettings.objects.get()
    settings.shows_coverage = public
    settings.save()


@pytest.fixture
@scene
def finder(home, languages, django_capture_on_commit_callbacks):
    SupportLineFactory(approved=True, kind=LineKind.EMERGENCY, number="112")
    SupportLineFactory(approved=True, kind=LineKind.SUICIDE_CRISIS)
    return FinderPageFactory(parent=home)


def cells(page: str) -> dict[str, str]:
    """The letter of each country in the table."""
    body = parse(page).one("tbody")
    return {row.one("th").text: row.one("b").text for row in body.all("tr")}


@pytest.mark.django_db
class TestPublicPage:
    def test_is_not_there_unless_the_operator_wants_it(self, public, finder):
        print_paths(["/en/help/"])

        assert public.get(MAP).status_code == 404
        assert "coverage/" not in public.get("/en/help/").text
        assert "coverage" not in sitemap.text()
        assert MAP not in HelpPages().invalidated_by(ProgrammeFactory())

    def test_says_where_somebody_answers_in_words_and_as_a_picture(self, public, finder):
        want(public=True)
        ProgrammeFactory(approved=True, contacts=[{**DAY_AND_NIGHT, "languages": ["en"]}])
        ProgrammeFactory(countries=["it"], checked=True, contacts=[{**DAY_AND_NIGHT, "languages": ["en"]}])

        print_paths([MAP])

        page = public.get(MAP).text
        found = cells(page)
        assert (found["Germany"], found["Italy"]) == ("A", "F")
        drawn = parse(page).one("svg", role="img")
        assert len(drawn.one("g", fill="url(#gap-A)").all("path")) == 1
        assert len(drawn.one("g", fill="url(#gap-F)").all("path")) == len(europe()["outlines"]) - 1

    def test_has_no_style_and_no_script_within(self, public, finder):
        want(public=True)
        print_paths([MAP])

        document = parse(public.get(MAP).text)

        assert not [each for each in document.all() if "style" in each.attributes or each.tag == "style"]
        assert [each.get("src") is not None for each in document.all("script")] == [True]

    def test_has_a_neutral_name_and_its_counterparts(self, public, finder, home, languages):
        german = home.copy_for_translation(languages["de"])
        german.save_revision().publish()
        publish_page(finder.copy_for_translation(languages["de"]))
        want(public=True)

        print_paths([MAP])

        document = parse(public.get(MAP).text)
        alternates = {each["hreflang"] for each in document.all("link", rel="alternate")}
        assert document.one("head").one("title").text.startswith("Where and when somebody answers")
        assert alternates == {"en", "de", "x-default"}
        assert sitemap.text().count("/help/coverage/</loc>") == 2

    @pytest.mark.parametrize("code", ["en", "de", "fr", "ar"])
    def test_has_a_name_that_tells_nobody_what_was_read(self, code):
        with translation.override(code):
            assert list(revealing_words(gettext("Where and when somebody answers"))) == []

    def test_follows_a_changed_listing_and_goes_when_it_is_not_wanted_any_more(
        self, public, finder, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            want(public=True)
        assert cells(public.get(MAP).text)["Germany"] == "F"

        with django_capture_on_commit_callbacks(execute=True):
            made = ProgrammeFactory(approved=True, contacts=[{**DAY_AND_NIGHT, "languages": ["en"]}])
        assert cells(public.get(MAP).text)["Germany"] == "A"

        with django_capture_on_commit_callbacks(execute=True):
            services.close(listing=made, by=StaffFactory(), reason="It has closed.")
        assert cells(public.get(MAP).text)["Germany"] == "F"

        with django_capture_on_commit_callbacks(execute=True):
            want(public=False)
        assert public.get(MAP).status_code == 404

    def test_takes_the_same_queries_for_few_and_many(self, public, finder, settings):
        settings.PRESS_RENDERS_ON_REQUEST = True
        want(public=True)
        ProgrammeFactory.create_batch(2, approved=True)
        public.get(MAP)
        few = queries(lambda: public.get(MAP))
        ProgrammeFactory.create_batch(8, approved=True)

        assert queries(lambda: public.get(MAP)) == few

    def test_has_an_address_that_no_guide_can_take(self, finder):
        with pytest.raises(ValidationError, match="The finder uses this address"):
            GuidePageFactory.build(slug="coverage").clean()

    def test_is_nothing_deeper(self, public, finder, settings):
        settings.PRESS_RENDERS_ON_REQUEST = True
        want(public=True)

        assert public.get(f"{MAP}more/").status_code == 404


@pytest.mark.django_db
class TestDesk:
    def sign_in(self, desk, *permissions):
        staff = StaffFactory(permissions=list(permissions))
        # The factory knows only the permissions of the helpline.
        staff.user_permissions.add(Permission.objects.get(codename="access_admin"))
        desk.force_login(staff)
        return desk

    def test_shows_the_map_of_the_language_that_is_asked_for(self, desk, finder):
        ProgrammeFactory(approved=True, contacts=[{**DAY_AND_NIGHT, "languages": ["tr"]}])
        self.sign_in(desk, "view_programme")

        english, turkish = desk.get(DESK), desk.get(f"{DESK}?language=tr")

        assert english.context["map"].language == "English"
        assert [row.grade.letter for row in turkish.context["map"].rows if row.name == "Germany"] == ["A"]
        assert "<h2>Turkish</h2>" in turkish.text
        assert "<title>Germany: A</title>" in turkish.text

    @pytest.mark.parametrize("asked", ["xx", "<script>", "tr'", "e" * 3000])
    def test_says_that_there_is_no_such_language(self, desk, finder, asked):
        page = self.sign_in(desk, "view_programme").get(DESK, {"language": asked})

        assert page.status_code == 200
        assert "is not known here" in page.text
        assert "<script>”" not in page.text
        assert page.context["language"] == "en"

    def test_compares_the_languages_of_the_site(self, desk, finder):
        ProgrammeFactory(approved=True, contacts=[{**DAY_AND_NIGHT, "languages": ["de"]}])

        page = self.sign_in(desk, "view_programme").get(DESK)

        found = {one.code: one.countries for one in page.context["spoken"]}
        assert found == {
            "en": [0, 0, 0, 0, 0, 52],
            "de": [1, 0, 0, 0, 0, 51],
            "fr": [0] * 5 + [52],
            "ar": [0] * 5 + [52],
        }

    def test_is_for_those_who_keep_listings(self, desk, finder):
        assert desk.get(DESK).status_code == 302
        assert self.sign_in(desk, "view_programme").get(DESK).status_code == 200
        assert self.sign_in(desk).get(DESK).status_code == 302

    def test_is_in_the_menu_of_those_who_may_see_it(self, desk, finder):
        assert DESK in self.sign_in(desk, "view_programme").get("/admin/").text
        assert DESK not in self.sign_in(desk).get("/admin/").text

    def test_takes_the_same_queries_for_few_and_many(self, desk, finder):
        self.sign_in(desk, "view_programme")
        ProgrammeFactory.create_batch(2, approved=True)
        desk.get(DESK)
        few = queries(lambda: desk.get(DESK))
        ProgrammeFactory.create_batch(8, approved=True)

        assert queries(lambda: desk.get(DESK)) == few
