from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from wagtail.models import PageViewRestriction

from campaigns import jobs
from campaigns.models import CampaignPage, NewsPage
from campaigns.stories.models import add_posters
from campaigns.stories.routes import RelatedRoute
from core import memo
from prerender import addresses
from prerender.rendering import batches
from prerender.rendering.renderer import PageRenderer
from tests.campaigns.conftest import soup
from tests.factories.campaigns import (
    CampaignPageFactory,
    MaterialFactory,
    NewsPageFactory,
    PictureFactory,
    ThemeFactory,
)
from tests.support.cached_fixtures import cached_fixture
from tests.support.queries import queries


@pytest.fixture
@cached_fixture
def every_page(campaigns, news):
    """One page of every type."""
    campaign = CampaignPageFactory(parent=campaigns, slug="path", full=True)
    MaterialFactory(campaign=campaign, languages=("en", "ar"))
    return [campaigns, campaign, news, NewsPageFactory(parent=news, slug="today")]


class TestEveryPage:
    @pytest.mark.parametrize("code", ["en", "ar"])
    def test_names_itself_in_its_language_and_calls_to_help(self, every_page, in_language, public, code):
        for page in [in_language(each, code) for each in every_page]:
            shown = soup(public.get(f"/{code}/{page.url_path.split('/', 2)[2]}"))
            previewed = soup(page.make_preview_request(preview_mode=page.default_preview_mode))

            assert shown.select_one("main .to-help a")["href"] == f"/{code}/help/"
            for html in (shown, previewed):
                assert html.html["lang"] == code
                assert html.title.get_text() == f"{page.title} · Waymark"


class TestCampaignPage:
    def test_shows_all_that_an_editor_has_written(self, campaigns, public):
        CampaignPageFactory(parent=campaigns, slug="path", full=True)

        html = soup(public.get("/en/campaigns/path/"))

        assert html.select_one("main figure img")["alt"] == "A path in the open country."
        text = " ".join(html.get_text(" ", strip=True).split())
        for words in (
            "This page speaks about harm.",
            "You can choose your actions.",
            "Parents and carers",
            "1 October 2026 to 31 December 2026",
            "Lantern",
            "Why this campaign",
            "Name the source.",
        ):
            assert words in text

    def test_shows_a_gallery(self, campaigns, public):
        pictures = [{"image": PictureFactory().pk, "alt_text": f"Hill {n}", "decorative": False} for n in range(2)]
        CampaignPageFactory(
            parent=campaigns,
            slug="path",
            body=[{"type": "gallery", "value": {"title": "On the street", "pictures": pictures}}],
        )

        images = soup(public.get("/en/campaigns/path/")).select(".gallery img")

        assert [image["alt"] for image in images] == ["Hill 0", "Hill 1"]

    def test_does_not_end_before_it_begins(self, campaigns):
        page = CampaignPageFactory(parent=campaigns)
        page.period_start, page.period_end = date(2026, 10, 2), date(2026, 10, 1)

        with pytest.raises(ValidationError, match="must not be before the start date"):
            page.full_clean()

    def test_takes_the_same_queries_for_few_and_many(self, campaigns, public):
        campaign = CampaignPageFactory(parent=campaigns, slug="path", full=True)

        def fill(number):
            for _ in range(number):
                material = MaterialFactory(campaign=campaign, theme=ThemeFactory(), languages=("en", "de", "fr", "ar"))
                material.files.update(preview=PictureFactory())

        def visit():
            assert public.get("/en/campaigns/path/").status_code == 200

        fill(3)
        visit()  # makes the image renditions and fills the caches
        few = queries(visit)
        fill(6)
        visit()
        assert queries(visit) == few

    def test_takes_the_same_queries_for_a_small_and_a_large_gallery(self, campaigns, public):
        def gallery(number):
            pictures = [{"image": PictureFactory().pk, "alt_text": "", "decorative": True} for _ in range(number)]
            return [{"type": "gallery", "value": {"title": "", "pictures": pictures}}]

        CampaignPageFactory(parent=campaigns, slug="small", body=gallery(2))
        CampaignPageFactory(parent=campaigns, slug="large", body=gallery(12))

        def visit(slug):
            assert public.get(f"/en/campaigns/{slug}/").status_code == 200

        visit("small")
        visit("large")
        assert queries(lambda: visit("large")) == queries(lambda: visit("small"))

    def test_says_what_to_do_next_only_where_there_is_something_to_do(self, campaigns, public):
        CampaignPageFactory(parent=campaigns, slug="alone")
        assert not soup(public.get("/en/campaigns/alone/")).select("#next")

        CampaignPageFactory(parent=campaigns, slug="another")
        assert soup(public.get("/en/campaigns/alone/")).select("section:has(#next) .card-title")


class TestCampaignIndexPage:
    def test_lists_campaigns_newest_first(self, campaigns, public):
        for title, start in (("Old", date(2024, 1, 1)), ("New", date(2026, 1, 1)), ("Undated", None)):
            CampaignPageFactory(parent=campaigns, title=title, period_start=start)

        html = soup(public.get("/en/campaigns/"))

        assert [title.get_text() for title in html.select(".card-title")] == ["New", "Old", "Undated"]

    def test_says_what_is_running_what_is_to_come_and_what_is_past(self, campaigns, public):
        with time_machine.travel(datetime(2026, 10, 31, 12, tzinfo=UTC), tick=False):
            for title, start, end in (
                ("Past", date(2026, 1, 1), date(2026, 10, 30)),
                ("Ahead", date(2026, 11, 1), None),
                ("Last day", date(2026, 1, 1), date(2026, 10, 31)),
                ("First day", date(2026, 10, 31), None),
            ):
                CampaignPageFactory(parent=campaigns, title=title, period_start=start, period_end=end)

            html = soup(public.get("/en/campaigns/"))

        found = [
            (section.h2.get_text(), [title.get_text() for title in section.select(".card-title")])
            for section in html.select("main section:has(.card)")
        ]
        assert found == [
            ("Running now", ["First day", "Last day"]),
            ("Still to come", ["Ahead"]),
            ("Past campaigns: the materials are still useful", ["Past"]),
        ]

    def test_shows_a_campaign_without_a_picture_by_its_poster_in_the_readers_language(self, campaigns, public):
        pictured = CampaignPageFactory(parent=campaigns, title="Pictured", picture=PictureFactory())
        bare = CampaignPageFactory(parent=campaigns, title="Bare")
        for campaign in (pictured, bare):
            files = MaterialFactory(campaign=campaign, languages=("de", "en")).files
            for file in files.all():
                PictureFactory(first_page_of=file.document, title=f"{campaign.title} {file.language}")

        html = soup(public.get("/en/campaigns/"))

        assert len(html.select(".card-poster img")) == 1
        listed = [*campaigns.stories()]
        add_posters(listed)
        assert [page.poster and page.poster.picture.title for page in listed] == ["Bare en", None]

    def test_is_rendered_again_on_another_day(self, campaigns):
        job = next(job for job in jobs.JOBS if job.name == "campaign-phases")
        with time_machine.travel(datetime(2026, 10, 31, 12, tzinfo=UTC), tick=False):
            for page in job.items():
                job.run(page)
            today = [*job.items()]
        with time_machine.travel(datetime(2026, 11, 1, 12, tzinfo=UTC), tick=False):
            tomorrow = [*job.items()]

        assert (today, tomorrow) == ([], [campaigns])

    def test_does_not_list_drafts_or_what_only_some_may_read(self, campaigns, public):
        CampaignPageFactory(parent=campaigns, title="Draft").unpublish()
        PageViewRestriction.objects.create(
            page=CampaignPageFactory(parent=campaigns, title="Private"), restriction_type="login"
        )

        html = soup(public.get("/en/campaigns/"))

        assert not html.select(".card")
        assert "No campaign has been published" in html.get_text()

    def test_takes_the_same_queries_for_few_and_many(self, campaigns, public):
        def visit():
            assert public.get("/en/campaigns/").status_code == 200

        for _ in range(3):
            CampaignPageFactory(parent=campaigns, picture=PictureFactory())
        visit()
        few = queries(visit)
        for _ in range(6):
            CampaignPageFactory(parent=campaigns, picture=PictureFactory())
        visit()
        assert queries(visit) == few

    def test_has_further_pages_with_addresses_of_their_own(self, news, public, monkeypatch):
        monkeypatch.setattr(type(news), "page_size", 2)
        for day in range(1, 6):
            NewsPageFactory(parent=news, title=f"Day {day}", date=date(2026, 1, day))

        first, last = soup(public.get("/en/news/")), soup(public.get("/en/news/page/3/"))

        assert [title.get_text() for title in first.select(".card-title")] == ["Day 5", "Day 4"]
        assert first.select_one("[rel=next]")["href"] == "/en/news/page/2/"
        assert [title.get_text() for title in last.select(".card-title")] == ["Day 1"]
        assert last.select_one("[rel=prev]")["href"] == "/en/news/page/2/"
        assert news.prerendered_paths() == ["", "page/2/", "page/3/"]
        assert [html.title.get_text() for html in (first, last)] == [
            f"{news.title} · Waymark",
            f"{news.title} (Page 3 of 3) · Waymark",
        ]

    def test_shows_each_of_its_pages_in_any_order_of_rendering(self, news, monkeypatch):
        """All addresses of a page are rendered with one instance of it."""
        monkeypatch.setattr(type(news), "page_size", 2)
        for day in range(1, 6):
            NewsPageFactory(parent=news, title=f"Day {day}", date=date(2026, 1, day))
        renderer = PageRenderer()
        with memo.batch():
            batches.prefetch(addresses.of_pages([news.pk], loaded=True))
            prerendered = {path: renderer.render(f"/en/news/{path}").decode() for path in ("page/3/", "", "page/2/")}

        shown = {path: [day for day in range(1, 6) if f"Day {day}" in html] for path, html in prerendered.items()}
        assert shown == {"": [4, 5], "page/2/": [2, 3], "page/3/": [1]}

    @pytest.mark.parametrize("path", ["page/0/", "page/1/", "page/2/", "page/99999999999/", "page/x/", "page/-1/"])
    def test_has_no_page_beyond_the_last(self, campaigns, public, path):
        CampaignPageFactory(parent=campaigns)

        assert public.get(f"/en/campaigns/{path}").status_code == 404


class TestNews:
    def test_is_listed_by_year(self, news, public):
        for day in (date(2026, 1, 2), date(2025, 3, 4), date(2026, 5, 6)):
            NewsPageFactory(parent=news, title=str(day), date=day)

        html = soup(public.get("/en/news/"))

        assert [h2.get_text() for h2 in html.select("section:has(.card) > h2")] == ["2026", "2025"]

    def test_shows_in_lists_its_picture_or_else_the_day(self, news, public):
        NewsPageFactory(parent=news, date=date(2026, 5, 6))
        NewsPageFactory(parent=news, date=date(2026, 1, 2), picture=PictureFactory())

        cards = soup(public.get("/en/news/")).select(".card")

        leaves = [[*leaf.stripped_strings] for card in cards for leaf in card.select(".card-day")]
        assert leaves == [["6", "May"]]
        assert [bool(card.select("img")) for card in cards] == [False, True]

    def test_says_when_it_appeared_and_how_long_it_takes(self, news, public):
        NewsPageFactory(
            parent=news,
            slug="today",
            date=date(2026, 1, 2),
            body=[{"type": "text", "value": f"<p>{'word ' * 600}</p>"}],
        )

        line = soup(public.get("/en/news/today/")).select_one(".dateline").get_text(" ", strip=True)

        assert " ".join(line.split()) == "2 January 2026 · 3 minutes to read"

    def test_leads_to_the_news_before_it_and_at_the_end_of_the_list_to_those_after_it(self, news, public):
        for day in range(1, 7):
            NewsPageFactory(parent=news, title=f"Day {day}", slug=f"day-{day}", date=date(2026, 1, day))

        def related(path: str) -> list[str]:
            return [title.get_text() for title in soup(public.get(path)).select(".card-title")]

        assert related("/en/news/day-6/") == ["Day 5", "Day 4", "Day 3"]
        assert related("/en/news/day-2/") == ["Day 4", "Day 3", "Day 1"]

    def test_leads_nowhere_when_it_is_deleted_while_it_is_rendered(self, news):
        NewsPageFactory(parent=news)
        page = NewsPageFactory(parent=news)
        rendered = NewsPage.objects.get(pk=page.pk)
        page.delete()

        assert rendered.related == []

    def test_is_rendered_again_with_what_leads_to_it(self, news):
        pages = [NewsPageFactory(parent=news, slug=f"day-{day}", date=date(2026, 1, day)) for day in range(1, 8)]
        showing = {
            page.path_at_public
            for page in pages
            if pages[3].pk in {other.pk for other in NewsPage.objects.get(pk=page.pk).related}
        }
        pages[3].unpublish()

        assert showing
        assert showing <= {*RelatedRoute().invalidated_by(pages[3])}


class TestSharing:
    def test_campaigns_say_how_they_look(self, campaigns, public, in_language):
        campaign = CampaignPageFactory(parent=campaigns, slug="path", title="A & B", full=True)
        in_language(campaign, "ar")

        meta = {
            tag["property"]: tag["content"]
            for tag in soup(public.get("/en/campaigns/path/")).select('meta[property^="og:"]')
        }

        assert meta["og:title"] == "A & B"
        assert meta["og:description"] == campaign.introduction
        assert meta["og:url"].endswith("/en/campaigns/path/")
        assert meta["og:url"].startswith("http")
        assert (meta["og:locale"], meta["og:locale:alternate"]) == ("en_GB", "ar_EG")
        assert meta["og:image"].startswith("http")
        assert meta["og:image:alt"] == "A path in the open country."


class TestTranslation:
    def test_keeps_the_slug_and_the_facts(self, campaigns, in_language):
        campaign = CampaignPage.objects.get(pk=CampaignPageFactory(parent=campaigns, slug="path", full=True).pk)

        german = in_language(campaign, "de")

        assert (german.slug, german.period_start, german.period_end) == (
            "path",
            campaign.period_start,
            campaign.period_end,
        )
