"""A visitor with a small phone and no script finds a service after one choice, in every language.

The starter data, with the demonstration's banner.
What is closed or in doubt is never the first answer.
"""

import pytest
from django.utils import translation

from helpline.finder.content.listing import state
from helpline.records.visibility import hides_contact
from helpline.vocabulary.codes import ANYWHERE
from tests.helpline.unsaved import TODAY
from tests.journeys.conftest import LANGUAGES, choose
from tests.support.browser import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("finder")]

# Width, height, and the lowest position of the first contact point: 1.2 screens, and a little more on the smallest
# phone.
PHONES = {"360 px": (360, 740, 888), "320 px": (320, 568, 900)}
MEASURE = """() => {
    const seen = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    const at = (each, side) => each ? Math.round(each.getBoundingClientRect()[side] + scrollY) : null;
    const first = seen("article.programme")[0];
    const way = first?.querySelector(".programme-contact a");
    return {
        name: first?.dataset.programme ?? null, way: way?.href ?? null, top: at(way, "top"),
        count: at(seen(".finder-count")[0], "bottom"),
        urgent: seen(".finder-urgent a.call, .finder-now a.call").map((each) => each.getAttribute("href")),
        line: first?.querySelector("summary").innerText.trim() ?? "",
        rows: seen("article.programme").map((each) => each.getBoundingClientRect().height),
    };
}"""

# Average height of a listing, in pixels, for every choice of country, on a phone that is 360 px wide.
ROW = 210
IN_THE_PANEL = """() => [...document.querySelectorAll(".at-once a.call")]
    .filter((each) => each.checkVisibility()).map((each) => each.getAttribute("href"))"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phone", PHONES)
class TestAfterOneChoice:
    @pytest.fixture
    def screen(self, show, language, phone):
        width, height, _most = PHONES[phone]
        return show(language, width=width, height=height, scripts=False)

    def test_the_best_answer_and_the_number_of_services_are_on_the_screen_in_every_country_with_a_listing(
        self, finder, screen, language, phone
    ):
        width, height, most = PHONES[phone]
        by_uuid = {str(each.uuid)[:8]: each for each in finder.programmes}
        countries = sorted({code for each in finder.programmes for code in each.countries} - {ANYWHERE})
        wrong, high = {}, {}
        for country in countries:
            choose(screen, "country", country)
            found = screen.evaluate(MEASURE)
            rows = found.pop("rows")
            if width >= 360 and sum(rows) / len(rows) > ROW:
                high[country] = rows
            best = by_uuid[found["name"]]
            with translation.override(language):
                if not (
                    found["way"]
                    and found["top"] <= most
                    and found["count"] <= height
                    and found["urgent"]
                    and "tel:112" not in found["urgent"][1:]
                    and found["line"]
                    and state.reliable(best)
                    and not hides_contact(best, TODAY)
                ):
                    wrong[country] = found

        assert wrong == {}
        assert len(countries) >= 20
        assert high == {}
        assert overflow_free(screen)

    def test_from_other_countries_first_where_the_country_has_no_listing(self, finder, screen, phone):
        most = PHONES[phone][2]
        by_uuid = {str(each.uuid)[:8]: each for each in finder.programmes}
        wrong = {}
        for country in ("bg", "cy", "gr", "hr", "hu", "lt", "lu", "mt", "ro", "si", "sk"):
            choose(screen, "country", country)
            found = screen.evaluate(MEASURE)
            if ANYWHERE not in by_uuid[found["name"]].countries or found["top"] > most or len(found["urgent"]) < 2:
                wrong[country] = found

        assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
class TestOnAGuide:
    """The numbers are those of the reader's own country, in two taps, and never those of others."""

    # Germany, Australia (no 112), and Egypt, of which the starter data know nothing.
    NUMBERS = {
        "any": ["tel:112"],
        "de": ["tel:112", "tel:+498001110111", "tel:116111", "tel:+498002255530"],
        "au": ["tel:000", "tel:131114", "tel:+611800551800", "tel:+611800737732"],
        "eg": ["tel:112"],
    }

    def test_are_shown_once_the_country_is_chosen(self, show, language):
        page = show(language, path="help/first-steps/", width=360, height=740, scripts=False)
        found = {}
        for country in self.NUMBERS:
            choose(page, "country", country)
            found[country] = page.evaluate(IN_THE_PANEL)
        choose(page, "country", "any")

        assert found == self.NUMBERS
        assert page.evaluate(IN_THE_PANEL) == ["tel:112"]
        assert overflow_free(page)
        assert axe(page) == []


def overflow_free(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("language", LANGUAGES)
class TestInFirefox:
    """Scripts are on, because nothing can be evaluated otherwise; they add a button and hours, and widen the text."""

    def test_the_best_answer_is_on_the_screen(self, finder, show, open_page, language):
        page = show(language, opener=open_page.firefox, width=360, height=740)
        low = {}
        for country in [
            "at",
            "be",
            "ch",
            "cz",
            "de",
            "es",
            "fi",
            "fr",
            "gb",
            "ie",
            "it",
            "nl",
            "no",
            "pl",
            "se",
        ]:
            choose(page, "country", country)
            found = page.evaluate(MEASURE)
            if not found["way"] or found["top"] > PHONES["360 px"][2] + 60 or found["count"] > 740:
                low[country] = found

        assert low == {}


ANSWERS = """() => {
    const seen = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    return {
        child: seen(".finder-child a.call").map((each) => each.textContent.trim()),
        answers: seen(".finder-nothing .finder-answer a").length,
    };
}"""
PERSONS = ("self_thoughts", "self_behaviour", "young_person", "family_or_friend", "professional")


class TestEveryReader:
    @pytest.mark.parametrize(("country", "number"), [("fr", "119"), ("de", "116111"), ("nl", "0800-0432")])
    def test_a_child_is_shown_the_helpline_of_the_country(self, finder, show, country, number):
        page = show(width=360, scripts=False)
        choose(page, "country", country)
        assert page.evaluate(ANSWERS)["child"] == []

        choose(page, "audience", "young_person")

        digits = ["".join(filter(str.isdigit, each)) for each in page.evaluate(ANSWERS)["child"]]
        assert digits == ["".join(filter(str.isdigit, number))]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_choice_leads_to_an_empty_box(self, finder, show, language):
        page = show(language, scripts=False)
        empty = []
        for country in ("fr", "lu", "jp", "ua", "br"):
            choose(page, "country", country)
            for person in PERSONS:
                choose(page, "audience", person)
                if not page.evaluate(ANSWERS)["answers"]:
                    empty.append((country, person))

        assert empty == []

    def test_countries_with_services_come_first_and_none_without_people(self, finder, show):
        page = show(scripts=False)
        groups = page.locator("[data-facet=country] optgroup")

        leading = groups.nth(0).locator("option").evaluate_all("all => all.map((each) => each.dataset.code)")
        others = groups.nth(1).locator("option").evaluate_all("all => all.map((each) => each.dataset.code)")

        assert set(leading) == {code for each in finder.programmes for code in each.countries} - {ANYWHERE}
        assert not {"aq", "bv", "hm"} & {*leading, *others}
        assert len(others) > 200


# A frame is drawn after its callbacks have run: only the second callback has a whole frame behind it.
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Elements that a rule of the finder may hide, and the summary of the closed group.
MATCHED = "[data-country], [data-audience], [data-region], [data-spoken], [data-said]"


class TestCostOfAChoice:
    """On an old phone, most of the time between a choice and its answer goes into working out styles."""

    @pytest.fixture
    def styled(self):
        """Return a function that acts on a page, and returns for how many elements Chromium recalculates the styles."""

        def styled(page, act) -> int:
            session = page.context.new_cdp_session(page)
            counts, ended = [], []
            session.on(
                "Tracing.dataCollected",
                lambda some: counts.extend(
                    each["args"]["elementCount"]
                    for each in some["value"]
                    if each["name"] == "UpdateLayoutTree" and "elementCount" in each["args"]
                ),
            )
            session.on("Tracing.tracingComplete", lambda told: ended.append(told))
            session.send("Tracing.start", {"traceConfig": {"includedCategories": ["devtools.timeline"]}})
            act()
            page.evaluate(DRAWN)
            session.send("Tracing.end")
            while not ended:
                page.wait_for_timeout(10)
            return sum(counts)

        return styled

    def test_recalculates_styles_of_hideable_elements_only(self, show, styled):
        page = show("de", width=360)
        choose(page, "country", "de")
        page.evaluate(DRAWN)
        everything = page.locator(MATCHED).count()

        looked_at = styled(page, lambda: choose(page, "audience", "self_thoughts"))

        assert 55 <= looked_at <= everything < page.locator("*").count() / 10

    def test_is_less_where_a_listing_is_found_again(self, show, styled):
        page = show("de", width=360)
        choose(page, "country", "de")
        page.evaluate(DRAWN)

        looked_at = styled(page, lambda: choose(page, "country", "any"))

        assert looked_at <= page.locator(MATCHED).count()

    @pytest.mark.parametrize(("facet", "code"), [("language", "de"), ("channel", "chat"), ("audience", "young_person")])
    def test_is_no_more_where_any_other_choice_is_taken_back(self, show, styled, facet, code):
        page = show("de", width=360)
        choose(page, facet, code)
        page.evaluate(DRAWN)

        looked_at = styled(page, lambda: choose(page, facet, "any"))

        assert looked_at <= page.locator(MATCHED).count() * 1.1  # and the control itself

    def test_lays_out_only_nearby_listings_of_a_long_list(self, show):
        page = show("de", width=360, height=740, swap=((b":nth-child(n + 70)", b":nth-child(n + 9)"),))

        heights = page.locator("article.programme").evaluate_all(
            "all => all.slice(-20).map((each) => each.getBoundingClientRect().height)"
        )

        assert len(set(heights)) == 1  # the estimated height of all that are far away
        page.locator("article.programme").last.scroll_into_view_if_needed()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        laid_out = page.locator("article.programme").last.bounding_box()
        assert laid_out is not None
        assert laid_out["height"] != heights[-1]


IN_REGIONS = """() => {
    const seen = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    return {
        asked: seen("[data-facet=region]").map((each) => [...each.options].map((option) => option.label)),
        rows: seen("article.programme").map((each) => each.dataset.programme),
        places: seen(".locations li > b").map((each) => each.textContent.trim()),
        said: seen(".locations > summary span").map((each) => each.textContent.trim()),
        closed: seen(".finder-said b").map((each) => each.textContent.trim()),
    };
}"""


class TestRegion:
    """In the starter data, Germany alone has more than five places to go to."""

    def test_is_chosen_in_the_closed_group_where_there_are_many(self, finder, show):
        page = show("de", scripts=False)
        page.locator(".finder-more summary").click()
        asked = {}
        for country in ("any", "ch", "de"):
            choose(page, "country", country)
            asked[country] = page.evaluate(IN_REGIONS)["asked"]

        assert asked["any"] == asked["ch"] == []
        assert asked["de"][0][:3] == ["Im ganzen Land", "Baden-Württemberg", "Bamberg"]
        assert "Regensburg" not in asked["de"][0]  # the only place there has closed

    def test_hides_services_on_site_elsewhere_and_nothing_else(self, finder, show):
        page = show("de", scripts=False)
        choose(page, "country", "de")
        page.locator(".locations > summary").first.click()
        before = page.evaluate(IN_REGIONS)

        region = page.locator("[data-facet=region]")
        page.locator(".finder-more summary").click()
        region.select_option(label="Hamburg")

        after = page.evaluate(IN_REGIONS)
        there = {
            str(each.uuid)[:8]
            for each in finder.programmes
            if each.reach == "regional" and each.countries == ["de"] and not each.is_remote()
        }
        assert {*before["rows"]} - {*after["rows"]} == there != set()
        assert (len(before["places"]), after["places"]) == (13, ["Hamburg"])
        assert (before["said"], after["said"]) == (["12 Standorte"], ["Standort in dieser Region"])
        assert after["closed"] == ["Region"]

    @pytest.mark.parametrize("country", ["any", "ch"])
    def test_of_one_country_counts_for_nothing_in_another(self, finder, show, country):
        page = show("de", scripts=False)
        choose(page, "country", country)
        before = page.evaluate(IN_REGIONS)
        choose(page, "country", "de")
        page.locator(".finder-more summary").click()
        page.locator("[data-facet=region]").select_option(label="Hamburg")

        choose(page, "country", country)

        assert page.evaluate(IN_REGIONS) == before


BOXES = """() => Object.fromEntries(
    [".finder-where", ".finder-who", ".finder-more", ".finder-results"].map((selector) => {
    const {left, right, top, bottom} = document.querySelector(selector).getBoundingClientRect();
    return [selector, {left, right, top, bottom}];
}))"""


class TestWideScreen:
    @pytest.mark.parametrize("scrolled", [0, 900])
    def test_has_the_choices_beside_the_list_and_keeps_them_there(self, show, scrolled):
        page = show("de", width=1280, height=900)
        choose(page, "country", "de")

        page.locator(".finder-more summary").click()
        page.evaluate("(to) => scrollTo(0, to)", scrolled)

        where, who, more, results = page.evaluate(BOXES).values()
        assert 0 < where["top"] < where["bottom"] <= who["top"] < who["bottom"] <= more["top"] < 900
        assert more["right"] < results["left"]
