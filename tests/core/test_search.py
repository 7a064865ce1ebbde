"""Correction of misspelt words, passages and phrases in searches, without a database."""

import pytest

from core.search.sources import LONGEST, matches, passage
from core.search.spelling import Lexicon, correct, nearest

KNOWN = {"privacy", "policy", "notice", "germany", "private", "data", "date", "الخصوصيه", "خصوصيه"}


class TestSlips:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [("privcay", "privacy"), ("privac", "privacy"), ("privvacy", "privacy"), ("brivacy", "privacy"),
         ("germny", "germany"),
         ("pirvcay", "pirvcay"), ("preventoin", "prevention"), ("pervenion", "prevention"), ("pervenoin", "pervenoin")],
    )  # fmt: skip
    def test_are_forgiven_once_and_twice_in_a_long_word(self, written, meant):
        assert nearest(written, Lexicon(KNOWN), Lexicon({"prevention"})) == meant

    @pytest.mark.parametrize(
        ("written", "meant"), [("privcay", "privacy"), ("الخصوصيخ", "الخصوصيه"), ("elephant", "elephant")]
    )
    def test_lead_to_the_nearest_word_that_is_known(self, written, meant):
        assert nearest(written, Lexicon(KNOWN)) == meant

    def test_in_short_words_and_numbers_are_not_guessed_at(self):
        assert correct(["dat", "116112"], Lexicon({"data", "116111", "day"})) == ["dat", "116112"]

    def test_are_corrected_only_in_unknown_words(self):
        assert correct(["date", "notcie"], Lexicon(KNOWN)) == ["date", "notice"]

    def test_are_not_seen_in_a_last_word_that_is_unfinished(self):
        assert correct(["privacy", "noti"], Lexicon(KNOWN)) == ["privacy", "noti"]
        assert correct([], Lexicon(KNOWN)) == []

    def test_gives_up_on_a_query_of_unknown_words(self):
        asked = ["notcie", "privcay", "pirvacy", "priavcy", "ntoice", "date"]

        assert correct(asked[2:], Lexicon(KNOWN)) == ["privacy", "privacy", "notice", "date"]
        assert correct(asked, Lexicon(KNOWN)) == asked


class TestPassage:
    TEXT = "We keep no record. " * 10 + "Präventionsarbeit takes time and people. " + "It goes on and on. " * 20

    def test_is_cut_around_the_first_word_of_the_query(self):
        found = passage(self.TEXT, ["pravention"])

        assert found.startswith("… ")
        assert "Präventionsarbeit takes time" in found
        assert found.endswith(" …")
        assert len(found) <= LONGEST + len("…  …")

    def test_is_whole_where_the_text_is_short(self):
        assert passage("Privacy, briefly.", ["privacy"]) == "Privacy, briefly."

    def test_is_empty_where_no_word_is_found(self):
        assert passage(self.TEXT, ["elephant"]) == ""


class TestPhrase:
    @pytest.mark.parametrize(
        ("phrase", "query", "is_said"),
        [
            ("attracted to children", "i am attracted to children", True),
            ("attracted child", "children attracted me", True),
            ("attracted to children", "attracted to art", False),
            ("my son", "my son", True),
            ("my son", "my sonata", False),
            ("", "anything", False),
        ],
    )
    def test_is_said_by_all_its_words_in_any_order(self, phrase, query, is_said):
        assert matches(phrase, query.split()) is is_said
