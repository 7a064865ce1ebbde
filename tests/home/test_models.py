import re

import pytest
from wagtail.models import PageViewRestriction

from home.models import HomePage
from tests.factories.campaigns import PictureFactory
from tests.factories.core import StandardPageFactory
from tests.support.languages import in_language
from tests.support.queries import queries


@pytest.fixture(autouse=True)
def _on_request(settings):
    settings.RENDER_ON_REQUEST = True


def write(page, *blocks):
    page.body = list(blocks)
    page.save_revision().publish()
    return page


def cards(*pages):
    items = [{"title": f"Card {page.title}", "text": "Two sentences.", "page": page} for page in pages]
    return ("cards", {"items": items})


def highlights(*pages):
    return ("highlights", {"title": "Now", "pages": list(pages)})


class TestHomePage:
    def test_shows_the_way_to_help_before_everything_that_an_editor_wrote(self, home, public):
        write(home, ("heading", "Campaigns"))

        main = public.get("/en/").content.decode().split("<main")[1]

        assert main.index('href="/en/help/"') < main.index("Campaigns")

    def test_begins_with_the_purpose_of_the_site_and_the_way_to_help(self, home, public):
        home.headline, home.title = "It can be prevented.", "Example"
        home.help_title, home.help_text = "You are not alone", "There are people who listen."
        write(home)

        html = public.get("/en/").content.decode()

        for words in ("<h1>It can be prevented.</h1>", home.help_title, home.help_text):
            assert words in html

    def test_has_a_title_with_more_than_the_name_that_discloses_nothing(self, home, public):
        home.headline = "Child sexual abuse can be prevented."
        write(home)
        title = re.compile(r"<title>\s*(.*?)\s*</title>")

        assert title.search(public.get("/en/").content.decode())[1] == ("Waymark · Support, campaigns and a network")

        home.seo_title = "Waymark · Help"
        write(home)

        assert title.search(public.get("/en/").content.decode())[1] == "Waymark · Help"

    def test_always_has_instructions_for_emergencies(self, home, public):
        write(home)
        assert "Call the emergency number of your country." in public.get("/en/").content.decode()

        home.emergency = '<p>Call <a href="tel:112">112</a>.</p>'
        write(home)

        assert re.search(r'<p>Call <a href="tel:112">.*?112.*?</a>', public.get("/en/").content.decode())

    def test_has_entrances_for_others_after_the_way_to_help(self, home, public):
        page = StandardPageFactory(parent=home, slug="campaigns")
        entrance = {
            "icon": "spread",
            "title": "I run a campaign",
            "text": "Posters.",
            "page": page,
            "action": "See",
        }
        home.entrances = [("entrance", entrance)]
        write(home)

        main = public.get("/en/").content.decode().split("<main")[1]

        assert main.index('href="/en/help/"') < main.index("I run a campaign")
        assert re.search(r'<a class="more" href="/en/campaigns/">See<svg', main)

    def test_shows_its_picture_after_the_way_to_help(self, home, public):
        home.scene = "hills-path"
        write(home)
        main = public.get("/en/").content.decode().split("<main")[1]
        assert main.index('href="/en/help/"') < main.index("illustrations/hills-path")

        home.picture, home.picture_alt = PictureFactory(), "A path."
        write(home)

        main = public.get("/en/").content.decode().split("<main")[1]
        assert "illustrations/hills-path" not in main
        assert 'alt="A path."' in main

    def test_is_shown_without_a_scene_that_the_set_has_no_more(self, home, public):
        write(home)
        HomePage.objects.update(scene="gone")

        assert public.get("/en/").status_code == 200

    def test_links_a_card_to_the_page_in_the_language_of_the_reader(self, home, languages, public):
        about = StandardPageFactory(parent=home, slug="about", title="About")
        german = in_language(home, languages["de"])
        in_language(about, languages["de"], title="Über uns")
        write(german, cards(about))

        assert '<a href="/de/about/">Card About</a>' in public.get("/de/").content.decode()

    def test_shows_a_card_without_a_link_where_the_page_is_not_there(self, home, languages, public):
        about = StandardPageFactory(parent=home, slug="about", title="About")
        write(in_language(home, languages["de"]), cards(about))

        html = public.get("/de/").content.decode()

        assert "Card About" in html
        assert 'href="/en/about/"' not in html.split("<main")[1].split("</main>")[0]

    def test_highlights_pages_that_the_public_can_read_in_that_language(self, home, languages, public):
        seen = StandardPageFactory(parent=home, slug="seen", title="Seen", search_description="What it is about.")
        draft = StandardPageFactory(parent=home, slug="draft", title="Draft page")
        draft.unpublish()
        members = StandardPageFactory(parent=home, slug="members", title="Members only")
        PageViewRestriction.objects.create(page=members, restriction_type=PageViewRestriction.LOGIN)
        write(home, highlights(seen, draft, members))

        html = public.get("/en/").content.decode()

        assert '<a href="/en/seen/">Seen</a>' in html
        assert "What it is about." in html
        assert "Draft page" not in html
        assert "Members only" not in html

    def test_has_no_heading_over_unreadable_highlights(self, home, languages, public):
        write(in_language(home, languages["de"]), highlights(StandardPageFactory(parent=home)))

        assert "<h2>Now" not in public.get("/de/").content.decode()

    def test_takes_the_same_queries_for_few_cards_and_many(self, home, public):
        few, many = ([StandardPageFactory(parent=home) for _ in range(count)] for count in (2, 6))

        def visit():
            assert public.get("/en/").status_code == 200

        write(home, cards(*few), highlights(*few))
        visit()
        before = queries(visit)
        write(home, cards(*many), highlights(*many))

        assert queries(visit) == before

    def test_finds_a_page_at_any_depth_and_nothing_below_it(self, home, public):
        page = home
        for slug in ("a", "b", "c"):
            page = StandardPageFactory(parent=page, slug=slug, title=f"Page {slug}")

        assert "<h1>Page c</h1>" in public.get("/en/a/b/c/").content.decode()
        for path in ("a/b/c/d/", "a/c/", "b/", "a/" * 5_000):
            assert public.get(f"/en/{path}").status_code == 404


class TestStandardPage:
    def test_shows_its_introduction_and_the_pages_below_it(self, home, public):
        about = StandardPageFactory(parent=home, slug="about", introduction="Who we are.")
        StandardPageFactory(parent=about, slug="team", title="Our team")
        StandardPageFactory(parent=about, slug="draft", title="Draft page").unpublish()

        html = public.get("/en/about/").content.decode()

        assert "Who we are." in html
        assert '<a href="/en/about/team/">Our team</a>' in html
        assert "Draft page" not in html

    def test_links_its_other_languages_for_search_engines(self, home, languages, public, settings):
        in_language(home, languages["ar"])
        about = StandardPageFactory(parent=home, slug="about")
        in_language(about, languages["ar"])

        html = public.get("/ar/about/").content.decode()

        for code, path in (("en", "/en/about/"), ("ar", "/ar/about/"), ("x-default", "/en/about/")):
            assert f'<link rel="alternate" hreflang="{code}" href="{settings.PUBLIC_URL}{path}">' in html
