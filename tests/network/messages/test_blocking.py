"""Blocking works in both directions, and is visible only to the member who did it."""

from uuid import uuid4

import pytest
from wagtail.models import ModelLogEntry, ReferenceIndex

from core.models import OutgoingMail
from network import row_locks
from network.members import services as members
from network.messages import services as conversations
from network.models import Conversation, Inbox, MemberBlock
from tests.factories.network import ConversationFactory, MemberBlockFactory, MemberFactory
from tests.network.messages.test_conversations import INBOX, signed_in


@pytest.fixture
def ana(db):
    return MemberFactory(listed=True)


@pytest.fixture
def bob(db):
    return MemberFactory(listed=True)


class TestBlocking:
    def test_holds_in_both_directions(self, ana, bob):
        conversations.block(member=ana, other=bob)

        assert MemberBlock.objects.between(ana, bob).exists()
        assert MemberBlock.objects.between(bob, ana).exists()
        assert MemberBlock.objects.others_of(ana) == {bob.pk}
        assert MemberBlock.objects.others_of(bob) == {ana.pk}
        carla = MemberFactory(listed=True)
        for other in (ana, bob):
            assert not MemberBlock.objects.between(other, carla).exists()
        assert MemberBlock.objects.others_of(carla) == set()

    def test_happens_once_however_often_it_is_asked_for(self, ana, bob):
        assert conversations.block(member=ana, other=bob) == conversations.block(member=ana, other=bob)

    def test_is_undone_only_by_the_member_who_did_it(self, ana, bob):
        conversations.block(member=ana, other=bob)

        conversations.unblock(member=bob, other=ana)
        assert MemberBlock.objects.between(ana, bob).exists()

        conversations.unblock(member=ana, other=bob)
        assert not MemberBlock.objects.between(ana, bob).exists()

    def test_leaves_the_block_that_the_other_has_set(self, ana, bob):
        conversations.block(member=ana, other=bob)
        conversations.block(member=bob, other=ana)

        conversations.unblock(member=ana, other=bob)

        assert MemberBlock.objects.between(ana, bob).get().blocker == bob
        assert MemberBlock.objects.count() == 1

    def test_is_for_others_and_for_those_who_are_there(self, ana):
        declined = MemberFactory(declined=True)

        for member, other in ((ana, ana), (declined, ana)):
            with pytest.raises(row_locks.InvalidStateError):
                conversations.block(member=member, other=other)
        assert not MemberBlock.objects.exists()

    @pytest.mark.parametrize("who_leaves", ["blocker", "blocked"])
    def test_ends_when_either_leaves(self, db, who_leaves):
        made = MemberBlockFactory()

        members.leave(member=getattr(made, who_leaves))

        assert not MemberBlock.objects.exists()

    def test_leaves_no_trace_elsewhere_and_sends_no_notification(self, ana, bob):
        conversations.block(member=ana, other=bob)
        conversations.unblock(member=ana, other=bob)

        assert not ModelLogEntry.objects.exists()
        assert not OutgoingMail.objects.exists()
        assert not ReferenceIndex.objects.filter(base_content_type__app_label="network").exists()


class TestWithheld:
    def test_message_changes_nothing_in_the_inbox_of_the_blocker(self, ana, bob):
        """Not the order of conversations, nor the number of unread ones, nor notifications."""
        withheld = ConversationFactory(starter=bob, recipient=ana, subject="Canarysubject")
        other = ConversationFactory(recipient=ana, subject="Newer")
        for conversation in (withheld, other):
            conversations.read_conversation(conversation=conversation, participant=ana)
        conversations.block(member=ana, other=bob)

        conversations.write_message(conversation=withheld, participant=bob, author=bob, text="Canarytext", key=uuid4())

        seen = Conversation.objects.of([ana])
        assert list(seen) == [other, withheld]
        assert not Conversation.objects.unread_by(ana).exists()
        assert not Inbox.objects.filter(member=ana, notification_due_at__isnull=False).exists()
        page = signed_in(ana).get(INBOX).text
        assert page.index("Newer") < page.index("Canarysubject")
        assert "Canarytext" not in page
