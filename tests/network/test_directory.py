"""The directory at the public door: who is found, and by what."""

import pytest
from bs4 import BeautifulSoup
from django.conf import settings

from core.doors.logs import NoTrace
from home.search import Search
from network.models import Member
from network.models.vocabulary import Detail
from tests.factories.network import CategoryFactory, DirectoryPageFactory, MemberFactory
from tests.support.languages import in_language
from tests.support.queries import queries

URL = "/en/network/"


def names_in(response):
    return [profile.title for profile in response.context["directory"].profiles]


class TestSearch:
    @pytest.mark.parametrize(
        ("name", "query"),
        [
            ("Jörg Müller", "Muller"),
            ("Jörg Müller", "mueller"),
            ("Jörg Müller", "müll"),
            ("Łukasz Żak", "lukasz zak"),
            ("Søren Ås", "soren as"),
            ("Ελένη Παπαδοπούλου", "ελενη"),
            ("أحمد الحسن", "احمد"),
            ("O'Neill, Síle", "o'neill"),
        ],
    )
    def test_finds_names_without_accents_and_by_their_beginning(self, public, directory, name, query):
        MemberFactory(listed=True, name=name)
        MemberFactory(listed=True, name="Somebody Else")

        assert names_in(public.get(URL, {"q": query})) == [name]

    def test_finds_what_members_do_in_the_words_of_the_reader(self, public, directory, languages):
        DirectoryPageFactory(
            parent=directory.get_parent().copy_for_translation(languages["fr"]), locale=languages["fr"]
        )
        MemberFactory(listed=True, name="In Germany", country="de")
        MemberFactory(listed=True, name="In Italy", country="it")

        found = names_in(public.get("/fr/network/", {"q": "allemagne"}))

        assert found == ["In Germany"]

    def test_wants_every_word(self, public, directory):
        MemberFactory(listed=True, name="Ana", about="Prisons in Lisbon")
        MemberFactory(listed=True, name="Rui", about="Schools in Lisbon")

        assert names_in(public.get(URL, {"q": "lisbon prison"})) == ["Ana"]

    def test_takes_operators_for_what_they_are_not(self, public, directory):
        MemberFactory(listed=True, name="Ana")

        for query in ("!ana", "ana & | !", "':*", "ana:*", "\\", "' OR 1=1 --", "<->", "(", "%", "_", "*"):
            assert public.get(URL, {"q": query}).status_code == 200, query


class TestSwitchOfLanguage:
    @pytest.fixture
    def french(self, directory, languages):
        home = in_language(directory.get_parent().specific, languages["fr"], title="Accueil")
        DirectoryPageFactory(parent=home, locale=languages["fr"], translation_key=directory.translation_key)

    def leads_to(self, response):
        html = BeautifulSoup(response.content, "html.parser")
        return {link["hreflang"]: link["href"] for link in html.select(".languages a")}

    def test_keeps_what_the_reader_asked(self, public, directory, french):
        CategoryFactory(code="schools")

        links = self.leads_to(public.get(URL, {"field": "schools", "country": "fr", "q": "é&a", "page": "1"}))

        asked = "?q=%C3%A9%26a&country=fr&field=schools"
        assert links == {"en": f"/en/network/{asked}", "fr": f"/fr/network/{asked}"}
        assert public.get(links["fr"]).status_code == 200

    @pytest.mark.parametrize("query", ["", "?utm_source=mail", "?country=nowhere", "?next=//evil.example"])
    def test_passes_on_nothing_that_the_directory_does_not_know(self, public, directory, french, query):
        links = self.leads_to(public.get(f"{URL}{query}"))

        assert links == {"en": "/en/network/", "fr": "/fr/network/"}


class TestFilter:
    def test_narrows_by_country_language_and_field_together(self, public, directory):
        schools, prisons = CategoryFactory(code="schools"), CategoryFactory(code="prisons")
        MemberFactory(listed=True, name="Right", country="fr", languages=["fr"], expertise=[schools])
        MemberFactory(listed=True, name="Other country", country="be", languages=["fr"], expertise=[schools])
        MemberFactory(listed=True, name="Other language", country="fr", languages=["en"], expertise=[schools])
        MemberFactory(listed=True, name="Other field", country="fr", languages=["fr"], expertise=[prisons])

        found = names_in(public.get(URL, {"country": "fr", "language": "fr", "field": "schools"}))

        assert found == ["Right"]

    def test_says_how_many_stand_behind_each_choice(self, public, directory):
        MemberFactory.create_batch(2, listed=True, country="fr", languages=["fr"])
        MemberFactory(listed=True, country="de", languages=["fr", "de"])

        form = public.get(URL, {"country": "fr"}).context["directory"].form

        # The other countries are still offered, each with the number of members it would give.
        assert [str(label) for _code, label in form.fields["country"].choices] == [
            "Any",
            "France (2)",
            "Germany (1)",
        ]
        assert [str(label) for _code, label in form.fields["language"].choices] == ["Any", "French (2)"]

    def test_offers_nothing_that_only_hidden_members_have(self, public, directory):
        MemberFactory(listed=True, country="fr")
        MemberFactory(paused=True, country="it")
        MemberFactory(listed=True, country="es", shown=["name"])

        form = public.get(URL).context["directory"].form

        assert [code for code, _label in form.fields["country"].choices] == ["", "fr"]

    def test_is_a_plain_form_that_needs_no_script(self, public, directory):
        page = public.get(URL, {"q": "ana"}).content.decode()

        assert '<form class="filter wide" method="get"' in page
        assert 'value="ana"' in page

    def test_says_so_when_nobody_is_found(self, public, directory):
        MemberFactory(listed=True, country="fr")

        response = public.get(URL, {"country": "is"})

        assert response.status_code == 200
        assert "No listed member shows all of this" in response.content.decode()

    def test_keeps_the_filter_from_page_to_page(self, public, directory):
        MemberFactory.create_batch(30, listed=True, country="fr")
        MemberFactory.create_batch(30, listed=True, country="de")

        first = public.get(URL, {"country": "fr"})
        second = public.get(URL, {"country": "fr", "page": "2"})

        assert "?country=fr&amp;page=2" in first.content.decode()
        assert len(names_in(first)) + len(names_in(second)) == 30
        assert not set(names_in(first)) & set(names_in(second))


class TestLinks:
    """Words about members and countries lead to others who show the same; what is chosen can be taken away, one by one."""

    @pytest.fixture
    def members(self, directory):
        schools, prisons = CategoryFactory(code="schools"), CategoryFactory(code="prisons")
        MemberFactory(listed=True, name="Ana", country="fr", languages=["fr"], expertise=[schools, prisons])
        MemberFactory(listed=True, name="Bea", country="fr", languages=["fr"], expertise=[prisons])
        MemberFactory(listed=True, name="Cy", country="de", languages=["de"], expertise=[schools])

    def html(self, public, query):
        return BeautifulSoup(public.get(URL, query).content, "html.parser")

    def test_of_a_field_add_it_to_what_is_chosen(self, public, members):
        ana = public.get(URL, {"country": "fr", "field": "schools"}).context["directory"].entries[0]

        assert {field.query: field.is_chosen for field in ana.fields} == {
            "country=fr&field=schools": True,
            "country=fr&field=prisons": False,
        }
        assert names_in(public.get(f"{URL}?country=fr&field=prisons")) == ["Ana", "Bea"]

    def test_of_what_is_chosen_lead_to_the_same_without_it(self, public, members):
        asked = {"q": "ana", "country": "fr", "field": "schools"}

        links = self.html(public, asked).select(".chosen a")

        assert [link["href"] for link in links] == [
            f"{URL}?country=fr&field=schools", f"{URL}?q=ana&field=schools", f"{URL}?q=ana&country=fr",
        ]  # fmt: skip
        assert "France" in links[1].get_text()
        assert "Take away" in links[1].get_text()
        assert self.html(public, {"country": "fr"}).select_one(".chosen a")["href"] == URL

    def test_of_countries_have_the_number_of_members_behind_them(self, public, members):
        def countries(query):
            return [
                (row.th.get_text(), row.td.get_text(), row.a and row.a["href"])
                for row in self.html(public, query).select(".countries tbody tr")
            ]

        assert countries({}) == [("France", "2", f"{URL}?country=fr"), ("Germany", "1", f"{URL}?country=de")]
        assert countries({"field": "schools", "country": "fr"}) == [
            ("France", "1", None),
            ("Germany", "1", f"{URL}?country=de&field=schools"),
        ]

    def test_lead_on_where_nobody_is_found(self, public, members):
        found = self.html(public, {"q": "nobody", "country": "de"}).select_one(".nobody")
        alone = self.html(public, {"country": "is"}).select_one(".nobody")

        *elsewhere, join = [link["href"] for link in found.select("a")]
        assert elsewhere == [f"{URL}?country=de", URL]
        assert join == f"{settings.DESK_URL}/en/members/join/"
        assert alone.a["href"] == URL

    def test_say_so_where_one_is_found(self, public, members):
        assert "Only one member shows all of this" in self.html(public, {"q": "ana"}).get_text()
        assert "Only one member" not in self.html(public, {"country": "fr"}).get_text()

    def test_lead_from_a_member_back_to_what_was_found(self, public, directory):
        member = MemberFactory(listed=True, name="Ana", country="fr", has_page=True)
        path = f"{URL}{member.uuid}/"

        link = self.html(public, {"q": "ana", "country": "fr"}).select_one(".card-title a")["href"]
        page = BeautifulSoup(public.get(link).content, "html.parser")

        assert link == f"{path}?q=ana&country=fr"
        assert page.select_one("main a.button")["href"] == f"{URL}?q=ana&country=fr"

    @pytest.mark.parametrize(
        "query", ["", "?x=1", "?country=nowhere", "?q=%00", "?page=2", "?next=//evil.example"]
    )
    def test_back_from_a_member_pass_on_nothing_that_the_directory_does_not_know(
        self, public, directory, query
    ):
        member = MemberFactory(listed=True, name="Ana", has_page=True)

        page = BeautifulSoup(public.get(f"{URL}{member.uuid}/{query}").content, "html.parser")

        assert page.select_one("main a.button")["href"] == URL


class TestNonsense:
    """Whatever the query says, the reader soon gets a page that says what is wrong."""

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("field=foo", 200),
            ("country=de&country=foo", 200),
            ("country=zz&language=zz&field=zz", 200),
            ("page=1000", 200),
            ("page=-1", 400),
            ("page=0", 400),
            ("page=abc", 400),
            ("page=1000000000", 400),
            ("page=1e3", 400),
            ("page=" + "9" * 5000, 400),
            ("q=%00", 400),
            ("q=a%00b", 400),
            ("field=%00", 200),
            ("country=%00", 200),
            ("q=" + "x" * 10_000, 400),
            ("field=" + "x" * 10_000, 200),
            ("q=%FF%FE", 200),
            ("q=" + "%F0%9F%98%80" * 20, 200),
            ("q=" + "+".join("a" * 2 for _ in range(33)), 200),
            ("&".join(f"field={n}" for n in range(900)), 200),
            ("&".join(f"x{n}={n}" for n in range(2000)), 400),
            ("q[]=1&q[a]=2&country[]=", 200),
            ("q='%22><script>alert(1)</script>", 200),
            ("q=../../etc/passwd", 200),
        ],
    )
    def test_is_answered_with_a_clear_page(self, public, directory, query, status):
        MemberFactory.create_batch(3, listed=True)

        response = public.get(f"{URL}?{query}")

        assert response.status_code == status
        assert "<script>alert" not in response.content.decode()
        assert len(response.content) < 60_000

    def test_names_the_choice_that_is_unknown(self, public, directory):
        page = public.get(URL, {"field": "foo"}).content.decode()

        assert "We do not know this field of work." in page
        assert "Show all members" in page

    def test_speaks_the_language_of_the_reader(self, public, directory, languages):
        home = directory.get_parent().copy_for_translation(languages["ar"])
        home.save_revision().publish()
        DirectoryPageFactory(parent=home, locale=languages["ar"])

        response = public.get("/ar/network/", {"page": "-1"})

        assert response.status_code == 400
        assert '<html lang="ar" dir="rtl">' in response.content.decode()

    def test_says_how_far_the_list_goes(self, public, directory):
        MemberFactory.create_batch(30, listed=True)

        page = public.get(URL, {"page": "1000"}).content.decode()

        assert "There is no such page" in page
        assert 'href="?page=2"' in page

    @pytest.mark.parametrize(
        "query",
        [
            {"q": " ".join(f"w{n}" for n in range(25))},
            {"q": "x" * 10_000},
            {"field": "x" * 10_000},
            {"page": "9999"},
        ],
        ids=["many words", "a long word", "a long field", "a far page"],
    )
    def test_costs_no_more_than_a_question_that_makes_sense(self, public, directory, query):
        MemberFactory.create_batch(50, listed=True)
        public.get(URL)

        assert queries(lambda: public.get(URL, query)) <= queries(lambda: public.get(URL, {"q": "member"}))

    def test_leaves_no_word_in_the_log(self, public, directory, caplog):
        with caplog.at_level("DEBUG"):
            public.get(URL, {"q": "secretword"})
            public.get(URL, {"q": "secretword" * 1000})
            public.get(URL, {"field": "secretword"})
            public.get("/en/network/secretword/", {"q": "secretword"})

        logged = "".join(
            handler_saw(record) for record in caplog.records if record.name != "django.db.backends"
        )
        assert "secretword" not in logged


def handler_saw(record):
    """Return what a handler writes with the filter that all of our handlers have."""
    return record.getMessage() if NoTrace().filter(record) else ""


class TestQueries:
    @pytest.mark.parametrize(
        "query", [{}, {"q": "member"}, {"country": "de", "language": "en", "field": "schools", "q": "mem"}]
    )
    def test_are_the_same_for_few_and_many(self, public, directory, query):
        fields = [CategoryFactory(code="schools"), CategoryFactory()]

        def visit():
            assert public.get(URL, query).status_code == 200

        MemberFactory.create_batch(2, listed=True, expertise=fields)
        visit()  # warm the caches that live as long as the process
        few = queries(visit)
        MemberFactory.create_batch(60, listed=True, expertise=[*fields, CategoryFactory()])

        assert queries(visit) == few

    def test_are_few(self, public, directory):
        MemberFactory.create_batch(30, listed=True)
        public.get(URL)

        # Fields of work, counts, the total and the members; the rest is what every page needs.
        assert queries(lambda: public.get(URL)) <= 20

    def test_are_no_more_for_two_thousand(self, public, directory):
        MemberFactory.create_batch(30, listed=True, name="Person", country="de")
        members = [MemberFactory.build(listed=True, name=f"Person {n}", country="de") for n in range(2000)]
        for member in members:
            member.derive()
        query = {"q": "person", "country": "de"}
        public.get(URL, query)

        few = queries(lambda: public.get(URL, query))
        Member.objects.bulk_create(members)

        assert queries(lambda: public.get(URL, query)) == few
        assert public.get(URL, query).context["directory"].page_obj.paginator.count == 2030


class TestOrder:
    def test_follows_the_names_without_accents(self, public, directory):
        for name in ("Zoe", "Älva", "Bea", "Éric"):
            MemberFactory(listed=True, name=name)

        assert names_in(public.get(URL)) == ["Älva", "Bea", "Éric", "Zoe"]

    def test_puts_those_without_a_name_last_in_no_order_that_betrays_it(self, public, directory):
        MemberFactory(listed=True, name="Zoe")
        MemberFactory(listed=True, name="Aaron", shown=[Detail.COUNTRY])

        assert names_in(public.get(URL)) == ["Zoe", "A member who does not show a name"]
        assert Member.objects.get(name="Aaron").order_key == "1"


@pytest.mark.usefixtures("search_index")
class TestSearchOfTheSite:
    def found(self, query):
        return [(hit.title, hit.url, hit.text) for hit in Search(query=query, code="en").page(1)]

    def test_finds_members_by_name_and_leads_to_all_who_match(self, directory):
        member = MemberFactory(listed=True, name="Agnieszka Nowak", has_page=True, country="pl")

        by_name, everybody = self.found("agnieska")

        assert by_name[:2] == ("Agnieszka Nowak", f"{URL}{member.uuid}/")
        assert everybody == ("Members of the network", f"{URL}?q=agnieszka", "1 member matches.")

    def test_finds_nothing_that_a_member_does_not_show(self, directory):
        MemberFactory(listed=True, name="Agnieszka Nowak", shown=[Detail.COUNTRY], country="pl")

        assert self.found("agnieszka") == []
