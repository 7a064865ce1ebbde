"""What the invented members look for and offer: in every language of the demonstration, sorted by what a new site can choose from."""

from collections import Counter

import pytest

from demo import members, postings
from demo.content import LANGUAGES, facts
from network.models import Member, Posting, Proposal, RecordedOutcome
from network.opportunities.models import CATEGORIES, PostingKind, PostingSubject
from network.vocabulary.details import Detail
from network.vocabulary.services import starter

ROWS = facts("postings")["postings"]


class TestPostings:
    def test_are_sixty_as_many_in_each_language_and_none_twice(self):
        assert Counter(row["language"] for row in ROWS) == dict.fromkeys(LANGUAGES, 15)
        assert len({row["title"] for row in ROWS}) == 60
        assert all(len(row["title"]) <= 120 and len(row["text"]) <= 1500 for row in ROWS)

    def test_are_of_every_kind_and_subject_in_each_language(self):
        for language in LANGUAGES:
            own = [row for row in ROWS if row["language"] == language]
            assert {row["kind"] for row in own} == set(PostingKind.values)
            assert {row["subject"] for row in own} == set(PostingSubject.values)

    def test_use_codes_that_there_are(self):
        for column, group in CATEGORIES.items():
            known = members.fields() if group == "field" else starter("categories")[group]
            assert {code for row in ROWS for code in row[column]} <= set(known), column

    @pytest.mark.django_db
    def test_are_loaded_with_matches_contacts_and_outcomes(self):
        everything = [Member(**data) for data in members.members(60)]
        for member in everything:
            member.shown = list(Detail.values)
            member.derive()
        Member.objects.bulk_create(everything)

        postings.load()

        assert Posting.objects.count() == 60
        assert Posting.objects.to_read().count() == len(LANGUAGES) * postings.UNREAD
        assert Posting.objects.public().count() > 30
        assert Proposal.objects.taken_up().count() == len(postings.CONTACTS)
        assert Proposal.objects.to_ask().exists()
        assert {outcome for _month, outcome, _times in RecordedOutcome.objects.by_month()} == {
            "none", "contact", "collaboration", "result",
        }  # fmt: skip
