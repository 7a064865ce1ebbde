"""Reported conversations: the team can read one of them, up to the report, and until it has decided."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from core.models import OutgoingMail
from network import row_locks
from network.messages import services as conversations
from network.messages.models import ERASED_KEPT
from network.models import Conversation, ConversationReport, Inbox, Member, Message
from network.review import services as review
from tests.factories.network import ConversationFactory, MemberFactory
from tests.factories.users import UserFactory
from tests.network.messages.test_conversations import at, signed_in, words
from tests.network.review.test_review import user_with
from tests.support.mail import delivered
from tests.support.scheduler import run

REPORTS = reverse("network_review:reports")
INBOX = "/en/members/messages/"


@pytest.fixture
def spoken(db):
    ana, bob = (MemberFactory(listed=True, name=name) for name in ("Ana Lima", "Bob Ray"))
    return ConversationFactory(starter=ana, recipient=bob, text="Canaryinsult.", subject="Canarysubject")


@pytest.fixture
def reported(spoken):
    return conversations.report_conversation(conversation=spoken, reporter=spoken.recipient, text="They insult me.")


@pytest.fixture
def team(private, home, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    private.force_login(user_with("review_member"))
    return private


def page_of(report):
    return reverse("network_review:report", args=[report.uuid])


def decide(client, report, decision, text=""):
    return client.post(page_of(report), {"decision": decision, "text": text}, follow=True)


class TestReporting:
    def test_says_first_what_it_means_and_afterwards_shows_both_that_it_was_done(self, spoken):
        his, hers = signed_in(spoken.recipient), signed_in(spoken.starter)
        assert "The other can guess that it was you" in his.get(at(spoken, "report")).text

        his.post(at(spoken, "report"), {"text": "They insult me."})
        his.post(at(spoken, "report"), {"text": "Again."})

        assert ConversationReport.objects.get().text == "They insult me."
        for client in (his, hers):
            page = client.get(at(spoken)).text
            assert "This conversation was reported on" in page
            assert "They insult me" not in page

    def test_opens_that_conversation_to_the_team_and_no_other(self, spoken, team):
        assert "No report waits" in team.get(REPORTS).text
        ConversationFactory(starter=spoken.starter, text="Canaryother.")
        report = conversations.report_conversation(conversation=spoken, reporter=spoken.recipient, text="Look.")

        start, listed, page = (team.get(url).text for url in ("/admin/", REPORTS, page_of(report)))

        assert "Reported conversations of members" in start
        assert "Bob Ray about Ana Lima" in listed
        assert "Canaryinsult" not in listed
        for told in ("Canaryinsult", "Canarysubject", "Look.", "Reported by Bob Ray"):
            assert told in page
        assert "Canaryother" not in page

    def test_shows_nothing_that_came_later_or_that_the_reporter_has_not_seen(self, spoken, team):
        conversations.block(member=spoken.recipient, other=spoken.starter)
        signed_in(spoken.starter).post(at(spoken), words("Canarywithheld."))
        report = conversations.report_conversation(conversation=spoken, reporter=spoken.recipient, text="")
        conversations.unblock(member=spoken.recipient, other=spoken.starter)
        signed_in(spoken.starter).post(at(spoken), words("Canarylater."))

        page = team.get(page_of(report)).text

        assert "Canaryinsult" in page
        assert "Canarywithheld" not in page
        assert "Canarylater" not in page

    def test_is_for_those_who_review_members(self, private, home, settings, reported):
        settings.SECOND_FACTOR_REQUIRED = False
        private.force_login(user_with("view_member"))

        assert "Reported conversations" not in private.get("/admin/").text
        for url in (REPORTS, page_of(reported)):
            assert "Canary" not in private.get(url, follow=True).text
            assert private.get(url).status_code in {302, 403}


class TestDeciding:
    def test_closes_the_conversation_to_the_team_again(self, reported, spoken, team):
        page = decide(team, reported, "nothing").text

        assert "closed to the team again" in page
        again = team.get(page_of(reported), follow=True)
        assert again.redirect_chain == [(REPORTS, 302)]
        assert "Canaryinsult" not in again.text
        assert "cannot read it any more" in signed_in(spoken.starter).get(at(spoken)).text
        assert conversations.report_conversation(
            conversation=spoken, reporter=spoken.recipient, text=""
        ) != ConversationReport.objects.get(pk=reported.pk)

    def test_can_warn_in_words_that_are_read_in_the_members_area_alone(self, reported, spoken, team):
        assert "Please write what the member should know" in decide(team, reported, "warn").text
        decide(team, reported, "warn", "Please be kind.")

        with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1), tick=False):
            for inbox in Inbox.objects.due():
                conversations.send_notification(inbox=inbox)
            (message,) = delivered()
        assert message.to == [spoken.starter.email]
        assert "kind" not in message.message().as_string()
        client = signed_in(spoken.starter)
        assert "Please be kind." in client.get(INBOX).text
        assert "Please be kind." not in client.get(INBOX).text
        assert "Please be kind." in client.get("/en/members/profile/").text

    def test_can_hide_the_member_who_then_cannot_write(self, reported, spoken, team):
        client = signed_in(spoken.starter)

        decide(team, reported, "hide")

        assert Member.objects.get(pk=spoken.starter.pk).held_at is not None
        assert client.post(at(spoken), words()).status_code == 403
        assert Message.objects.count() == 1

    def test_is_logged_without_a_word_of_it(self, reported, spoken, team):
        decide(team, reported, "warn", "Canarywarning.")

        entry = ModelLogEntry.objects.get(action="network.decide_report")
        assert entry.label == str(spoken.starter.uuid)
        assert "anary" not in str(ModelLogEntry.objects.values())
        assert "insult" not in str(ModelLogEntry.objects.values())

    def test_happens_once(self, reported, team):
        conversations.decide_report(report=reported, by=UserFactory(), decision="nothing")

        with pytest.raises(row_locks.InvalidStateError):
            conversations.decide_report(report=reported, by=UserFactory(), decision="hide")
        assert "Another person changed this first" in decide(team, reported, "hide").text
        assert not Member.objects.exclude(held_at=None).exists()

    def test_that_cannot_be_carried_out_changes_nothing(self, reported, spoken, team):
        review.hide(member=spoken.starter, by=UserFactory())
        Member.objects.filter(pk=spoken.starter.pk).update(state=Member.State.DECLINED)

        decide(team, reported, "hide")

        assert ConversationReport.objects.open().count() == 1


class TestErased:
    def test_conversations_are_gone_for_both_and_kept_for_the_team_until_it_has_decided(self, reported, spoken, team):
        client = signed_in(spoken.starter)

        client.post(at(spoken, "erase"))

        for member in (spoken.starter, spoken.recipient):
            assert signed_in(member).get(at(spoken)).status_code == 404
            assert "Canarysubject" not in signed_in(member).get(INBOX).text
        with pytest.raises(row_locks.InvalidStateError):
            conversations.write_message(
                conversation=spoken, participant=spoken.starter, author=spoken.starter, text="x", key=uuid4()
            )
        with pytest.raises(row_locks.InvalidStateError):
            conversations.report_conversation(conversation=spoken, reporter=spoken.starter, text="")
        assert "Canaryinsult" in team.get(page_of(reported)).text
        decide(team, reported, "nothing")
        assert not Conversation.objects.exists()

    def test_conversations_are_gone_after_a_month_without_a_decision(self, reported, spoken):
        conversations.erase_conversation(conversation=spoken)
        run("network-forget-conversations")
        assert Conversation.objects.exists()

        with time_machine.travel(timezone.now() + ERASED_KEPT, tick=False):
            run("network-forget-conversations")

        assert not Conversation.objects.exists()
        assert not OutgoingMail.objects.exists()


class TestTwoReports:
    def test_of_an_erased_conversation_are_each_read_until_they_are_decided(self, spoken, team):
        """Both participants have reported it: after the first decision, it stays available for the second."""
        first, second = (
            conversations.report_conversation(conversation=spoken, reporter=participant, text="They insult me.")
            for participant in (spoken.recipient, spoken.starter)
        )
        conversations.erase_conversation(conversation=spoken)

        decide(team, first, "nothing")

        assert "Canaryinsult." in team.get(page_of(second)).text
        decide(team, second, "nothing")
        assert not Conversation.objects.exists()
