from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.factories.campaigns import CampaignPageFactory, MaterialFactory, NewsPageFactory, PictureFactory
from tests.support.queries import queries


def soup(response):
    assert response.status_code == 200, response.content[:2000]
    return BeautifulSoup(response.content, "html.parser")


@pytest.fixture
def every_page(campaigns, news):
    """One page of every type, by name."""
    campaign = CampaignPageFactory(parent=campaigns, slug="path", full=True)
    MaterialFactory(campaign=campaign, languages=("en", "ar"))
    return {
        "campaigns": campaigns,
        "campaign": campaign,
        "news": news,
        "piece of news": NewsPageFactory(parent=news, slug="today"),
    }


@pytest.mark.parametrize("name", ["campaigns", "campaign", "news", "piece of news"])
@pytest.mark.parametrize(("code", "direction"), [("en", "ltr"), ("ar", "rtl")])
class TestEveryPage:
    def test_is_shown_in_its_language(self, every_page, in_language, public, name, code, direction):
        page = in_language(every_page[name], code)

        html = soup(public.get(f"/{code}/{page.url_path.split('/', 2)[2]}"))

        assert (html.html["lang"], html.html["dir"]) == (code, direction)
        assert [h1.get_text(strip=True) for h1 in html.find_all("h1")] == [page.title]
        assert html.select_one("#call a.button")["href"] == f"/{code}/help/" if html.select_one("#call a") else True

    def test_is_previewed_in_its_language(self, every_page, in_language, editor, name, code, direction):
        page = in_language(every_page[name], code)

        html = soup(page.make_preview_request(preview_mode=page.default_preview_mode))

        assert (html.html["lang"], html.html["dir"]) == (code, direction)
        assert len(html.find_all("h1")) == 1
