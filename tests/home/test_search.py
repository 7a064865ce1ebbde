import logging
from string import ascii_lowercase

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from modelsearch.backends.base import BaseSearchBackend
from wagtail.models import Page, PageViewRestriction

from core.models import LanguageState
from core.search.folding import fold, words
from core.search.sources import Hit, Source
from home.models import PromotedPage, StandardPage
from home.search import MAX_RESULTS, Search
from tests.factories.core import StandardPageFactory
from tests.support.languages import in_language
from tests.support.queries import queries

pytestmark = pytest.mark.usefixtures("search_index")


@pytest.fixture
def german(home, languages):
    return in_language(home, languages["de"], title="Start")


@pytest.fixture
def arabic(home, languages):
    return in_language(home, languages["ar"], title="الرئيسية")


def titles(query, code="en", number=1):
    search = Search(query=query, code=code)
    return [hit.title for hit in search.page(number)]


class TestFold:
    @pytest.mark.parametrize(
        ("written", "folded"),
        [
            ("Prävention", "pravention"),
            ("Maßnahme", "massnahme"),
            ("ÎLE", "ile"),
            ("Łódź", "lodz"),
            ("ΠΡΌΛΗΨΗΣ", "προληψησ"),
            ("Ёлка", "елка"),
            ("İstanbul", "istanbul"),
            ("الإِساءَة", "الاساءه"),
            ("أمان", "امان"),
            ("مستشفى", "مستشفي"),
            ("محـــتوى", "محتوي"),
            ("١١٢", "112"),
        ],
    )
    def test_removes_accents_and_variants(self, written, folded):
        assert fold(written) == folded

    def test_leaves_no_operators_in_the_query(self):
        assert words("a & !b | (c:*) <-> 'd' \\ \"e\"") == ["a", "b", "c", "d", "e"]

    @given(st.text(max_size=300))
    def test_is_done_once_and_for_all(self, text):
        assert fold(fold(text)) == fold(text)


class TestSearch:
    @pytest.mark.parametrize(
        ("pages", "query", "found"),
        [
            (
                [{"title": "About us", "introduction": "People who answer letters."}, {"title": "Privacy"}],
                "letters",
                ["About us"],
            ),
            (
                [{"title": "About us", "body": [("text", "<p>We work in Luxembourg.</p>")]}],
                "luxembourg",
                ["About us"],
            ),
            ([{"title": "Campaigns"}], "campaign", ["Campaigns"]),
            # A title before a text.
            (
                [
                    {"title": "Other things", "introduction": "Somewhere it says privacy."},
                    {"title": "Privacy"},
                ],
                "privacy",
                ["Privacy", "Other things"],
            ),
            # All words first; some words where no page has all.
            ([{"title": "Legal notice"}, {"title": "Legal matters"}], "legal notice", ["Legal notice"]),
            ([{"title": "Legal notice"}], "legal elephant", ["Legal notice"]),
        ],
    )
    def test_finds_pages_by_their_words(self, home, pages, query, found):
        for page in pages:
            StandardPageFactory(parent=home, **page)

        assert titles(query) == found

    @pytest.mark.parametrize("query", ["prävention", "Pravention", "PRÄVENTION", "präven"])
    def test_finds_a_word_with_accents_and_without(self, german, query):
        StandardPageFactory(parent=german, title="Prävention", locale=german.locale)

        assert titles(query, "de") == ["Prävention"]

    @pytest.mark.parametrize("query", ["الإساءة", "الاساءه", "الإِساءَة"])
    def test_finds_arabic_however_it_is_written(self, arabic, query):
        StandardPageFactory(parent=arabic, title="منع الإساءة", locale=arabic.locale)

        assert titles(query, "ar") == ["منع الإساءة"]

    def test_keeps_to_the_language_of_the_reader(self, home, german, languages):
        about = StandardPageFactory(parent=home, title="Waymark")
        in_language(about, languages["de"], title="Waymark auf Deutsch")

        assert titles("waymark", "de") == ["Waymark auf Deutsch"]

    def test_finds_nothing_that_the_public_may_not_see(self, home):
        StandardPageFactory(parent=home, title="Secret draft").unpublish()
        members = StandardPageFactory(parent=home, title="Secret members")
        StandardPageFactory(parent=members, title="Secret below")
        PageViewRestriction.objects.create(page=members, restriction_type=PageViewRestriction.LOGIN)

        assert titles("secret") == []

    def test_ignores_the_root_of_the_tree(self, home):
        Page.objects.get(depth=1).save()

        assert titles("root") == []

    def test_shows_of_a_help_page_its_title_alone(self, home, monkeypatch):
        StandardPageFactory(parent=home, title="Find support", introduction="Something that tells what it is about.")
        monkeypatch.setattr(StandardPage, "is_sensitive", True)

        (hit,) = Search(query="support", code="en").page(1)

        assert (hit.title, hit.text) == ("Find support", "")

    @pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "x", "", None, "1e9", "²"])
    def test_gives_the_nearest_page_of_results(self, home, number):
        StandardPageFactory(parent=home, title="Waymark")

        assert titles("waymark", number=number) == ["Waymark"]

    def test_has_an_end(self, home, monkeypatch):
        monkeypatch.setattr("home.search.MAX_RESULTS", 3)
        for _ in range(5):
            StandardPageFactory(parent=home, title="Waymark")

        assert Search(query="waymark", code="en").page(1).paginator.count == 3
        assert MAX_RESULTS <= 1000

    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(max_size=400))
    def test_answers_every_query(self, home, query):
        Search(query=query, code="en").page("1")

    def test_takes_the_same_queries_for_few_results_and_many(self, home):
        def search():
            assert titles("waymark")

        StandardPageFactory.create_batch(2, parent=home, title="Waymark")
        search()
        few = queries(search)
        StandardPageFactory.create_batch(7, parent=home, title="Waymark")

        assert queries(search) == few


class NothingFound(BaseSearchBackend):
    """A search engine that an operator might name."""

    def search(self, *args: object, **kwargs: object) -> list[Page]:
        return []


class TestBackend:
    def test_is_the_one_named_public_if_there_is_one(self, home, settings):
        StandardPageFactory(parent=home, title="Another engine")
        assert titles("engine") == ["Another engine"]

        other = {"BACKEND": f"{__name__}.NothingFound", "AUTO_UPDATE": False}
        settings.WAGTAILSEARCH_BACKENDS = {**settings.WAGTAILSEARCH_BACKENDS, "public": other}

        assert titles("engine") == []

    def test_has_a_client_that_logs_no_search_terms(self, settings):
        loggers = settings.LOGGING["loggers"].items()
        quiet = {name for name, logger in loggers if logger.get("level") == "CRITICAL"}

        assert quiet >= {"opensearch", "elasticsearch", "elastic_transport"}


class TestSlipsOfThePen:
    def test_are_forgiven_and_said(self, home, public):
        StandardPageFactory(parent=home, title="Privacy")
        StandardPageFactory(parent=home, title="Other things")

        html = public.get("/en/search/?q=privcay").content.decode()

        assert titles("privcay") == ["Privacy"]
        assert "We searched for <strong>privacy</strong> instead." in html
        assert 'value="privcay"' in html

    def test_are_not_seen_in_a_word_that_is_known(self, home):
        StandardPageFactory(parent=home, title="Privately")
        StandardPageFactory(parent=home, title="Privacy")

        assert titles("privacy") == ["Privacy"]

    def test_are_not_corrected_into_words_that_the_public_may_not_see(self, home):
        StandardPageFactory(parent=home, title="Embargo").unpublish()

        assert Search(query="embrago", code="en").correction == ""

    def test_are_not_corrected_into_words_that_were_withdrawn_since_they_were_read(self, home):
        page = StandardPageFactory(parent=home, title="Embargo")
        assert Search(query="embrago", code="en").correction == "embargo"
        page.unpublish()

        assert Search(query="embrago", code="en").correction == ""

    def test_do_not_take_all_words_of_the_site_each_time(self, home):
        StandardPageFactory(parent=home, title="Privacy")
        titles("privcay")

        with CaptureQueriesContext(connection) as seen:
            assert titles("prvacy") == ["Privacy"]

        assert not [query for query in seen if "tsvector_to_array" in query["sql"]]


class Places(Source):
    """A source that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def names(self, language):
        return ["Lantern Street"]

    def answers(self, asked, language):
        self.asked += asked
        return [Hit(title="A place", url="/place/")]


NONSENSE = " ".join(f"xq{letter}zvk" for letter in ascii_lowercase[:20])


class TestInventedWords:
    @pytest.fixture
    def places(self, monkeypatch):
        places = Places()
        monkeypatch.setattr("core.search.sources.declared", lambda: [places])
        return places

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (NONSENSE, []),
            (f"{NONSENSE.split()[0]} lanter", ["A place"]),
            ("lanterns", ["A place"]),
            ("0800 11 61 11", ["A place"]),
        ],
    )
    def test_are_not_compared_with_the_names_of_the_apps(self, home, places, query, found):
        assert titles(query) == found
        assert bool(places.asked) == bool(found)

    def test_cost_less_than_an_ordinary_search_however_many_they_are(self, home, public):
        StandardPageFactory(parent=home, title="Privacy")

        def count(query: str) -> int:
            return queries(lambda: public.get("/en/search/", {"q": query}))

        count(NONSENSE)  # reads the lexicon
        assert count(NONSENSE) == count(NONSENSE.split()[0]) < count("privacy")

    def test_find_a_page_that_is_newer_than_the_lexicon(self, home, places):
        assert titles("xqbzvk") == []
        StandardPageFactory(parent=home, title="Xqbzvk")

        assert "Xqbzvk" in titles("xqbzvk")


class TestSnippet:
    def test_is_where_the_text_has_the_query(self, home):
        body = [("text", f"<p>{'Other words. ' * 30}Then we speak of <b>lanterns</b> at last.</p>")]
        StandardPageFactory(parent=home, title="About us", introduction="First.", body=body)

        (hit,) = Search(query="lantern", code="en").page(1)

        assert "we speak of lanterns at last." in hit.text


class TestPromotedPage:
    @pytest.fixture
    def first_steps(self, home):
        page = StandardPageFactory(parent=home, title="First steps")
        PromotedPage.objects.create(page=page, phrases="sexual thoughts children\nattracted to children")
        return page

    @pytest.mark.parametrize(
        "query",
        [
            "I am attracted to children",
            "attracted children?",
            "I am atracted to childern",
            "ATTRACTED to children",
        ],
    )
    def test_is_first_for_its_phrases(self, home, first_steps, query):
        StandardPageFactory(parent=home, title="Children are attracted to games")

        assert titles(query)[0] == "First steps"

    def test_is_found_once(self, first_steps):
        assert titles("attracted to children first steps") == ["First steps"]

    def test_is_not_found_for_other_words(self, first_steps):
        assert titles("children") == []

    def test_comes_after_one_with_a_closer_phrase(self, home, first_steps):
        friends = StandardPageFactory(parent=home, title="Family and friends")
        PromotedPage.objects.create(page=friends, phrases="my son attracted to children")

        assert titles("my son is attracted to children") == ["Family and friends", "First steps"]

    def test_is_promoted_in_its_own_language_only_and_while_it_is_public(self, first_steps, german):
        assert titles("attracted to children", "de") == []

        first_steps.unpublish()
        assert titles("attracted to children") == []

    def test_is_found_without_anything_being_written(self, first_steps, public):
        with CaptureQueriesContext(connection) as made:
            public.get("/en/search/?q=I+am+atracted+to+children")

        assert [query["sql"] for query in made if not query["sql"].startswith("SELECT")] == []


class TestSearchPage:
    def test_is_found_without_a_query_where_it_is_rendered(self, home, public, settings):
        settings.RENDER_ON_REQUEST = True

        html = public.get("/en/search/").content.decode()

        assert '<form action="/en/search/" method="get"' in html
        assert "<title>Search" in html

    def test_answers_a_query_that_was_not_prerendered(self, home, public):
        StandardPageFactory(parent=home, title="About us")

        response = public.get("/en/search/?q=about")

        assert not response.cookies
        assert "About us" in response.content.decode()
        assert "1 page found" in response.content.decode()
        assert response["Cache-Control"] == "no-store"

    def test_is_not_there_without_a_query_before_it_is_rendered(self, home, public):
        assert public.get("/en/search/").status_code == 404

    def test_reports_an_empty_result_with_the_way_to_help(self, home, public):
        html = public.get("/en/search/?q=elephant").content.decode()

        assert "<title>Search: elephant" in html
        assert "Nothing found" in html
        assert 'href="/en/help/"' in html

    @pytest.mark.parametrize(
        "query",
        ["q=", "q=%00", "x=1", "q=%FF%FE", "q=<script>alert(1)</script>", "q=" + "a" * 5000, "q=&page=2"],
    )
    def test_answers_nonsense(self, home, public, query):
        response = public.get(f"/en/search/?{query}")

        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()

    def test_is_there_in_a_public_language_only(self, home, german, languages, public):
        assert public.get("/de/search/?q=start").status_code == 200

        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.RETIRED)
        assert public.get("/de/search/?q=start").status_code == 404
        assert public.get("/sv/search/?q=start").status_code == 404

    def test_leads_to_itself_in_another_language_without_the_query(self, home, german, public):
        html = public.get("/en/search/?q=about").content.decode()

        assert 'href="/de/search/"' in html

    def test_keeps_no_record_of_queries(self, home, public, caplog):
        with caplog.at_level(logging.DEBUG):
            public.get("/en/search/?q=elephant")

        assert not [
            record
            for record in caplog.records
            if record.name != "django.db.backends" and "elephant" in record.getMessage()
        ]

    def test_lets_no_statement_take_long(self, home, public, monkeypatch):
        def limit() -> str:
            with connection.cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                return cursor.fetchone()[0]

        before, seen, with_all = limit(), [], Search.with_all
        monkeypatch.setattr(Search, "with_all", lambda search, asked: seen.append(limit()) or with_all(search, asked))

        public.get("/en/search/?q=waymark")

        assert (seen[0], limit()) == ("2s", before)

    def test_pages_through_the_results(self, home, public):
        StandardPageFactory.create_batch(11, parent=home, title="Waymark")

        html = public.get("/en/search/?q=waymark&page=2").content.decode()

        assert "Page 2 of 2" in html
        assert "?q=waymark&amp;page=1" in html
