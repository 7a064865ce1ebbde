from urllib.parse import unquote

from wagtail.models import Site

from core.models import LanguageState, SiteSettings
from core.publishing import routes
from core.publishing.routes import AppRoute
from helpline.models import Programme
from home.routes import Overview, PlainFiles, SearchRoute, SiteMap
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    NewsIndexPageFactory,
    NewsPageFactory,
)
from tests.factories.core import StandardPageFactory
from tests.factories.network import DigestIndexPageFactory, EventIndexPageFactory, EventPageFactory
from tests.support.languages import in_language
from tests.support.queries import queries


class TestRegistered:
    def test_are_all_addresses_that_are_no_pages(self, home):
        found = {path for kind in routes.declared() for path in kind.addresses()}

        assert {
            "/", "/sitemap.xml", "/sitemaps/1.xml", "/robots.txt", "/.well-known/security.txt", "/favicon.ico",
            "/en/search/", "/de/search/", "/fr/search/", "/ar/search/",
        } <= found  # fmt: skip

    def test_find_their_own_among_addresses_and_look_up_nothing_for_those_of_others(self, home):
        CampaignPageFactory(parent=CampaignIndexPageFactory(parent=home))
        NewsIndexPageFactory(parent=home)
        DigestIndexPageFactory(parent=home)
        EventPageFactory(parent=EventIndexPageFactory(parent=home), slug="school")
        asked = {
            kind: {unquote(path) for path in kind.addresses()}
            for kind in routes.declared()
            if type(kind).existing is not AppRoute.existing or kind.endings != AppRoute.endings
        }
        every = set().union(*asked.values())

        assert {
            "/en/feeds/news.rss",
            "/en/feeds/digests.atom",
            "/en/events/school/school.ics",
            "/cards/en.png",
        } <= every
        for kind, own in asked.items():
            assert set(kind.existing([*every, "/en/nothing.atom", "/nothing.ics"])) == own
            assert queries(lambda kind=kind: list(kind.existing(["/en/", "/en/nothing/"]))) == 0


class TestOverview:
    def test_follows_a_language_that_becomes_public_and_a_home_page(self, home, languages):
        assert set(Overview().invalidated_by(languages["de"].language_state)) == {"/"}
        assert set(Overview().invalidated_by(home)) == {"/"}

    def test_follows_the_numbers_of_home_pages(self, home, languages):
        assert Programme in Overview().watches
        assert set(Overview().invalidated_by(Programme())) == {"/en/", "/de/", "/fr/", "/ar/"}

    def test_follows_campaigns_and_news_of_a_language(self, home):
        campaign = CampaignPageFactory(parent=CampaignIndexPageFactory(parent=home))
        news = NewsPageFactory(parent=NewsIndexPageFactory(parent=home))

        for page in (campaign, news):
            assert set(Overview().invalidated_by(page)) == {"/en/"}

    def test_follows_a_page_that_a_home_page_may_highlight(self, home, languages):
        in_language(home, languages["de"])
        german = in_language(StandardPageFactory(parent=home), languages["de"])

        assert set(Overview().invalidated_by(german)) == {"/de/"}

    def test_follows_the_page_for_people_who_were_harmed_in_each_language(self, home, languages):
        apart = StandardPageFactory(parent=home)
        in_language(home, languages["de"])
        german = in_language(apart, languages["de"])
        SiteSettings.objects.update_or_create(
            site=Site.objects.get(is_default_site=True), defaults={"after_harm": apart}
        )

        assert set(Overview().invalidated_by(german)) == {"/", "/de/"}


class TestSiteMap:
    def test_follows_every_page_and_language(self, home, languages):
        files = {"/sitemap.xml", "/sitemaps/1.xml"}

        assert set(SiteMap().invalidated_by(StandardPageFactory(parent=home))) == files
        assert set(SiteMap().invalidated_by(languages["de"].language_state)) == files

    def test_matches_its_files_without_listing_them(self, home):
        assert set(SiteMap().existing(["/sitemaps/1.xml", "/sitemaps/2.xml", "/en/"])) == {"/sitemaps/1.xml"}


class TestSearch:
    def test_has_an_address_in_each_public_language(self, languages):
        LanguageState.objects.filter(locale=languages["fr"]).update(state=LanguageState.State.RETIRED)

        assert list(SearchRoute().addresses()) == ["/en/search/", "/de/search/", "/ar/search/"]

    def test_answers_a_query_and_no_page_touches_it(self, home):
        assert SearchRoute().answers_query("/en/search/")
        assert list(SearchRoute().invalidated_by(StandardPageFactory(parent=home))) == []
        assert list(PlainFiles().invalidated_by(home)) == []
