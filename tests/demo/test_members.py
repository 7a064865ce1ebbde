import re
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from core.languages import names
from demo import crowd
from demo.accounts import PASSWORD
from demo.content import LANGUAGES, facts
from demo.members import (
    CONTACTS,
    UNREAD,
    accounts,
    fields,
    load_conversations,
    load_members,
    load_opportunities,
    load_reviews,
    members,
)
from network.models import (
    Category,
    Conversation,
    ConversationReport,
    Inbox,
    Match,
    Member,
    Opportunity,
    ProposedTexts,
    RecordedOutcome,
    ReviewEntry,
    Verification,
)
from network.opportunities.models import CATEGORIES, OpportunityKind, OpportunitySubject
from network.verification.orcid import normal_orcid
from network.vocabulary import services as vocabulary_starter
from network.vocabulary.details import Detail
from network.vocabulary.models import named
from network.vocabulary.services import starter
from tests.demo.test_address import AVOIDED
from tests.demo.test_parity import numbers
from tests.demo.test_words import avoided
from tests.factories.users import UserFactory
from tests.support.queries import queries

WRITTEN = facts("members")["members"]
SAID = ("about", "offers", "needs")


@pytest.fixture(scope="module")
def usual():
    return members()


def all_said():
    """Yield each text of a member, as language → text, with its author."""
    for row in WRITTEN:
        yield from ((f"{row['key']}: {name}", row[name]) for name in SAID)
        yield from ((f"{row['key']}: {name}", row[name])
            for name in ("name", "affiliation") if isinstance(row.get(name), dict))  # fmt: skip
    for job in facts("crowd")["jobs"]:
        yield from ((f"{job.get('place')}: {name}", text)
            for name in ("about", "together", "offers", "needs") for text in job.get(name, []))  # fmt: skip


class TestMembers:
    def test_are_the_same_on_every_run(self, usual):
        assert members() == usual

    def test_are_in_every_situation(self, usual):
        states = Counter(member["state"] for member in usual)

        assert set(states) == set(Member.State)
        assert any(not member["shown"] for member in usual)
        assert any(Detail.NAME not in member["shown"] for member in usual if member["shown"])
        assert any(set(member["shown"]) == set(Detail.values) for member in usual)

    def test_have_example_addresses(self, usual):
        assert all(member["email"].endswith("@example.org") for member in usual)
        assert len({member["email"] for member in usual}) == len(usual)

    def test_speak_all_languages_of_the_demonstration(self, usual):
        assert {member["language"] for member in usual} == set(LANGUAGES)

    def test_choose_from_the_lists(self, usual):
        known = starter("categories")
        for member in usual:
            assert set(member["expertise"]) <= set(fields())
            assert set(member["roles"]) <= set(known["role"])
            assert set(member["work_settings"]) <= set(known["setting"])
            assert set(member["methods"]) <= set(known["method"])
            assert set(member["populations"]) <= set(known["population"])
            assert set(member["languages"]) <= set(settings.LANGUAGE_TABLE)
            assert member["country"] in names.country_codes()

    def test_keep_to_the_lengths_of_the_form(self, usual):
        for data in usual:
            for words in ({name: data[name] for name in SAID}, *data["translations"].values()):
                assert len(words.get("about", "")) <= 300
                assert max(len(words.get("offers", "")), len(words.get("needs", ""))) <= 600
            assert len(data["affiliation"]) <= 160
            assert len(data["name"]) <= 120

    def test_have_unique_names(self):
        many = Counter(member["name"] for member in members(5000))

        assert many.most_common(1)[0][1] == 1


class TestWords:
    def test_exist_in_each_language_with_the_same_numbers(self):
        for who, texts in all_said():
            assert set(texts) == set(LANGUAGES), who
            assert len({tuple(sorted(numbers(text).elements())) for text in texts.values()}) == 1, who

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_keep_the_conventions_and_avoid_flagged_terms(self, language):
        convention = re.compile(AVOIDED.get(language, "(?!)"))

        found = [
            (who, convention.search(texts[language]) or avoided(texts[language], language)) for who, texts in all_said()
        ]

        assert [each for each in found if each[1]] == []


class TestWrittenByHand:
    def test_show_their_details_selectively(self, usual):
        first = usual[: len(WRITTEN)]

        assert {role for row in WRITTEN for role in row["roles"]} == set(starter("categories")["role"])
        assert {row["shows"] for row in WRITTEN} == set(facts("members")["shows"])
        assert not any(member["has_page"] and Detail.NAME not in member["shown"] for member in first)
        assert not any(set(member["shown"]) & set(member["shown_to_members"]) for member in first)

    def test_joined_on_different_days(self, usual):
        asked = [member["created_at"] for member in usual[: len(WRITTEN)]]

        assert len(set(asked)) == len(WRITTEN)
        assert max(asked) < timezone.now() < min(asked) + timedelta(days=800)

    def test_have_no_id_but_the_one_that_orcid_gives_as_an_example(self, usual):
        ids = {member.get("orcid", "") for member in usual} - {""}

        assert {normal_orcid(orcid) for orcid in ids} == {"0000-0002-1825-0097"}


class TestCrowd:
    def test_work_in_their_own_country_in_its_language(self):
        countries = {}
        for country in facts("crowd")["countries"]:
            countries.setdefault(country["code"], []).append(country)
        for member in crowd.members(400):
            homes = countries[member["country"]]
            if member["affiliation"]:
                towns = [town.partition(" / ")[0] for home in homes for town in home["towns"]]
                assert any(town in member["affiliation"] for town in towns)
            assert any({home["speaks"], home["languages"][0]} <= set(member["languages"]) for home in homes)

    def test_have_work_settings_of_their_role(self):
        for member in crowd.members(400):
            assert ("government" in member["work_settings"]) == (member["roles"] == ["policy"])
            if member["roles"] == ["researcher"]:
                assert member["work_settings"] == ["university"]

    def test_have_a_place_of_work_in_every_language_of_a_country(self):
        places = facts("crowd")["places"]
        wanted = {job["place"] for job in facts("crowd")["jobs"] if "place" in job}
        for country in facts("crowd")["countries"]:
            assert wanted <= set(places[country.get("places", country["languages"][0])]), country["code"]

    def test_are_called_abroad_what_can_be_read_there(self):
        arabic = next(member for member in crowd.members(400) if member["language"] == "ar")

        assert arabic["translations"]["en"]["name"].isascii() or "é" in arabic["translations"]["en"]["name"]
        assert not arabic["name"].isascii()


class TestReviews:
    def test_leave_words_and_two_questions_waiting_once(self, languages):
        UserFactory(email="network@example.org")
        vocabulary_starter.seed_review_templates()
        load_members()

        load_reviews()
        load_reviews()

        waiting = ProposedTexts.objects.waiting()
        assert waiting.values("member").distinct().count() == 1
        assert all(list(proposal.differences()) for proposal in waiting)
        assert Member.objects.with_turns().filter(is_asked=True, state=Member.State.IN_REVIEW).count() == 2
        assert not ReviewEntry.objects.to_remind().exists()


class TestConversations:
    def test_are_written_once_between_members_and_three_of_them_can_sign_in(self, client, languages):
        load_members()

        load_conversations()
        load_conversations()

        people = accounts()
        assert Counter(member.kind for member in people) == {"person": 2, "organisation": 1}
        assert not any(member.user.works_in_admin for member in people)
        assert {row["language"] for row in facts("conversations")["conversations"]} == set(LANGUAGES)
        assert Conversation.objects.count() == len(facts("conversations")["conversations"])
        assert all(Conversation.objects.of([member]).exists() for member in people)
        assert Conversation.objects.of(people).filter(is_unread=True).exists()
        assert ConversationReport.objects.open().count() == 1
        assert not Inbox.objects.exclude(notification_due_at=None).exists()
        assert people[0].user.check_password(PASSWORD)


class TestLoading:
    def test_fills_the_directory_with_four_hundred(self, languages):
        load_members()

        assert Member.objects.listed().count() >= 400
        assert Verification.objects.filter(confirmed_at=None).count() == 1
        assert set(Verification.objects.values_list("kind", flat=True)) == set(Verification.Kind)
        assert not Verification.objects.to_read().exists()

        assert load_members() == 0  # the second time

    def test_takes_the_same_queries_for_few_and_many_and_names_each_field_in_each_language(self, languages):
        few = queries(lambda: load_members(count=20))

        assert queries(lambda: load_members(count=200)) <= few
        assert Category.objects.filter(group="field").count() == len(fields()) * len(LANGUAGES)
        assert named("field", "ar")["schools"] == fields()["schools"]["ar"]


ROWS = facts("opportunities")["opportunities"]


class TestOpportunities:
    def test_are_of_every_kind_and_subject_in_each_language_with_codes_that_there_are(self):
        assert all(len(row["title"]) <= 120 and len(row["text"]) <= 1500 for row in ROWS)
        for language in LANGUAGES:
            own = [row for row in ROWS if row["language"] == language]
            assert {row["kind"] for row in own} == set(OpportunityKind.values)
            assert {row["subject"] for row in own} == set(OpportunitySubject.values)
        for column, group in CATEGORIES.items():
            known = fields() if group == "field" else starter("categories")[group]
            assert {code for row in ROWS for code in row[column]} <= set(known), column

    @pytest.mark.django_db
    def test_are_loaded_with_matches_contacts_and_outcomes(self):
        everything = [Member(**data) for data in members(60)]
        for member in everything:
            member.shown = list(Detail.values)
            member.derive()
        Member.objects.bulk_create(everything)

        load_opportunities()

        assert Opportunity.objects.count() == len(ROWS)
        assert Opportunity.objects.to_read().count() == len(LANGUAGES) * UNREAD
        assert Opportunity.objects.public().count() > 30
        assert Match.objects.taken_up().count() == len(CONTACTS)
        assert Match.objects.to_ask().exists()
        assert {outcome for _month, outcome, _times in RecordedOutcome.objects.by_month()} == {
            "none", "contact", "collaboration", "result",
        }  # fmt: skip
