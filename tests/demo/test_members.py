from collections import Counter

from demo import accounts, conversations
from demo.content import LANGUAGES
from demo.members import fields, load_members, load_reviews, members
from network import services
from network.models import (
    Category,
    Conversation,
    ConversationReport,
    Inbox,
    Member,
    ProposedWords,
    ReviewEntry,
)
from network.models.categories import named
from network.models.vocabulary import Detail
from network.services import starter
from tests.factories.users import UserFactory
from tests.support.queries import queries


class TestMembers:
    def test_are_the_same_on_every_run(self):
        assert members() == members()

    def test_are_in_every_situation(self):
        states = Counter(member["state"] for member in members())

        assert set(states) == set(Member.State)
        assert any(not member["shown"] for member in members())
        assert any(Detail.NAME not in member["shown"] for member in members() if member["shown"])
        assert any(set(member["shown"]) == set(Detail.values) for member in members())

    def test_can_be_written_to_by_nobody(self):
        assert all(member["email"].endswith("@example.org") for member in members())
        assert len({member["email"] for member in members()}) == len(members())

    def test_speak_all_languages_of_the_demonstration(self):
        assert {member["language"] for member in members()} == set(LANGUAGES)

    def test_choose_from_the_lists(self):
        for member in members():
            assert set(member["expertise"]) <= set(fields())
            assert set(member["roles"]) <= set(starter("categories")["role"])
            assert set(member["work_settings"]) <= set(starter("categories")["setting"])
            assert set(member["methods"]) <= set(starter("categories")["method"])
            assert set(member["populations"]) <= set(starter("categories")["population"])

    def test_keep_to_the_lengths_of_the_form(self):
        for data in members():
            assert len(data["about"]) <= 300
            assert max(len(data["offers"]), len(data["needs"])) <= 600


class TestReviews:
    def test_leave_words_and_a_question_waiting_once(self, languages):
        UserFactory(email="network@example.org")
        services.seed_review_templates()
        load_members()

        load_reviews()
        load_reviews()

        waiting = ProposedWords.objects.waiting()
        assert waiting.values("member").distinct().count() == 2
        assert all(list(proposal.differences()) for proposal in waiting)
        assert Member.objects.with_turns().filter(is_asked=True, state=Member.State.IN_REVIEW).count() == 1
        assert not ReviewEntry.objects.to_remind().exists()


class TestConversations:
    def test_are_written_once_between_members_and_three_of_them_can_sign_in(self, client, languages):
        load_members()

        conversations.load()
        conversations.load()

        people = conversations.accounts()
        assert Counter(member.kind for member in people) == {"person": 2, "organisation": 1}
        assert not any(member.user.works_at_desk for member in people)
        assert {row["language"] for row in conversations.parts()} == set(LANGUAGES)
        assert Conversation.objects.count() == len(conversations.parts())
        assert all(Conversation.objects.of([member]).exists() for member in people)
        assert Conversation.objects.of(people).filter(is_unread=True).exists()
        assert ConversationReport.objects.open().count() == 1
        assert not Inbox.objects.exclude(notice_due_at=None).exists()
        assert people[0].user.check_password(accounts.PASSWORD)


class TestLoading:
    def test_fills_the_directory_with_two_hundred(self, languages):
        load_members()

        assert Member.objects.listed().count() >= 200

    def test_takes_the_same_queries_for_few_and_many(self, languages):
        few = queries(lambda: load_members(count=20))

        assert queries(lambda: load_members(count=200)) <= few

    def test_names_each_field_of_work_in_each_language(self, languages):
        load_members()

        assert Category.objects.filter(group="field").count() == len(fields()) * len(LANGUAGES)
        assert named("field", "ar")["schools"] == fields()["schools"]["ar"]

    def test_adds_nothing_the_second_time(self, languages):
        load_members()

        assert load_members() == 0
