"""Notifications of messages: no contents or names, constant size, and times that do not disclose the sending."""

from datetime import timedelta
from email import message_from_bytes
from itertools import pairwise
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from core import scheduler
from core.models import OutgoingMail
from network.mail import Letter
from network.members import services as members
from network.messages import services as conversations
from network.messages.services import GRID, notification_time
from network.models import Inbox, Member
from tests.factories.network import MemberFactory, with_account
from tests.support.mail import MailServer, delivered, serving

START = timezone.now().replace(hour=10, minute=7, second=0, microsecond=0)
HOUR = timedelta(hours=1, minutes=1)


@pytest.fixture
def ana(db):
    return MemberFactory(listed=True, name="Canaryana", email="ana@private.example")


@pytest.fixture
def bob(db):
    return with_account(MemberFactory(listed=True, name="Canarybob", email="bob@example.org"))


@pytest.fixture
def time(db):
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def write(participant, recipient, text="Canarytext.", subject="Canarysubject"):
    return conversations.start_conversation(
        participant=participant,
        author=participant,
        recipient=recipient,
        subject=subject,
        text=text,
        key=uuid4(),
    )


def pass_time(time, minutes):
    """Run the scheduler each minute, and deliver mail."""
    for _minute in range(minutes):
        time.shift(timedelta(minutes=1))
        for key in Inbox.objects.due().values_list("pk", flat=True):
            conversations.send_notification(inbox=Inbox.objects.get(pk=key))
        delivered()


def notify(time):
    """Let an hour pass, and queue due notifications."""
    time.shift(HOUR)
    for inbox in Inbox.objects.due():
        conversations.send_notification(inbox=inbox)


class TestNotice:
    def test_says_that_something_waits_and_nothing_else(self, ana, bob, time):
        write(ana, bob)
        notify(time)

        (message,) = delivered()

        assert message.to == ["bob@example.org"]
        whole = message.message().as_string()
        assert "/en/members/messages/\n" in message.body
        assert "anary" not in whole
        assert "private.example" not in whole

    def test_has_the_same_size_for_all_contents(self, ana, bob, time):
        sizes = []
        for text, subject, times in (("x", "", 1), ("y" * 4000, "z\r\nBcc: all@example.org"[:1] * 120, 4)):
            for _time in range(times):
                write(ana, bob, text, subject)
            notify(time)
            sizes.append(len(delivered()[-1].message().as_bytes()))
            time.shift(timedelta(minutes=20))
            conversations.open_inbox(member=bob)

        assert len(set(sizes)) == 1

    def test_leads_who_has_no_account_to_one(self, bob, time):
        newcomer = MemberFactory(listed=True)
        write(bob, newcomer)
        notify(time)

        (message,) = delivered()

        assert "/en/members/link/\n" in message.body
        assert "open an account" in message.body

    @pytest.mark.parametrize("happens", ["looks", "pauses", "is erased"])
    def test_is_not_sent_when_nothing_waits_any_more(self, ana, bob, time, happens):
        made = write(ana, bob)
        notify(time)
        if happens == "looks":
            conversations.read_conversation(conversation=made, participant=bob)
        elif happens == "pauses":
            members.pause(member=bob)
        else:
            conversations.erase_conversation(conversation=made)

        assert delivered() == []
        assert not OutgoingMail.objects.exists()

    def test_goes_to_all_who_share_an_inbox_but_not_to_those_who_left_it(self, ana, bob, time):
        house = MemberFactory(listed=True, kind=Member.Kind.ORGANISATION)
        gone = MemberFactory(listed=True)
        for colleague in (bob, gone):
            conversations.accept_share(share=conversations.share_inbox(organisation=house, colleague=colleague))
        conversations.end_share(share=house.inbox_shares.get(colleague=gone))
        Inbox.objects.all().delete()

        write(ana, house)
        notify(time)

        assert {message.to[0] for message in delivered()} == {house.email, bob.email}

    def test_is_sent_about_an_invitation(self, bob, time):
        house = MemberFactory(listed=True, kind=Member.Kind.ORGANISATION)
        conversations.share_inbox(organisation=house, colleague=bob)
        notify(time)

        assert [message.to for message in delivered()] == [[bob.email]]


class TestTime:
    def test_is_a_point_of_the_grid_chosen_by_chance(self):
        moments = [START + timedelta(minutes=n, seconds=13) for n in range(15)]
        found = {moment: {notification_time(moment) for _try in range(40)} for moment in moments}

        for moment, times in found.items():
            assert len(times) == 3
            for one in times:
                assert (one.minute % 15, one.second, one.microsecond) == (0, 0, 0)
                assert GRID < one - moment <= 4 * GRID

    def test_is_that_of_the_first_of_many(self, ana, bob, time):
        write(ana, bob)
        due = Inbox.objects.get(member=bob).notification_due_at
        for _more in range(5):
            time.shift(timedelta(minutes=2))
            write(ana, bob)

        assert Inbox.objects.get(member=bob).notification_due_at == due

    def test_comes_at_most_once_in_fifteen_minutes_however_fast_one_looks(self, ana, bob, time):
        sent = []
        for minute in range(140):  # an hour each at the most
            if minute % 7 == 0:
                write(ana, bob)
            before = len(delivered())
            pass_time(time, 1)
            if len(delivered()) > before:
                sent.append(timezone.now())
                conversations.open_inbox(member=bob)

        assert len(sent) > 1
        assert all(later - earlier >= GRID for earlier, later in pairwise(sent))

    def test_comes_once_until_one_has_looked_and_again_after_a_week(self, ana, bob, time):
        write(ana, bob)
        notify(time)
        assert len(delivered()) == 1
        for _day in range(6):
            time.shift(timedelta(days=1))
            write(ana, bob)
            notify(time)
        assert len(delivered()) == 1

        time.shift(timedelta(days=1))
        write(ana, bob)
        notify(time)
        assert len(delivered()) == 2

    def test_is_looked_up_by_the_scheduler(self, ana, bob, time):
        write(ana, bob)
        time.shift(HOUR)

        scheduler.tick()

        assert not Inbox.objects.get(member=bob).notification_due_at
        assert [message.to for message in delivered()] == [[bob.email]]


class TestMailServer:
    """Messages are stored before anything is mailed, so failures of the mail server only cause delays."""

    @pytest.mark.parametrize(
        "server",
        [
            {"message": "451 4.3.0 Not now"},
            {"recipient": "451 4.2.1 Not now"},
            {"hangs": True},
            {"breaks_off": True},
        ],
        ids=["refuses the mail", "refuses the address", "hangs", "dies between DATA and OK"],
    )
    def test_that_fails_loses_nothing_and_says_nothing_twice(self, ana, bob, time, server):
        made = write(ana, bob)
        notify(time)
        with serving(MailServer(**server)) as broken:
            delivered()
            write(ana, bob)
            notify(time)
            assert broken.taken == []
            port = broken.port

        time.shift(timedelta(days=1))
        working = MailServer()
        working.port = port
        with serving(working) as good:
            delivered()
            write(ana, bob)
            notify(time)
            delivered()

            (envelope,) = good.taken
        assert envelope.rcpt_tos == ["bob@example.org"]
        assert b"anary" not in envelope.content
        assert not OutgoingMail.objects.exists()
        assert made.messages.get().text == "Canarytext."

    def test_that_refuses_for_good_leaves_the_message_and_a_letter_for_the_team(self, ana, bob, time):
        made = write(ana, bob)
        notify(time)
        with serving(MailServer(recipient="550 No such user")):
            delivered()

        letter = OutgoingMail.objects.get()
        assert (letter.kind, letter.data, letter.recipient) == (Letter.MESSAGES, {}, "")
        assert letter.failed_at is not None
        assert made.messages.get().text == "Canarytext."
        write(ana, bob)
        notify(time)
        assert OutgoingMail.objects.filter(failed_at=None).count() == 1

    def test_gets_the_same_number_for_the_same_notification(self, ana, bob, time):
        write(ana, bob)
        notify(time)
        number = OutgoingMail.objects.get().uuid
        with serving(MailServer(message="451 Not now")):
            delivered()
        time.shift(HOUR)
        with serving(MailServer()) as server:
            delivered()

        (envelope,) = server.taken
        assert str(number) in message_from_bytes(envelope.content)["Message-ID"]
