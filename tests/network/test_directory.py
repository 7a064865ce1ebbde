"""The directory at the public door: who is found, and by what."""

import pytest

from tests.factories.network import DirectoryPageFactory, MemberFactory

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
