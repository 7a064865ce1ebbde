"""The script of the content checks in isolation: the elements that it flags."""

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

from campaigns.terms.content_checks import TEXTS, Rule

pytestmark = pytest.mark.browser
SCRIPT = settings.ROOT / "campaigns/static/campaigns/words.js"
# A stub of Wagtail's userbar: the configuration in its shadow DOM, and a registry of checks.
BAR = """(checks) => {
    const bar = document.body.appendChild(document.createElement("wagtail-userbar"));
    const kept = bar.attachShadow({ mode: "open" }).appendChild(document.createElement("script"));
    kept.id = "checker-axe-configuration";
    kept.type = "application/json";
    kept.textContent = JSON.stringify({ spec: { checks } });
    window.registered = {};
    window.wagtail = { userbar: { registerCheck: (id, evaluate) => { window.registered[id] = evaluate; } } };
}"""
FAILING = (
    "([id, selector, options]) =>\n    [...document.querySelectorAll(selector)]"
    ".filter((each) => !window.registered[id](each, options)).map((each) => each.id)"
)


@pytest.fixture
def look(open_page: Any) -> Any:
    """Return the ids of the elements that a rule flags on a page, in order."""
    page: Page = open_page("about:blank")

    def named(body: str, rule: Rule) -> list[str]:
        page.set_content(f"<!DOCTYPE html><title>Draft</title><body>{body}")
        page.evaluate(BAR, [{"id": rule.id, "options": {}}, {"id": "another", "options": {}}])
        page.add_script_tag(content=SCRIPT.read_text())
        assert page.evaluate("Object.keys(window.registered)") == [rule.id]
        options = {"found": rule.found, "whole": rule.whole, "places": rule.places, "texts": TEXTS}
        found: list[str] = page.evaluate(FAILING, [rule.id, "h1" if rule.whole else rule.selector, options])
        return found

    return named


class TestAnchors:
    """Links to anchors on the same page."""

    @pytest.fixture
    def rule(self) -> Rule:
        return Rule(name="dead-anchor", title="", explanation="", selector="main a[href^='#']", places=True)

    @pytest.mark.parametrize(
        ("link", "place"),
        [
            ("#here", "here"),
            ("#Was-du-tun-kannst", "Was-du-tun-kannst"),
            ("#h-%D8%A7%D9%84%D8%A7%D8%AA%D8%B5%D8%A7%D9%84", "h-الاتصال"),
            ("#h-الاتصال", "h-الاتصال"),
            ("#m%C3%A9dias", "médias"),
            ("#100%", "100%"),
        ],
    )
    def test_lead_to_what_has_that_name_in_any_script(self, look, rule, link, place):
        body = f'<main><a id="link" href="{link}">There</a><h2 id="{place}">Here</h2></main>'

        assert look(body, rule) == []
        assert look(body.replace(f'id="{place}"', 'id="elsewhere"'), rule) == ["link"]

    @pytest.mark.parametrize("link", ["#", "#top"])
    def test_to_the_top_lead_there(self, look, rule, link):
        assert look(f'<main><a id="link" href="{link}">Up</a></main>', rule) == []

    def test_outside_the_text_and_to_other_pages_are_none_of_its_business(self, look, rule):
        assert look('<nav><a id="a" href="#gone">x</a></nav><main><a id="b" href="/en/#gone">y</a></main>', rule) == []


class TestPlaces:
    """Texts that the server has flagged."""

    def rule(self, *found: str) -> Rule:
        return Rule(name="term-1", title="", explanation="", found=[*found])

    def test_are_the_smallest_element_that_says_the_text(self, look):
        body = (
            '<main><ul><li id="outer">Read <a id="inner" href="/">About   porn</a></li></ul><p id="other">x</p></main>'
        )

        assert look(body, self.rule("About porn")) == ["inner"]

    def test_are_each_element_that_says_it(self, look):
        body = '<main><h2 id="a">قل لشخص</h2><p id="b">قل لشخص تثق به</p><p id="c">شخص</p></main>'

        assert look(body, self.rule("قل لشخص")) == ["a", "b"]

    def test_are_pictures_by_their_alternative(self, look):
        assert look('<main><p><img id="picture" alt="A bad word" src="data:,"></p></main>', self.rule("bad word")) == [
            "picture"
        ]

    def test_are_the_title_where_the_page_shows_the_text_nowhere(self, look):
        body = '<main><h1 id="title">Title</h1><p id="text">Text</p></main>'

        assert look(body, self.rule("Only for search engines")) == ["title"]
        assert look(body, self.rule()) == []
