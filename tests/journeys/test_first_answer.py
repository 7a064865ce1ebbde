"""A stranger with a small phone and no script has somebody to turn to after one choice, in every language.

The starter data, with the demonstration's banner. What is closed or in doubt is never the first answer.
"""

from __future__ import annotations

import pytest
from django.utils import translation

from helpline.finder.content import alerts
from helpline.records.visibility import hides_contact
from helpline.vocabulary.codes import ANYWHERE
from tests.helpline.unsaved import TODAY
from tests.journeys.test_helpline import LANGUAGES, choose, finder, show  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.journey, pytest.mark.django_db]

# Width, height, and how far down the first way to make contact may stand: 1.2 screens, and a little more on the smallest phone.
PHONES = {"360 px": (360, 740, 888), "320 px": (320, 568, 900)}
MEASURE = """() => {
    const seen = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    const bottom = (each) => each ? Math.round(each.getBoundingClientRect().bottom + scrollY) : null;
    const first = seen("article.programme")[0];
    const way = first?.querySelector(".programme-contact a");
    return {
        name: first?.dataset.programme ?? null, way: way?.href ?? null, bottom: bottom(way), count: bottom(seen(".finder-count")[0]),
        urgent: seen(".finder-urgent a.call, .finder-now a.call").map((each) => each.getAttribute("href")),
        line: first?.querySelector("summary").innerText.trim() ?? "",
    };
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phone", PHONES)
class TestAfterOneChoice:
    def test_the_best_answer_is_on_the_screen_in_every_country_with_a_listing(
        self,
        finder,  # noqa: F811
        show,  # noqa: F811
        language,
        phone,
    ):
        width, height, most = PHONES[phone]
        page = show(language, width=width, height=height, scripts=False)
        by_uuid = {str(each.uuid): each for each in finder.programmes}
        countries = sorted({code for each in finder.programmes for code in each.countries} - {ANYWHERE})
        wrong = {}
        for country in countries:
            choose(page, "country", country)
            found = page.evaluate(MEASURE)
            best = by_uuid[found["name"]]
            with translation.override(language):
                if not (
                    found["way"]
                    and found["bottom"]
                    <= most + 44  # its top is measured in the figures; the button is 44 px high
                    and found["urgent"]
                    and "tel:112" not in found["urgent"][1:]
                    and found["line"]
                    and alerts.reliable(best)
                    and not hides_contact(best, TODAY)
                ):
                    wrong[country] = found

        assert wrong == {}
        assert len(countries) >= 20
        assert overflow_free(page)

    def test_the_number_of_services_is_on_the_first_screen(
        self,
        finder,  # noqa: F811
        show,  # noqa: F811
        language,
        phone,
    ):
        width, height, _most = PHONES[phone]
        page = show(language, width=width, height=height, scripts=False)
        choose(page, "country", "de")

        assert page.evaluate(MEASURE)["count"] <= height

    def test_from_anywhere_and_at_once_where_the_country_has_no_listing(
        self,
        finder,  # noqa: F811
        show,  # noqa: F811
        language,
        phone,
    ):
        width, height, most = PHONES[phone]
        page = show(language, width=width, height=height, scripts=False)
        by_uuid = {str(each.uuid): each for each in finder.programmes}
        wrong = {}
        for country in ("bg", "cy", "gr", "hr", "hu", "lt", "lu", "mt", "ro", "si", "sk"):
            choose(page, "country", country)
            found = page.evaluate(MEASURE)
            if (
                ANYWHERE not in by_uuid[found["name"]].countries
                or found["bottom"] > most
                or len(found["urgent"]) < 2
            ):
                wrong[country] = found

        assert wrong == {}


def overflow_free(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
