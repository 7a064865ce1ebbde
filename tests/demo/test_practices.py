"""The invented practices of the demonstration: complete in its languages, and recognisable as invented."""

import re

import pytest
from django.conf import settings

from core.languages import names
from demo import accounts, practices
from demo.content import LANGUAGES, facts
from network.models import EvidenceReview, Practice, PracticeText
from network.practices.codes import EvidenceRating, PracticeOutcome, WouldAgain, all_named
from network.practices.registry import registry
from tests.factories.network import MemberFactory
from users import roles

ROWS = facts("practices")["practices"]


class TestPractices:
    def test_are_forty_and_marked_as_invented_in_every_language(self):
        assert len(ROWS) >= 40
        assert len({row["key"] for row in ROWS}) == len(ROWS)
        for language, word in zip(LANGUAGES, ("invented", "erfunden", "inventé", "مخترع"), strict=True):
            assert all(word in practices.title(row, language) for row in ROWS)

    def test_have_all_words_in_every_language_with_the_same_digits(self):
        for row in [*ROWS, *facts("practices")["criteria"]]:
            for name in {*PracticeText.WORDS, "name"} & row.keys():
                assert set(row[name]) == set(LANGUAGES), (row, name)
                digits = {tuple(re.findall(r"\d+", row[name][language])) for language in LANGUAGES}
                assert len(digits) == 1, (row, name)

    def test_use_known_codes(self, db):
        named = all_named("en")
        for row in ROWS:
            for group, known in named.items():
                assert set(row[group]) <= set(known), row["key"]
            assert set(row["languages"]) <= set(settings.LANGUAGE_TABLE), row["key"]
            assert set(row["countries"]) <= names.country_codes(), row["key"]
            assert row.get("would_again", "yes") in WouldAgain.values

    def test_show_every_label_and_every_outcome_an_expired_one_and_an_archived_record(self):
        evidence = [each for row in ROWS for each in row["evidence"]]

        assert {rating for _outcome, rating, *_rest in evidence} == set(EvidenceRating.values)
        assert {outcome for outcome, *_rest in evidence} == set(PracticeOutcome.values)
        assert any(days > practices.EVIDENCE_LASTS.days for _outcome, _rating, _studies, days, *_rest in evidence)
        assert any(row.get("archived") for row in ROWS)

    @pytest.mark.django_db
    def test_are_loaded_with_two_people_and_one_that_waits(self, languages, monkeypatch):
        few = [
            *ROWS[5:7],
            *(row for row in ROWS if row["key"] in ("boot-camp", "judges", "old-hotline")),
            ROWS[-1],
        ]
        monkeypatch.setitem(facts("practices"), "practices", few)
        roles.sync()
        accounts.create()
        MemberFactory(listed=True)

        practices.load()

        assert Practice.objects.public().count() == len(few) - 1
        assert Practice.objects.to_approve().count() == 1
        assert EvidenceReview.objects.open().get().assessments.count() == 1
        assert EvidenceReview.objects.exclude(answer="").get().practice.name == "Twelve weeks of drill (invented)"
        assert [card.text.language for card in registry("ar").cards] == ["ar"] * (len(few) - 1)
