"""Times and countries without an answer are shown to staff, and to the public if the operator has chosen so."""

import pytest
from django.utils import translation
from django.utils.translation import gettext

from core import maps
from core.languages import names
from helpline.finder.content.coverage.answers import GROUPS, Answers, Coverage, reliable
from helpline.finder.content.coverage.coverage_map import WORRIED, CoverageMap, Grade
from helpline.finder.publishing import HelpPages
from helpline.governance import services
from helpline.records.settings import HelplineSettings
from helpline.vocabulary.codes import ANYWHERE, Alert, Status
from helpline.vocabulary.hours import ALL_HOURS
from helpline.vocabulary.wording import revealing_words
from tests.factories.helpline import (
    FinderPageFactory,
    ProgrammeFactory,
    StaffFactory,
)
from tests.helpline.rows import same_queries
from tests.helpline.unsaved import CHAT, MAIL, MONDAY, PHONE, SCREEN, TODAY, line, programme
from tests.support import sitemap
from tests.support.cached_fixtures import cached_fixture
from tests.support.html import parse
from tests.support.publishing import publish_page, render_only

DAY_AND_NIGHT = {**PHONE, "opening_hours": "24/7"}
MAP = "/en/help/coverage/"
ADMIN = "/admin/reports/coverage/"


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
        assert Grade.of(Answers(hours), ALL_HOURS) is min(grade, Grade.UNCERTAIN)

    def test_has_a_distinct_letter_and_words(self):
        assert len({(grade.letter, grade.words) for grade in Grade}) == 7


def coverage_map(*listings, language="", group=WORRIED, lines=()):
    """Return the map of unsaved listings."""
    found = {
        of: Coverage.of(programmes=listings, lines=lines, start=MONDAY, today=TODAY, audiences=audiences)
        for of, audiences in GROUPS.items()
    }
    return CoverageMap.of(found, language, group)


def rows(shown):
    return {row.name: (row.grade.letter, *row.week) for row in shown.rows}


class TestMap:
    def test_says_for_how_many_hours_each_answer_is_the_best(self):
        found = rows(coverage_map(programme(PHONE, MAIL), lines=[line(country="mt", opening_hours="24/7")]))

        assert found["Germany"] == (
            "B",
            "Someone answers: 40 of 168 hours (24%). You can write: 128 of 168 hours (76%).",
        )
        assert found["Malta"][:2] == (
            "G",
            "Maltese: Only a crisis line or the emergency number.",
        )
        assert found["All other countries"] == ("G", "We do not have a number for this country.")

    def test_does_not_call_a_line_with_unrecorded_hours_closed(self):
        letter, week = rows(coverage_map(programme({**PHONE, "opening_hours": ""})))["Germany"]

        assert letter == "D"
        assert week == "A service exists, but we do not know when it answers."

    @pytest.mark.parametrize(
        "point",
        [
            {**PHONE, "number": "", "url": "https://service.example/"},
            {"channel": "face_to_face", "address": "Street 1", "languages": ["de"]},
            {"channel": "", "url": "https://service.example/", "languages": ["de"]},
            {**CHAT, "opening_hours": ""},
        ],
        ids=["a phone without a number", "a place", "a website", "a chat"],
    )
    def test_counts_every_existing_service(self, point):
        assert rows(coverage_map(programme(point)))["Germany"][0] == "D"

    @pytest.mark.parametrize(
        "facts", [{"status": Status.CLOSED}, {"alert": Alert.IN_DOUBT}, {"alert": Alert.PHONE_DISTURBED}]
    )
    def test_but_not_what_is_closed_in_doubt_or_out_of_order(self, facts):
        assert rows(coverage_map(programme({**PHONE, "opening_hours": ""}, **facts)))["Germany"][0] == "G"

    def test_asks_each_country_in_its_own_languages(self):
        french = programme({**PHONE, "languages": ["fr"]}, countries=["fr", "be", "de"])

        found = rows(coverage_map(french))

        assert [found[name][0] for name in ("France", "Belgium", "Germany")] == ["B", "B", "G"]
        assert found["Belgium"][1].startswith("Dutch: We do not have a number")
        assert found["Belgium"][2].startswith("French: Someone answers: 40")

    def test_covers_one_language_on_request(self):
        french = programme({**PHONE, "languages": ["fr"]}, countries=["fr", "de"])

        assert rows(coverage_map(french, language="fr"))["Germany"][0] == "B"
        assert rows(coverage_map(french, language="tr"))["France"][0] == "G"

    def test_distinguishes_audiences(self):
        found = coverage_map(programme(PHONE, audiences=["family_or_friend"]), group="family_or_friend")

        (germany,) = [row for row in found.rows if row.code == "DE"]
        assert "".join(grade.letter for grade in germany.grades) == "GGBG"
        assert germany.grade.letter == "B"
        assert str(found.people) == "family and friends"

    def test_counts_each_service_once_and_says_how_many_have_been_checked(self):
        both = programme(PHONE, audiences=["self_thoughts", "professional"], countries=["de", "at"])
        found = coverage_map(both, programme(PHONE, checked_on=None))

        assert (found.services, found.checked) == (2, 1)
        assert {row.code: row.services for row in found.rows if row.code in {"DE", "AT", "FR"}} == {
            "DE": "2 (1)",
            "AT": "1 (1)",
            "FR": "0",
        }

    def test_has_a_row_for_every_country_that_is_drawn_or_named(self):
        named = rows(coverage_map(programme(PHONE, countries=["au"]), lines=[line(country="nz")]))

        assert {"Australia", "Malta", "Iceland", "Türkiye", "Cyprus"} <= named.keys()
        assert "New Zealand" not in rows(coverage_map())

    def test_is_in_the_order_of_the_readers_names(self):
        with translation.override("de"):
            found = [row.name for row in coverage_map().rows]

        assert found[:2] == ["Albanien", "Andorra"]
        assert found.index("Österreich") < found.index("Polen")
        assert found[-1] == "Alle anderen Länder"

    def test_services_for_anywhere_reach_countries_that_no_listing_names(self):
        anywhere = programme(SCREEN, countries=[ANYWHERE])

        assert rows(coverage_map(anywhere))["Austria"][0] == "E"
        assert rows(coverage_map(anywhere))["All other countries"][0] == "F"


class TestStarterData:
    """The map is correct for each country of the starter data."""

    def test_has_no_answer_in_a_language_only_without_a_service_in_it(self, starter_programmes):
        found = {row.code.lower(): row for row in coverage_map(*starter_programmes).rows if row.code}
        speaking = {
            country
            for each in starter_programmes
            if reliable(each, TODAY) and {"self_thoughts", "self_behaviour"} & {*each.audiences}
            for point in each.contact_points.all()
            for country in each.countries
            if {*point.languages} & {*names.languages_of_country(country)}
        }

        assert {code for code in speaking - {ANYWHERE} if found[code].grade > Grade.SELF_HELP} == set()
        assert len(speaking) >= 20

    def test_has_an_answer_in_french_for_france(self, starter_programmes):
        (france,) = [row for row in coverage_map(*starter_programmes).rows if row.code == "FR"]

        assert france.grade is Grade.OFTEN
        assert france.week[0].startswith("Someone answers: 40 of 168 hours")


def want(*, public: bool) -> None:
    """Set whether the map is public."""
    settings = HelplineSettings.objects.get()
    settings.shows_coverage = public
    settings.save()


@pytest.fixture
@cached_fixture
def finder(home, languages, lines, django_capture_on_commit_callbacks):
    return FinderPageFactory(parent=home)


def cells(page: str) -> dict[str, str]:
    """Return the letter of each country in the table."""
    body = parse(page).one("tbody")
    return {row.one("th").text.rpartition(" ")[0]: row.all("b")[0].text for row in body.all("tr")}


@pytest.mark.django_db
@pytest.mark.usefixtures("without_api")
class TestPublicPage:
    def test_is_not_there_unless_the_operator_wants_it(self, public, finder):
        render_only("/en/help/")

        assert public.get(MAP).status_code == 404
        assert "coverage/" not in public.get("/en/help/").text
        assert "coverage" not in sitemap.text()
        assert MAP not in HelpPages().invalidated_by(ProgrammeFactory())

    def test_shows_coverage_in_words_and_as_a_picture(self, public, finder):
        want(public=True)
        ProgrammeFactory(approved=True, contacts=[{**DAY_AND_NIGHT, "languages": ["de"]}])
        ProgrammeFactory(countries=["it"], checked=True, contacts=[{**DAY_AND_NIGHT, "languages": ["en"]}])

        render_only(MAP)

        page = public.get(MAP).text
        found = cells(page)
        assert (found["Germany"], found["Italy"]) == ("A", "G")
        drawn = parse(page).one("svg", **{"aria-labelledby": "coverage-title"})
        assert len(drawn.one("g", fill="url(#coverage-A)").all("path")) == 1
        assert len(drawn.one("g", fill="url(#coverage-G)").all("path")) == len(maps.europe()["outlines"]) - 1
        assert {"Germany", "Italy", "MT"} <= {each.text for each in drawn.one("g", class_="map-names").all("text")}
        assert page.index("<table>") < page.index('aria-labelledby="coverage-title"')

    def test_has_no_style_and_no_script_within(self, public, finder):
        want(public=True)
        render_only(MAP)

        document = parse(public.get(MAP).text)

        assert not [each for each in document.all() if "style" in each.attributes or each.tag == "style"]
        assert [each.get("src") is not None for each in document.all("script")] == [True]

    def test_has_a_neutral_name_and_its_translations(self, public, finder, home, languages):
        german = home.copy_for_translation(languages["de"])
        german.save_revision().publish()
        publish_page(finder.copy_for_translation(languages["de"]))
        want(public=True)

        render_only(MAP)

        document = parse(public.get(MAP).text)
        alternates = {each["hreflang"] for each in document.all("link", rel="alternate")}
        assert document.one("head").one("title").text.startswith("Where and when services answer")
        assert alternates == {"en", "de", "x-default"}
        assert sitemap.text().count("/help/coverage/</loc>") == 2

    @pytest.mark.parametrize("code", ["en", "de", "fr", "ar"])
    def test_has_a_name_that_does_not_reveal_what_was_read(self, code):
        with translation.override(code):
            assert list(revealing_words(gettext("Where and when services answer"))) == []

    def test_follows_a_changed_listing_and_goes_when_it_is_not_wanted_any_more(
        self, public, finder, declare, django_capture_on_commit_callbacks
    ):
        declare(routes=[HelpPages()])
        with django_capture_on_commit_callbacks(execute=True):
            want(public=True)
        assert cells(public.get(MAP).text)["Germany"] == "G"

        with django_capture_on_commit_callbacks(execute=True):
            made = ProgrammeFactory(approved=True, contacts=[DAY_AND_NIGHT])
        assert cells(public.get(MAP).text)["Germany"] == "A"

        with django_capture_on_commit_callbacks(execute=True):
            services.close(listing=made, by=StaffFactory(), reason="It has closed.")
        assert cells(public.get(MAP).text)["Germany"] == "G"

        with django_capture_on_commit_callbacks(execute=True):
            want(public=False)
        assert public.get(MAP).status_code == 404

    def test_takes_the_same_queries_for_few_and_many(self, public, finder, settings):
        settings.RENDER_ON_REQUEST = True
        want(public=True)
        ProgrammeFactory.create_batch(2, approved=True)
        with same_queries(lambda: public.get(MAP)):
            ProgrammeFactory.create_batch(3, approved=True)

    def test_is_nothing_deeper(self, public, finder, settings):
        settings.RENDER_ON_REQUEST = True
        want(public=True)

        assert public.get(f"{MAP}more/").status_code == 404


@pytest.mark.django_db
class TestAdmin:
    def test_shows_the_map_of_the_chosen_language(self, private, sign_in, finder):
        ProgrammeFactory(approved=True, contacts=[{**DAY_AND_NIGHT, "languages": ["tr"]}])
        sign_in("view_programme")

        english, turkish = private.get(ADMIN), private.get(f"{ADMIN}?language=tr")

        assert english.context["map"].language == ""
        assert [row.grade.letter for row in turkish.context["map"].rows if row.name == "Germany"] == ["A"]
        assert "<h2>Turkish</h2>" in turkish.text
        assert "<title>Germany: A</title>" in turkish.text

    @pytest.mark.parametrize("asked", ["xx", "<script>", "tr'", "e" * 3000])
    def test_says_that_there_is_no_such_language(self, private, sign_in, finder, asked):
        page = sign_in("view_programme").get(ADMIN, {"language": asked})

        assert page.status_code == 200
        assert "is not known here" in page.text
        assert "<script>”" not in page.text
        assert page.context["language"] == ""

    def test_compares_the_languages_of_the_site(self, private, sign_in, finder):
        ProgrammeFactory(approved=True, contacts=[{**DAY_AND_NIGHT, "languages": ["de"]}])

        page = sign_in("view_programme").get(ADMIN)

        found = {one.code: one.countries for one in page.context["spoken"]}
        assert found == {
            "en": [0] * 6 + [52],
            "de": [1] + [0] * 5 + [51],
            "fr": [0] * 6 + [52],
            "ar": [0] * 6 + [52],
        }

    def test_shows_the_map_of_the_chosen_group(self, private, sign_in, finder):
        ProgrammeFactory(approved=True, audiences=["professional"], contacts=[DAY_AND_NIGHT])
        sign_in("view_programme")

        of_professionals = private.get(ADMIN, {"people": "professional"}).context["map"]

        assert [row.grade.letter for row in of_professionals.rows if row.code == "DE"] == ["A"]
        assert private.get(ADMIN, {"people": "'"}).context["group"] == WORRIED

    def test_is_for_those_who_keep_listings(self, private, sign_in, finder):
        assert private.get(ADMIN).status_code == 302
        assert sign_in("view_programme").get(ADMIN).status_code == 200
        assert sign_in().get(ADMIN).status_code == 302

    def test_is_in_the_menu_of_those_who_may_see_it(self, private, sign_in, finder):
        assert ADMIN in sign_in("view_programme").get("/admin/").text
        assert ADMIN not in sign_in().get("/admin/").text

    def test_takes_the_same_queries_for_few_and_many(self, private, sign_in, finder):
        sign_in("view_programme")
        ProgrammeFactory.create_batch(2, approved=True)
        with same_queries(lambda: private.get(ADMIN)):
            ProgrammeFactory.create_batch(3, approved=True)
