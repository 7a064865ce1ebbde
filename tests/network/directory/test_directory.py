"""The directory on the public site: results, filters and search."""

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.http.logs import NoTrace
from home.search import Search
from network.directory import member_index as index
from network.directory.member_index import ListPlace, MemberIndex, MemberIndexKeeper, bits_at, positions_in
from network.members import services as members_services
from network.models import ListingChange, Member
from network.review import services as review
from network.vocabulary.details import Detail
from tests.factories.network import CategoryFactory, DirectoryPageFactory, MemberFactory
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries
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
    def test_filters_by_country_language_and_field_together(self, public, directory):
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

        # Other countries are still offered, each with the number of members that it would find.
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
        page = public.get(URL, {"q": "ana"}).text

        assert '<form class="wide" method="get"' in page
        assert 'value="ana"' in page

    def test_reports_an_empty_result(self, public, directory):
        MemberFactory(listed=True, country="fr")

        response = public.get(URL, {"country": "is"})

        assert response.status_code == 200
        assert "No listed member shows all of this" in response.text

    def test_keeps_the_filter_from_page_to_page(self, public, directory):
        MemberFactory.create_batch(30, listed=True, country="fr")
        MemberFactory.create_batch(30, listed=True, country="de")

        first = public.get(URL, {"country": "fr"})
        second = public.get(URL, {"country": "fr", "page": "2"})

        assert "?country=fr&amp;page=2" in first.text
        assert len(names_in(first)) + len(names_in(second)) == 30
        assert not set(names_in(first)) & set(names_in(second))


class TestFurtherChoices:
    """Filters by each group of details, by kind, and by offers and needs, with the number of results of each choice."""

    @pytest.fixture
    def members(self, directory):
        MemberFactory(
            listed=True, name="Ana", roles=["policy"], work_settings=["police"], methods=["trials"],
            populations=["families"],
            kind=Member.Kind.ORGANISATION, offers="Data.", needs="A partner.",
        )  # fmt: skip
        MemberFactory(listed=True, name="Bea", roles=["researcher", "policy"], methods=["surveys"], offers="Time.")
        MemberFactory(
            listed=True, name="Cy", kind=Member.Kind.ORGANISATION, offers="", roles=["policy"], needs="Hidden.",
            shown=["roles"]
        )  # fmt: skip
        MemberFactory(listed=True, name="Dee", translations={"de": {"offers": "Zeit."}}, country="fr")

    def offered(self, response, group):
        return {code: str(label) for code, label in response.context["directory"].form.choice(group).choices if code}

    @pytest.mark.parametrize(
        ("group", "code", "found", "label"),
        [
            ("role", "policy", ["Ana", "Bea", "A member who does not show a name"], "Policy maker (3)"),
            ("setting", "police", ["Ana"], "Police (1)"),
            ("method", "trials", ["Ana"], "Controlled trials (1)"),
            ("population", "families", ["Ana"], "Families and partners (1)"),
            ("kind", "organisation", ["Ana"], "Organisation (1)"),
            ("offers", "yes", ["Ana", "Bea", "Dee"], "Says what they offer (3)"),
            ("needs", "yes", ["Ana"], "Says what they look for (1)"),
        ],
    )
    def test_are_counted_and_lead_to_those_who_show_it(self, public, members, group, code, found, label):
        chosen = public.get(URL, {group: code})

        shown = names_in(chosen)
        assert [name if name in found else "Policy maker" for name in shown] == [
            name if name != "A member who does not show a name" else "Policy maker" for name in found
        ]
        assert self.offered(public.get(URL), group)[code] == label
        assert [choice.text for choice in chosen.context["directory"].chosen] == [label.rpartition(" (")[0]]

    def test_are_counted_given_what_else_is_chosen(self, public, members):
        response = public.get(URL, {"method": "surveys"})

        assert self.offered(response, "role") == {
            "researcher": "Researcher (1)",
            "policy": "Policy maker (1)",
        }
        assert self.offered(response, "method") == {
            "trials": "Controlled trials (1)",
            "surveys": "Surveys (1)",
        }
        assert self.offered(response, "needs") == {}

    def test_are_folded_until_one_is_chosen(self, public, members):
        def details(query):
            return BeautifulSoup(public.get(URL, query).content, "html.parser").select_one(".more-choices")

        assert not details({"country": "de"}).has_attr("open")
        assert details({"method": "trials"}).has_attr("open")
        assert [label.get_text(" ", strip=True).partition(" (")[0] for label in details({}).select("label")] == [
            "Role", "Where", "Methods", "Groups of people", "Person or organisation", "Offers", "Needs",
        ]  # fmt: skip
        # A group that no remaining member shows is left out.
        assert "Where" not in details({"method": "surveys"}).get_text()

    def test_name_one_that_is_unknown(self, public, members):
        response = public.get(URL, {"role": "king"})

        assert response.status_code == 200
        assert "We do not know this choice." in response.text


class TestTableAndMap:
    """The same members by country and field of work, and on a map."""

    @pytest.fixture
    def members(self, directory):
        for code in ("schools", "prisons", "nobody"):
            CategoryFactory(code=code, name=code.title())
        both = ["schools", "prisons"]
        MemberFactory(listed=True, name="Ana", country="fr", expertise=both)
        MemberFactory(listed=True, name="Bea", country="fr", expertise=["prisons"], roles=["policy"])
        MemberFactory(listed=True, name="Cy", country="mt")
        MemberFactory(listed=True, name="Dee", country="nz", expertise=["schools"], shown=["name", "country"])
        MemberFactory(listed=True, name="Eve", country="it", expertise=both, shown=["expertise"])

    def html(self, public, query):
        return BeautifulSoup(public.get(URL, query).content, "html.parser")

    def test_counts_each_country_and_field_and_leads_to_those_behind(self, public, members):
        table = self.html(public, {"show": "table"}).select_one(".countries-and-fields")

        rows = [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tr")]
        assert rows == [
            ["Country", "All", "Prisons", "Schools"],
            ["France", "2", "2", "1"],
            ["Malta", "1", "0", "0"],
            ["New Zealand", "1", "0", "0"],
        ]
        links = [link["href"] for link in table.select("tbody tr")[0].select("a")]
        assert links == [
            f"{URL}?country=fr", f"{URL}?country=fr&field=prisons", f"{URL}?country=fr&field=schools",
        ]  # fmt: skip
        assert names_in(public.get(links[1])) == ["Ana", "Bea"]
        assert not self.html(public, {"show": "table"}).select(".member")

    def test_counts_only_those_who_show_what_else_is_chosen(self, public, members):
        html = self.html(public, {"show": "table", "role": "policy"})

        assert [cell.get_text() for cell in html.select(".countries-and-fields tbody :is(th, td)")] == [
            "France",
            "1",
            "1",
        ]
        assert html.select_one("input[name=show]")["value"] == "table"
        assert [link["href"] for link in html.select(".chosen a")] == [f"{URL}?show=table"]
        assert [(each.get_text(), each.get("href")) for each in html.select(".views .tag")] == [
            ("List", f"{URL}?role=policy#members"), ("Table", None), ("Map", f"{URL}?role=policy&show=map#members"),
        ]  # fmt: skip

    def test_reports_that_no_country_is_shown(self, public, members):
        MemberFactory(listed=True, name="Zed", shown=["name"])

        for show in ("table", "map"):
            page = public.get(URL, {"q": "zed", "show": show}).text
            assert "None of these members shows a country." in page
            assert "map-filled" not in page

    def test_draws_the_countries_with_their_numbers_below_a_table_of_them(self, public, members):
        page = public.get(URL, {"show": "map"}).text
        html = BeautifulSoup(page, "html.parser")

        assert [text.get_text() for text in html.select(".map-names text")] == ["MT 1", "France 2"]
        assert [group["fill-opacity"] for group in html.select(".map-filled")] == ["0.7", "1"]
        assert [row.get_text(" ", strip=True) for row in html.select(".countries tbody tr")] == [
            "France 2", "Malta 1", "New Zealand 1",
        ]  # fmt: skip
        assert page.index("<table") < page.index("map-names")
        assert "style=" not in str(html.select_one("svg"))

    def test_takes_no_more_queries_for_many(self, public, members):
        def visits():
            for show in ("table", "map"):
                assert public.get(URL, {"show": show}).status_code == 200

        def more():
            MemberFactory.create_batch(20, listed=True, expertise=[CategoryFactory(), CategoryFactory()])
            visits()  # loads new members, once

        same_queries(visits, more)

    def test_knows_no_other_view(self, public, members):
        response = public.get(URL, {"show": "x"})

        assert response.status_code == 200
        assert "There is no such view." in response.text


class TestMistyped:
    """A misspelt word finds the nearest of the words that members show, with a message."""

    @pytest.fixture
    def members(self, directory):
        MemberFactory(listed=True, name="Ana", about="Evaluation of programmes.", country="fr")
        MemberFactory(listed=True, name="Bea", about="Schools.", country="de", methods=["interviews"])

    def test_words_find_what_was_meant(self, public, members):
        response = public.get(URL, {"q": "Evaluaton", "country": "fr"})

        assert names_in(response) == ["Ana"]
        assert "No member shows “<bdi>Evaluaton</bdi>”. Did you mean “<bdi>evaluation</bdi>”?" in response.text
        assert response.context["directory"].query == "q=evaluation&country=fr"

    def test_names_of_choices_are_found_if_a_member_shows_them(self, public, members):
        assert names_in(public.get(URL, {"q": "intreviews"})) == ["Bea"]
        assert names_in(public.get(URL, {"q": "counseling"})) == []

    def test_words_that_were_found_are_left_alone(self, public, members):
        # No member in Germany shows the word, but others do.
        response = public.get(URL, {"q": "evaluation", "country": "de"})

        assert names_in(response) == []
        assert "Did you mean" not in response.text

    @pytest.mark.parametrize("hide", ["pause", "withdraw", "erase"])
    def test_no_word_is_told_that_is_shown_no_more(self, public, members, hide):
        MemberFactory(listed=True, name="Cy", about="Canaryword.")
        assert names_in(public.get(URL, {"q": "canarywrod"})) == ["Cy"]
        hidden = Member.objects.filter(name="Cy")

        if hide == "pause":
            hidden.update(state=Member.State.PAUSED)
        elif hide == "withdraw":
            members_services.update_profile(member=hidden.get(), shown=[Detail.NAME])
        else:
            hidden.get().delete()

        response = public.get(URL, {"q": "canarywrod"})
        assert "canaryword" not in response.text.lower()
        assert names_in(response) == []

    def test_the_next_best_is_found_if_the_nearest_was_withdrawn(self, public, members):
        MemberFactory(listed=True, name="Cy", about="Evaluators.")
        dee = MemberFactory(listed=True, name="Dee", about="Evaluatoin.")
        public.get(URL, {"q": "nothing"})
        dee.delete()

        assert public.get(URL, {"q": "evaluatoin"}).context["directory"].meant == "evaluation"


class TestMemberIndex:
    """Counts equal those of the database after all kinds of changes, in each process."""

    def index_of(self, keeper):
        index = keeper.current()
        return [place.key for place in index.places], {
            group: {
                code: [index.places[n].key for n in positions_in(bits, 0, 99)] for code, bits in codes.items() if bits
            }
            for group, codes in index.groups.items()
        }

    def agrees(self, keeper):
        """Return whether the updated index of a process equals one that is rebuilt."""
        followed, (_keys, read) = self.index_of(keeper), self.index_of(MemberIndexKeeper())
        keys = list(Member.objects.listed().in_order().values_list("pk", flat=True))
        return followed[0] == keys and {group: codes for group, codes in followed[1].items() if codes} == read

    def test_follows_every_way_of_writing(self, db):
        keeper = MemberIndexKeeper()
        assert self.agrees(keeper)
        Member.objects.bulk_create(derived(MemberFactory.build(listed=True, name=f"Member {n}") for n in range(20)))
        assert self.agrees(keeper)
        some = list(Member.objects.order_by("?")[:8])

        some[0].delete()
        members_services.pause(member=some[1])
        members_services.update_profile(member=some[2], country="is", shown=[Detail.COUNTRY])
        Member.objects.filter(pk__in=[some[3].pk, some[4].pk]).update(state=Member.State.PAUSED)
        Member.objects.filter(pk=some[5].pk).update(order_key="0 zz")
        some[6].name = "Aaron"
        some[6].save()
        MemberFactory(listed=True, name="Zoe")

        with CaptureQueriesContext(connection) as captured:
            keeper.current()
        assert len(captured) == 2
        assert self.agrees(keeper)
        members_services.resume(member=some[1])
        Member.objects.filter(pk=some[7].pk).delete()
        assert self.agrees(keeper)

    def test_asks_once_while_nothing_changes(self, db):
        keeper = MemberIndexKeeper()
        member = MemberFactory(listed=True)
        waiting = MemberFactory(awaiting_review=True)
        keeper.current()

        members_services.open_profile(member=member)
        review.note(member=waiting, by=UserFactory(), text="…")
        waiting.delete()

        assert queries(keeper.current) == 1

    def test_is_rebuilt_after_many_changes_and_when_the_last_is_missing(self, db, monkeypatch):
        keeper = MemberIndexKeeper()
        MemberFactory.create_batch(3, listed=True)
        keeper.current()

        monkeypatch.setattr(index, "MOST_CHANGES", 2)
        MemberFactory.create_batch(3, listed=True)
        assert self.agrees(keeper)
        MemberFactory(listed=True)
        ListingChange.objects.filter(pk__lt=ListingChange.objects.newest()[0]).delete()
        assert self.agrees(keeper)
        ListingChange.objects.all().delete()
        Member.objects.all().delete()
        ListingChange.objects.all().delete()
        assert self.agrees(keeper)

    def test_is_rebuilt_after_one_statement_with_too_many_changes(self, db):
        keeper = MemberIndexKeeper()
        member = MemberFactory(listed=True)
        Member.objects.bulk_create(derived(MemberFactory.build(state="listed") for _ in range(1000)))
        assert self.agrees(keeper)

        Member.objects.update(state=Member.State.PAUSED)
        assert ListingChange.objects.count() == 1
        assert self.agrees(keeper)
        members_services.resume(member=member)
        assert self.agrees(keeper)

    def test_keeps_the_last_changes_only(self, db):
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('network_listingchange_id_seq', 12998)")
        Member.objects.bulk_create(derived(MemberFactory.build(listed=True) for _ in range(2)))
        old, new = ListingChange.objects.values_list("pk", flat=True).order_by("pk")
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('network_listingchange_id_seq', 22999)")

        MemberFactory(listed=True)

        assert (old, new) == (12_999, 13_000)
        assert list(ListingChange.objects.order_by("pk").values_list("pk", flat=True)) == [23_000]

    def test_knows_members_by_the_parts_of_their_keys(self):
        keys = [700, 63, 64, 128, 191, 100_000]
        index = MemberIndex.of((ListPlace(str(n), b"", key), []) for n, key in enumerate(keys))
        # PostgreSQL has no unsigned numbers: the last bit of a part is its sign. Part 5 has no listed members.
        found = {0: -1 << 63, 2: 1, 5: -1, 100_000 // 64: 1 << 100_000 % 64}

        assert list(positions_in(index.with_keys(found), 0, 9)) == [1, 3, 5]
        assert index.with_keys({}) == MemberIndex([], {}).with_keys(found) == 0

    def test_reads_the_keys_of_all_who_say_a_word(self, db):
        some = [MemberFactory(listed=True, name=f"Ada {n}") for n in range(70)]
        MemberFactory(listed=True, name="Bea")
        MemberFactory(awaiting_review=True, name="Ada 99")
        index = MemberIndexKeeper().current()

        found = index.with_keys(Member.objects.keys_saying(["ada"]))

        assert {index.places[n].key for n in positions_in(found, 0, 99)} == {member.pk for member in some}

    def test_finds_a_page_far_down_a_long_list(self):
        bits = bits_at([*range(0, 5000, 3), 70_000, 99_999], 100_000)

        assert list(positions_in(bits, 0, 2)) == [0, 3]
        assert list(positions_in(bits, 1665, 1670)) == [4995, 4998, 70_000, 99_999]
        assert list(positions_in(bits, 9999, 10_019)) == []


def derived(members):
    """Return members to be written in one statement."""
    found = list(members)
    for member in found:
        member.derive()
    return found


class TestLinks:
    """Details of members and countries link to others with the same; each chosen filter can be removed."""

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

    def test_lead_on_from_an_empty_result(self, public, members):
        found = self.html(public, {"q": "nobody", "country": "de"}).select_one(".no-results")
        alone = self.html(public, {"country": "is"}).select_one(".no-results")

        *elsewhere, join = [link["href"] for link in found.select("a")]
        assert elsewhere == [f"{URL}?country=de", URL]
        assert join == f"{settings.PRIVATE_URL}/en/members/join/"
        assert alone.a["href"] == URL

    def test_say_so_where_one_is_found(self, public, members):
        assert "Only one member shows all of this" in self.html(public, {"q": "ana"}).get_text()
        assert "Only one member" not in self.html(public, {"country": "fr"}).get_text()

    def test_lead_from_a_member_to_what_one_can_do_to_reach_them(self, public, private, directory):
        member = MemberFactory(listed=True, name="Ana", has_page=True)

        page = BeautifulSoup(public.get(f"{URL}{member.uuid}/").content, "html.parser")
        write, join = (link["href"] for link in page.select(".actions a"))

        assert "neither a place of work nor an ORCID" in page.get_text()
        assert private.get(write).url.endswith(f"?next=/en/members/messages/to/{member.uuid}/")
        assert private.get(join).status_code == 200

    def test_lead_from_a_member_back_to_what_was_found(self, public, directory):
        member = MemberFactory(listed=True, name="Ana", country="fr", has_page=True)
        path = f"{URL}{member.uuid}/"

        link = self.html(public, {"q": "ana", "country": "fr"}).select_one(".card-title a")["href"]
        page = BeautifulSoup(public.get(link).content, "html.parser")

        assert link == f"{path}?q=ana&country=fr"
        assert page.select_one(".columns > .flow > p:last-child a")["href"] == f"{URL}?q=ana&country=fr"

    @pytest.mark.parametrize("query", ["", "?x=1", "?country=nowhere", "?q=%00", "?page=2", "?next=//evil.example"])
    def test_back_from_a_member_pass_on_nothing_that_the_directory_does_not_know(self, public, directory, query):
        member = MemberFactory(listed=True, name="Ana", has_page=True)

        page = BeautifulSoup(public.get(f"{URL}{member.uuid}/{query}").content, "html.parser")

        assert page.select_one(".columns > .flow > p:last-child a")["href"] == URL


class TestNonsense:
    """Invalid queries quickly get a response with an explanation."""

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
        assert "<script>alert" not in response.text
        assert len(response.content) < 60_000

    def test_names_the_choice_that_is_unknown(self, public, directory):
        page = public.get(URL, {"field": "foo"}).text

        assert "We do not know this field of work." in page
        assert "Show all members" in page

    def test_uses_the_language_of_the_reader(self, public, directory, languages):
        home = directory.get_parent().copy_for_translation(languages["ar"])
        home.save_revision().publish()
        DirectoryPageFactory(parent=home, locale=languages["ar"])

        response = public.get("/ar/network/", {"page": "-1"})

        assert response.status_code == 400
        assert '<html lang="ar" dir="rtl">' in response.text

    def test_says_how_far_the_list_goes(self, public, directory):
        MemberFactory.create_batch(30, listed=True)

        page = public.get(URL, {"page": "1000"}).text

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
        public.get(URL, {"q": "mebmer"})

        assert queries(lambda: public.get(URL, query)) <= queries(lambda: public.get(URL, {"q": "mebmer"}))

    def test_leaves_no_word_in_the_log(self, public, directory, caplog):
        with caplog.at_level("DEBUG"):
            public.get(URL, {"q": "secretword"})
            public.get(URL, {"q": "secretword" * 1000})
            public.get(URL, {"field": "secretword"})
            public.get("/en/network/secretword/", {"q": "secretword"})

        logged = "".join(handler_saw(record) for record in caplog.records if record.name != "django.db.backends")
        assert "secretword" not in logged


def handler_saw(record):
    """Return the output of a log handler with the filter that all handlers of the site have."""
    return record.getMessage() if NoTrace().filter(record) else ""


class TestQueries:
    @pytest.mark.parametrize(
        "query", [{}, {"q": "member"}, {"country": "de", "language": "en", "field": "schools", "q": "mem"}]
    )
    def test_are_the_same_for_few_and_many(self, public, directory, query):
        fields = [CategoryFactory(code="schools"), CategoryFactory()]

        def visit():
            assert public.get(URL, query).status_code == 200

        def more():
            MemberFactory.create_batch(60, listed=True, expertise=[*fields, CategoryFactory()])
            visit()  # loads new members, once

        MemberFactory.create_batch(2, listed=True, expertise=fields)
        same_queries(visit, more)

    def test_are_few(self, public, directory):
        MemberFactory.create_batch(30, listed=True)
        public.get(URL)

        # Fields of work, recent changes, the members, and links; the rest is the same on every page.
        assert queries(lambda: public.get(URL)) <= 13


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
