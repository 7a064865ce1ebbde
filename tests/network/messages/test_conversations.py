"""Messages between members on the site, without addresses; members cannot tell that they are blocked."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry, ReferenceIndex, Revision

from core import scheduler
from core.http.limits import Limit
from core.models import OutgoingMail
from network import row_locks
from network.members import services as members
from network.messages import services as conversations
from network.messages import views
from network.messages.models import CONVERSATION_KEPT
from network.models import Conversation, Inbox, InboxShare, Member, Message
from tests.factories.network import ConversationFactory, MemberBlockFactory, MemberFactory, with_account
from tests.network.conftest import same_queries
from tests.network.members.test_services import traces
from tests.support.scheduler import run

INBOX, MEMBERS = "/en/members/messages/", "/en/members/"
Kind = Member.Kind


def signed_in(member):
    client = Client(headers={"host": settings.PRIVATE_HOST})
    if member.user is None:
        with_account(member)
    client.force_login(member.user)
    return client


def write_to(member):
    return f"{INBOX}to/{member.uuid}/"


def at(conversation, *path):
    return "/".join([f"{INBOX}{conversation.uuid}", *path, ""])


def words(text="Could we talk about your study?", subject="Your study", **more):
    return {"key": str(uuid4()), "text": text, "subject": subject, **more}


@pytest.fixture
def ana(db):
    return MemberFactory(listed=True, name="Ana Lima", email="ana@private.example")


@pytest.fixture
def bob(db):
    return MemberFactory(listed=True, name="Bob Ray", email="bob@private.example")


@pytest.fixture
def spoken(ana, bob):
    """Ana has written to Bob."""
    return ConversationFactory(starter=ana, recipient=bob, text="Canarytext from Ana.", subject="Canarysubject")


class TestWriting:
    def test_goes_from_one_page_to_the_other_inbox_and_back_without_an_address(self, ana, bob):
        hers, his = signed_in(ana), signed_in(bob)
        assert write_to(bob) in hers.get(f"{MEMBERS}{bob.uuid}/").text
        assert write_to(bob) in hers.get(MEMBERS).text

        where = hers.post(write_to(bob), words()).headers["Location"]

        listed = his.get(INBOX).text
        assert "Ana Lima" in listed
        assert "Your study" in listed
        assert ">New<" in listed
        page = his.get(where).text
        assert "Could we talk about your study?" in page
        assert ">New<" not in his.get(INBOX).text
        his.post(where, words("Gladly."))
        answer = hers.get(where).text
        assert "Gladly." in answer
        assert "private.example" not in listed + page + answer

    def test_shows_what_was_written_as_text(self, ana, bob):
        text = 'https://evil.example <b>x</b> "\n\nBcc: all@example.org'

        where = signed_in(ana).post(write_to(bob), words(text, "<i>y</i>")).headers["Location"]

        page = signed_in(bob).get(where).text
        assert 'href="https://evil' not in page
        assert "&lt;b&gt;x&lt;/b&gt;" in page
        assert "<i>y</i>" not in page

    def test_says_it_once_when_the_form_is_sent_twice(self, ana, bob):
        client, sent = signed_in(ana), words()

        first, again = (client.post(write_to(bob), sent).headers["Location"] for _try in range(2))
        answer = words("One more thing.")
        for _try in range(2):
            client.post(first, answer)

        assert first == again
        assert Conversation.objects.count() == 1
        assert [each.text for each in Message.objects.all()] == [sent["text"], "One more thing."]

    def test_cannot_use_the_key_of_another_member(self, ana, bob, spoken):
        carla = MemberFactory(listed=True)

        answer = signed_in(carla).post(write_to(bob), words(key=str(spoken.uuid)))

        assert answer.status_code == 409
        assert Message.objects.count() == 1

    @pytest.mark.parametrize(
        "sent",
        [{}, {"key": "x", "text": "y"}, words(""), words("x" * 4001), words(subject="x" * 121)],
        ids=["nothing", "key", "empty", "long", "subject"],
    )
    def test_refuses_what_cannot_be_sent_and_keeps_it(self, ana, bob, sent):
        answer = signed_in(ana).post(write_to(bob), sent)

        assert answer.status_code == 200
        assert "There is a problem" in answer.text
        assert not Conversation.objects.exists()

    def test_is_accessible_to_participants_only(self, spoken):
        stranger = signed_in(MemberFactory(listed=True))

        for path in ((), ("report",), ("erase",)):
            assert stranger.get(at(spoken, *path)).status_code == 404
            assert stranger.post(at(spoken, *path), words()).status_code == 404
        assert "Canarysubject" not in stranger.get(INBOX).text

    def test_reaches_no_hidden_members(self, ana):
        paused, unseen = MemberFactory(paused=True), MemberFactory(listed=True, shown=[])
        client = signed_in(ana)

        for other in (paused, unseen, ana):
            assert client.get(write_to(other)).status_code == 404
            assert client.post(write_to(other), words()).status_code == 404

    def test_tells_of_those_who_take_no_messages(self, ana, bob, spoken):
        hers, his = signed_in(ana), signed_in(bob)

        his.post(f"{INBOX}taking/", {"takes": "no"})

        told = "takes no messages at the moment"
        for page in (f"{MEMBERS}{bob.uuid}/", write_to(bob), at(spoken)):
            assert told in hers.get(page).text
        for page in (write_to(bob), at(spoken)):
            answer = hers.post(page, words("Text in the form."))
            assert (answer.status_code, "Text in the form." in answer.text) == (409, True)
        assert "you cannot get an answer" in his.get(at(spoken)).text
        his.post(f"{INBOX}taking/", {"takes": "yes"})
        assert hers.post(write_to(bob), words()).status_code == 302

    def test_ends_for_a_while_with_the_profile_of_the_other(self, ana, bob, spoken):
        members.pause(member=bob)

        answer = signed_in(ana).get(at(spoken)).text

        assert "Canarytext" in answer
        assert "takes no messages at the moment" in answer

    @pytest.mark.parametrize("limit", ["CONVERSATIONS_OF_MEMBER", "MESSAGES_OF_MEMBER", "MESSAGES_IN_PAIR"])
    def test_is_limited_and_says_what_to_do(self, ana, bob, limit, monkeypatch):
        few = Limit(name=f"test-{uuid4()}", times=1, seconds=24 * 60 * 60)
        monkeypatch.setattr(views, limit, few)
        client = signed_in(ana)
        client.post(write_to(bob), words())

        answer = client.post(write_to(bob), words("Text in the form."))

        assert answer.status_code == 429
        assert "send it tomorrow" in answer.text
        assert "Text in the form." in answer.text
        assert Message.objects.count() == 1

    def test_is_refused_while_nothing_can_be_counted(self, ana, bob, monkeypatch):
        def fail(*args, **kwargs):
            raise ConnectionError

        client = signed_in(ana)
        monkeypatch.setattr(cache, "add", fail)

        assert client.post(write_to(bob), words()).status_code == 503
        assert not Message.objects.exists()

    def test_shows_a_hundred_messages_and_leads_to_the_others(self, ana, bob, spoken):
        start = timezone.now()
        Message.objects.bulk_create(
            Message(conversation=spoken, sender=bob, text=f"No. {n}.", written_at=start + timedelta(seconds=n))
            for n in range(100)
        )
        client = signed_in(ana)

        newest, oldest = (client.get(at(spoken), {"page": n}).text for n in (1, 2))

        assert newest.index("No. 0.") < newest.index("No. 99.")
        assert "Canarytext" in oldest
        assert "No. 0." not in oldest


class TestInbox:
    def test_takes_the_same_queries_for_few_and_many(self, ana):
        client = signed_in(ana)

        def more():
            ConversationFactory.create_batch(8, recipient=ana)
            MemberBlockFactory.create_batch(3, blocker=ana)

        ConversationFactory.create_batch(2, recipient=ana)
        same_queries(lambda: client.get(INBOX), more)


class TestBlocked:
    """Bob has blocked Ana, Carla has not blocked her. Ana cannot tell the difference."""

    @pytest.fixture
    def carla(self, db):
        return MemberFactory(listed=True, name="Bob Ray")

    def seen(self, client, other, steps):
        """Return all responses to a sender and the SQL statements, with random parts removed."""
        found = []
        for step in steps:
            with CaptureQueriesContext(connection) as captured:
                answer = step(client, other)
            text = f"{answer.status_code} {sorted(answer.headers.items())} {answer.text}"
            text = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text)
            text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
            text = re.sub(
                r"hue-\w+|csrftoken=[^;]+|nonce-[^']+|Expires', '[^']+|sessionid=[^;]+|messages=[^;]+|expires=[^;]+",
                "",
                text,
            )
            found.append(
                (
                    text,
                    [
                        re.sub(r"'[^']*'|\d+|\b(true|false)\b", "?", query["sql"].split(" WHERE ")[0])
                        for query in captured
                    ],
                )
            )
        return found

    def test_senders_see_exactly_what_others_see(self, ana, bob, carla, monkeypatch):
        monkeypatch.setattr("network.members.profiles.hue", lambda _uuid: "pine")
        few = Limit(name=f"test-{uuid4()}", times=3, seconds=24 * 60 * 60)
        monkeypatch.setattr(views, "MESSAGES_IN_PAIR", few)
        conversations.block(member=bob, other=ana)
        client = signed_in(ana)
        key = {}

        def conversation(other):
            return at(Conversation.objects.get(recipient=other, starter=ana))

        def first(client, other):
            return client.post(write_to(other), words(key=key.setdefault(other, str(uuid4()))))

        steps = [
            lambda client, other: client.get(f"{MEMBERS}{other.uuid}/"),
            lambda client, other: client.get(write_to(other)),
            first,
            first,
            lambda client, other: client.get(conversation(other)),
            lambda client, other: client.post(conversation(other), words()),
            lambda client, other: client.get(conversation(other)),
            # The rate limit.
            lambda client, other: client.post(conversation(other), words(key="a" * 32)),
            lambda client, other: client.get(f"{conversation(other)}report/"),
            lambda client, other: client.get(f"{conversation(other)}erase/"),
            lambda client, other: client.post(f"{conversation(other)}report/", {"text": "x"}),
            lambda client, other: client.get(conversation(other)),
            lambda client, other: client.post(f"{conversation(other)}erase/"),
            lambda client, _other: client.get(INBOX),
        ]
        with time_machine.travel(timezone.now(), tick=False):
            for other in (bob, carla):  # fills the caches
                client.get(f"{MEMBERS}{other.uuid}/")
            blocked, others = self.seen(client, bob, steps), self.seen(client, carla, steps)

        for number, (one, other) in enumerate(zip(blocked, others, strict=True)):
            assert one == other, number

    def test_messages_arrive_nowhere_even_later(self, ana, bob, spoken):
        conversations.block(member=bob, other=ana)
        hers, his = signed_in(ana), signed_in(bob)
        Inbox.objects.filter(member=bob).update(notification_due_at=None, notification_sent_at=None)
        hers.post(write_to(bob), words("Canarynew."))
        hers.post(at(spoken), words("Canaryanswer."))
        assert not Inbox.objects.filter(member=bob, notification_due_at__isnull=False).exists()
        conversations.unblock(member=bob, other=ana)

        mine = his.get(INBOX).text + his.get(at(spoken)).text
        made = Conversation.objects.exclude(pk=spoken.pk).get()

        assert "Canarytext" in mine
        assert "Canarynew" not in mine
        assert "Canaryanswer" not in mine
        assert "Your study" not in mine
        assert his.get(at(made)).status_code == 404
        export = his.get("/en/members/profile/download/").text
        assert "Canarynew" not in export
        assert "Canaryanswer" in hers.get("/en/members/profile/download/").text

    def test_is_done_and_undone_on_a_page_and_stops_the_blocker_too(self, ana, bob, spoken):
        his = signed_in(bob)
        page = his.post(f"{INBOX}block/{ana.uuid}/", follow=True).text
        assert "they are not notified" in page
        assert f"{INBOX}unblock/{ana.uuid}/" in page

        for address in (f"{MEMBERS}{ana.uuid}/", at(spoken)):
            assert "You have blocked this member" in his.get(address).text
        for address in (write_to(ana), at(spoken)):
            assert his.post(address, words()).status_code == 409
        his.post(f"{INBOX}unblock/{ana.uuid}/")

        assert his.post(at(spoken), words("Again.")).status_code == 302

    def test_is_not_possible_with_oneself_or_unknown_members_or_for_others(self, ana, bob):
        client = signed_in(ana)

        assert "not possible" in client.post(f"{INBOX}block/{ana.uuid}/", follow=True).text
        assert client.post(f"{INBOX}block/{uuid4()}/").status_code == 404
        assert client.post(f"{INBOX}block/{bob.uuid}/", {"for": str(bob.uuid)}).status_code == 404


class TestSharedInbox:
    @pytest.fixture
    def house(self, db):
        return MemberFactory(listed=True, name="Lighthouse", kind=Kind.ORGANISATION)

    @pytest.fixture
    def shared(self, house, bob):
        share = conversations.share_inbox(organisation=house, colleague=bob)
        conversations.accept_share(share=share)
        return share

    def test_is_asked_for_by_the_organisation_and_accepted_by_the_colleague(self, house, bob, ana):
        ours, his = signed_in(house), signed_in(bob)
        assert "Share our inbox with them" in ours.get(f"{MEMBERS}{bob.uuid}/").text
        ours.post(f"{INBOX}share/{bob.uuid}/")
        share = InboxShare.objects.get()
        assert "has not answered yet" in ours.get(INBOX).text
        assert "Share our inbox" not in ours.get(f"{MEMBERS}{bob.uuid}/").text
        told = ConversationFactory(starter=ana, recipient=house)
        assert his.get(at(told)).status_code == 404

        assert "asks you to share its inbox" in his.get(INBOX).text
        his.post(f"{INBOX}share/{share.uuid}/accept/")

        assert "For <bdi>Lighthouse</bdi>" in his.get(INBOX).text
        his.post(at(told), words("We will."))
        assert "<bdi>Bob Ray</bdi>" in ours.get(at(told)).text
        page = signed_in(ana).get(at(told)).text
        assert "<bdi>Lighthouse</bdi> ·" in page
        assert "Bob Ray" not in page

    @pytest.mark.parametrize("who", ["organisation", "colleague"])
    def test_is_ended_by_either(self, shared, ana, who):
        told = ConversationFactory(starter=ana, recipient=shared.organisation)
        colleague = signed_in(shared.colleague)
        assert colleague.get(at(told)).status_code == 200

        signed_in(getattr(shared, who)).post(f"{INBOX}share/{shared.uuid}/end/")

        assert colleague.get(at(told)).status_code == 404

    def test_is_not_accessible_to_others(self, shared, ana):
        client = signed_in(ana)

        for step in ("accept", "end"):
            assert client.post(f"{INBOX}share/{shared.uuid}/{step}/").status_code == 404
        client.post(f"{INBOX}share/{shared.colleague.uuid}/")
        assert client.post(f"{INBOX}share/{uuid4()}/").status_code == 404
        assert InboxShare.objects.count() == 1

    def test_is_not_asked_of_organisations_or_of_who_is_not_listed(self, house):
        others = [MemberFactory(listed=True, kind=Kind.ORGANISATION), MemberFactory(paused=True)]

        for other in others:
            with pytest.raises(row_locks.InvalidStateError):
                conversations.share_inbox(organisation=house, colleague=other)

    def test_is_closed_while_the_organisation_is_not_listed(self, shared, ana):
        told = ConversationFactory(starter=ana, recipient=shared.organisation)
        members.pause(member=shared.organisation)

        assert signed_in(shared.colleague).get(at(told)).status_code == 404

    def test_blocks_for_the_organisation_and_not_for_the_colleague(self, shared, ana):
        told = ConversationFactory(starter=ana, recipient=shared.organisation)
        colleague = signed_in(shared.colleague)
        colleague.post(f"{INBOX}block/{ana.uuid}/", {"for": str(shared.organisation.uuid)})

        assert "You have blocked this member" in colleague.get(at(told)).text
        assert signed_in(ana).post(write_to(shared.colleague), words("Hello Bob.")).status_code == 302
        assert not Message.objects.get(text="Hello Bob.").is_withheld

    def test_hides_the_invitation_of_whom_one_has_blocked(self, house, bob):
        conversations.block(member=bob, other=house)

        signed_in(house).post(f"{INBOX}share/{bob.uuid}/")

        assert "asks you to share" not in signed_in(bob).get(INBOX).text
        assert not Inbox.objects.filter(notification_due_at__isnull=False).exists()


class TestEnd:
    @pytest.mark.parametrize("who", ["starter", "recipient"])
    def test_comes_for_both_when_one_deletes_it_after_a_warning(self, spoken, who):
        client = signed_in(getattr(spoken, who))
        assert "for you and for the other participant" in client.get(at(spoken, "erase")).text

        client.post(at(spoken, "erase"))

        assert not Message.objects.exists()
        assert not Conversation.objects.exists()
        assert client.post(at(spoken), words()).status_code == 404

    @pytest.mark.parametrize("who", ["starter", "recipient"])
    def test_comes_immediately_when_one_leaves_and_leaves_no_trace(self, spoken, who):
        members.leave(member=getattr(spoken, who))

        assert traces(["canarytext", "canarysubject"]) == []

    def test_comes_a_year_after_the_last_message(self, ana, bob, spoken):
        later = timezone.now() + CONVERSATION_KEPT
        with time_machine.travel(later - timedelta(days=2), tick=False):
            scheduler.tick()
            assert Conversation.objects.exists()
        with time_machine.travel(later + timedelta(days=1), tick=False):
            scheduler.tick()
        assert not Message.objects.exists()

    def test_is_put_off_by_an_answer(self, ana, bob, spoken):
        with time_machine.travel(timezone.now() + timedelta(days=100)):
            conversations.write_message(conversation=spoken, participant=bob, author=bob, text="Late.", key=uuid4())
        Conversation.objects.update(last_message_at=timezone.now() - timedelta(days=364))

        run("network-forget-conversations")

        assert Conversation.objects.exists()

    def test_in_the_same_moment_as_an_answer_loses_no_page(self, ana, bob, spoken):
        conversations.erase_conversation(conversation=spoken)
        conversations.erase_conversation(conversation=spoken)

        for service, more in (
            (conversations.write_message, {"participant": ana, "author": ana, "text": "x", "key": uuid4()}),
            (conversations.report_conversation, {"reporter": ana, "text": ""}),
            (conversations.read_conversation, {"participant": ana}),
        ):
            with pytest.raises(row_locks.InvalidStateError):
                service(conversation=spoken, **more)

    def test_of_the_author_leaves_what_they_wrote_for_their_organisation(self, ana, bob):
        house = MemberFactory(listed=True, kind=Kind.ORGANISATION)
        told = ConversationFactory(starter=ana, recipient=house)
        conversations.write_message(conversation=told, participant=house, author=bob, text="We will.", key=uuid4())

        members.leave(member=bob)

        assert "We will." in signed_in(ana).get(at(told)).text
        assert "We will." in signed_in(house).get(at(told)).text


class TestElsewhere:
    def test_nothing_of_it_is_logged_kept_as_a_revision_or_found(self, ana, bob, caplog):
        client = signed_in(ana)
        where = client.post(write_to(bob), words("Canarytext.", "Canarysubject")).headers["Location"]
        client.post(f"{where}report/", {"text": "Canaryreport"})
        client.post(f"{INBOX}block/{bob.uuid}/")

        assert traces(["canarytext"]) == ["network_message"]
        assert traces(["canarysubject"]) == ["network_conversation"]
        assert not ModelLogEntry.objects.exists()
        assert not Revision.objects.exists()
        assert not ReferenceIndex.objects.exists()
        assert "anary" not in caplog.text
        assert not OutgoingMail.objects.exists()
        assert "Canarytext" not in signed_in(bob).get(MEMBERS, {"q": "canarytext"}).text.split("<main")[1].replace(
            'value="canarytext"', ""
        )

    def test_a_members_own_data_have_what_they_see(self, ana, bob, spoken):
        conversations.block(member=ana, other=bob)
        conversations.report_conversation(conversation=spoken, reporter=ana, text="Canaryreport")
        house = MemberFactory(listed=True, kind=Kind.ORGANISATION)
        conversations.share_inbox(organisation=house, colleague=ana)

        data = json.loads(signed_in(ana).get("/en/members/profile/download/").content)

        (conversation,) = data["conversations"]
        assert (conversation["with"], conversation["subject"]) == ("Bob Ray", "Canarysubject")
        assert [(each["by"], each["text"]) for each in conversation["messages"]] == [("you", "Canarytext from Ana.")]
        assert data["blocked"][0]["member"] == str(bob.uuid)
        assert data["reports"][0]["text"] == "Canaryreport"
        assert data["inbox"]["shares"][0]["member"] == str(house.uuid)
        theirs = json.loads(signed_in(bob).get("/en/members/profile/download/").content)
        assert (theirs["blocked"], theirs["reports"]) == ([], [])
        assert "Canaryreport" not in json.dumps(theirs)
