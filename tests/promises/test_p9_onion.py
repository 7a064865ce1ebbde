"""P9: readers with Tor Browser get the onion address, and can use the site at the safest setting.

A Firefox without scripts, SVG and web fonts, which resists fingerprinting, stands in for Tor Browser.
"""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page

from core.http import headers
from tests.promises.conftest import through
from tests.promises.mutants import Announced, Mutant, of
from tests.support.browser import requests_of, tap

pytestmark = [pytest.mark.browser, pytest.mark.demonstration]

ONION = "http://abc.onion"
CAPTCHA = re.compile(r"captcha|turnstile|altcha|cf-challenge", re.IGNORECASE)
# Headers from which a careless server would conclude where a reader comes from.
ELSEWHERE = ({}, {"X-Forwarded-For": "203.0.113.9"}, {"X-Real-IP": "198.51.100.4"}, {"CF-IPCountry": "T1"})
SEEN = """() => [...document.querySelectorAll("article.programme")].filter((each) => each.checkVisibility()).length"""


def announced(settings, *, host: str, secure: bool, path: str = "/en/nowhere/?x=1") -> str | None:
    response = Client(headers={"host": host}).get(path, secure=secure)
    return response.headers.get("Onion-Location")


def wrongly_announced(settings) -> list[str]:
    """Return where the onion address is announced and should not be, or the other way round."""
    settings.ONION_URL = ONION
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "abc.onion"]
    wanted = {
        (settings.PUBLIC_HOST, True): f"{ONION}/en/nowhere/?x=1",
        (settings.PUBLIC_HOST, False): None,
        ("abc.onion", True): None,
        ("abc.onion", False): None,
        (settings.PRIVATE_HOST, True): None,
    }
    told = {each: announced(settings, host=each[0], secure=each[1]) for each in wanted}
    return [f"{each}: {told[each]}" for each in wanted if told[each] != wanted[each]]


def unusable(page: Page, proven) -> list[str]:
    """Return what hinders going from the home page to the finder and filtering the list, at the safest setting."""
    asked = requests_of(page)
    page.goto(f"{proven.public_url}/en/")
    tap(page, "a.button[href$='/en/help/']")
    page.wait_for_url("**/en/help/")
    found = [f"a CAPTCHA: {word}" for word in CAPTCHA.findall(page.content())]
    page.locator("main select").first.evaluate("(list) => list.focus()")
    page.keyboard.press("ArrowDown")  # all countries
    everything = page.evaluate(SEEN)
    page.keyboard.press("End")
    filtered = page.evaluate(SEEN)
    if not 0 < filtered < everything:
        found.append(f"choosing a country shows {filtered} of {everything}")
    found += [f"a script: {url}" for url in asked if url.endswith(".js")]
    return found


@pytest.mark.django_db
class TestOnionLocation:
    def test_is_announced_over_https_with_the_path_and_nowhere_else(self, settings):
        assert wrongly_announced(settings) == []


class TestSafest:
    def test_is_enough_to_find_help(self, proven, scriptless_firefox):
        assert unusable(scriptless_firefox(width=1000), proven) == []

    def test_meets_no_captcha_and_no_country_by_address(self, proven):
        asked = [path for path in proven.pages() if path.startswith("/en/")]
        puzzles = [path for path in asked if CAPTCHA.search(proven.get(path).text)]
        answers = {proven.get("/en/help/", headers=sent).body for sent in ELSEWHERE}

        assert puzzles == []
        assert len(answers) == 1


@pytest.mark.django_db
class TestMutants:
    @pytest.mark.parametrize("mutant", of("P9"))
    def test_are_noticed(self, request: pytest.FixtureRequest, settings, monkeypatch, mutant: Mutant):
        if isinstance(mutant.change, Announced):
            monkeypatch.setattr(headers, "onion_location", mutant.change)
            assert wrongly_announced(settings)
            return
        proven, browser = (request.getfixturevalue(name) for name in ("proven", "scriptless_firefox"))
        page: Page = browser(width=1000)
        through(proven, page, mutant.change)

        assert unusable(page, proven)
