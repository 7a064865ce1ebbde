"""Emails of the network: contents, recipients, and the time of composition."""

import pytest
from wagtail.models import Site

from core.models import OutgoingMail
from network.joining import services as joining
from network.mail import OF_VERIFICATIONS, Letter
from network.members import services as members
from network.models import Member, NetworkSettings
from tests.factories.network import LetterFactory, MemberFactory, ProposedTextsFactory, ReviewEntryFactory
from tests.support.mail import MailServer, delivered, serving

pytestmark = pytest.mark.django_db


class TestLetters:
    @pytest.mark.parametrize("kind", [kind for kind in Letter if kind not in {*OF_VERIFICATIONS, Letter.MESSAGES}])
    def test_go_to_one_person_and_are_forgotten(self, kind):
        state = Member.State.UNCONFIRMED if kind == Letter.CONFIRM else Member.State.IN_REVIEW
        member = MemberFactory(state=state, email="ana@example.org", reconfirmation_letters=1)
        LetterFactory(kind=kind, about=member, recipient=member.email, data={"text": "Words of a person."})

        (message,) = delivered()

        assert message.to == ["ana@example.org"]
        assert message.cc == message.bcc == []
        assert not OutgoingMail.objects.exists()

    @pytest.mark.parametrize("code", ["en", "de", "fr", "ar"])
    def test_lead_to_the_admin_in_the_members_language(self, code):
        LetterFactory(kind=Letter.CONFIRM, about=MemberFactory(language=code))

        assert f"/{code}/members/confirm/" in delivered()[0].body

    def test_are_answered_to_the_networks_team(self, home):
        NetworkSettings.objects.create(site=Site.objects.get(is_default_site=True), contact_email="team@example.org")
        LetterFactory()

        assert delivered()[0].reply_to == ["team@example.org"]

    def test_of_a_request_carry_no_word_of_the_asker(self):
        """Otherwise the site could be used to mail arbitrary text to arbitrary addresses."""
        member = MemberFactory(name="Buy cheap pills", about="http://spam.example", affiliation="Spam")
        LetterFactory(kind=Letter.CONFIRM, about=member)

        text = delivered()[0].message().as_string()

        assert "pills" not in text
        assert "spam" not in text.lower()

    @pytest.mark.parametrize("code", ["en", "de", "fr", "ar"])
    @pytest.mark.parametrize("kind", [Letter.QUESTION, Letter.REMINDER, Letter.DECLINED, Letter.TEXTS_READ])
    def test_say_only_that_something_waits(self, kind, code):
        """Mailboxes may be read by other people, at work even lawfully."""
        member = MemberFactory(awaiting_review=True, language=code, name="Canarius", about="Canarius.")
        ReviewEntryFactory(member=member, text="Canarius, where do you work?")
        ProposedTextsFactory(member=member, texts={"name": "Canarius the second"})
        LetterFactory(kind=kind, about=member)

        (message,) = delivered()

        assert "Canarius" not in message.message().as_string()
        assert f"/{code}/members/link/" in message.body

    def test_for_an_unknown_address_are_dropped(self):
        members.send_link(address="nobody@example.org", language="en")

        assert delivered() == []
        assert not OutgoingMail.objects.exists()

    def test_keep_no_address_of_a_member_while_they_wait(self):
        """The address is looked up when the email is composed."""
        joining.request_to_join(email="ana@example.org", language="en")

        kept = OutgoingMail.objects.get()
        assert (kept.recipient, kept.data) == ("", {})


class TestHeaders:
    @pytest.mark.parametrize(
        "words",
        [
            "Yes.\r\nBcc: eve@example.org",
            "\nSubject: other\n\nbody",
            "\u2028Bcc: eve@example.org",
            "=?utf-8?q?Bcc=3A?=",
            "x" * 3000,
            "\x0b\x0c",
        ],
    )
    def test_cannot_be_written_by_a_person(self, words):
        member = MemberFactory(awaiting_review=True, email="ana@example.org", name=words[:120])
        LetterFactory(kind=Letter.QUESTION, about=member, data={"text": words})

        with serving(MailServer()) as server:
            delivered()

        (envelope,) = server.taken
        head = envelope.content.partition(b"\r\n\r\n")[0].lower()
        assert envelope.rcpt_tos == ["ana@example.org"]
        assert b"eve@" not in head
        assert b"\r\nsubject: other" not in head
        assert max(len(line) for line in envelope.content.split(b"\r\n")) <= 998


class TestJoining:
    @pytest.mark.parametrize("server", [{"hangs": True}, {"message": "451 Later"}, {"recipient": "550 No"}])
    def test_does_not_touch_the_mail_server(self, private, request_data, settings, server):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        with serving(MailServer(**server)) as server:
            response = private.post("/en/members/join/", request_data())
            page = private.get(response.headers["Location"]).text

            assert server.connections == 0
        assert "We have saved your request" in page
        assert "No email?" in page
        assert OutgoingMail.objects.get().about == Member.objects.get()
