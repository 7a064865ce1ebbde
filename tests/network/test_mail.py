"""What the network mails, and what happens when the mail server does not take it."""

import smtplib
import socket
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter, sleep

import pytest
from aiosmtpd.controller import Controller
from django.core import mail as django_mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from network import mail, services
from network.models import Letter, Member, NetworkSettings
from tests.factories.network import LetterFactory, MemberFactory


@pytest.fixture
def manager(db, django_user_model):
    return django_user_model.objects.create_superuser("manager@example.org", "a password for tests")


class Server:
    """A mail server that does as it is told."""

    def __init__(self, *, wait=0.0, recipient="250 OK", message="250 OK"):
        self.wait, self.recipient, self.message = wait, recipient, message
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        sleep(self.wait)
        self.taken.append(envelope)
        return self.message


@contextmanager
def serving(server, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 2},
        }
    }
    try:
        yield server
    finally:
        controller.stop()


class TestLetters:
    @pytest.mark.parametrize(
        "kind", [Letter.Kind.CONFIRM, *[kind for kind in Letter.Kind if kind != Letter.Kind.CONFIRM]]
    )
    def test_go_to_one_person_and_are_forgotten(self, db, kind):
        state = Member.State.UNCONFIRMED if kind == Letter.Kind.CONFIRM else Member.State.IN_REVIEW
        member = MemberFactory(state=state, email="ana@example.org")
        letter = LetterFactory(kind=kind, member=member, address=member.email, text="Words of a person.")

        mail.deliver.call(letter.pk)

        (message,) = django_mail.outbox
        assert message.to == ["ana@example.org"]
        assert message.cc == message.bcc == []
        assert not Letter.objects.exists()

    @pytest.mark.parametrize("code", ["en", "de", "fr", "ar"])
    def test_lead_to_the_desk_in_the_members_language(self, db, code):
        letter = LetterFactory(kind=Letter.Kind.CONFIRM, member=MemberFactory(language=code))

        mail.deliver.call(letter.pk)

        assert f"/{code}/members/confirm/" in django_mail.outbox[0].body

    def test_are_answered_to_the_networks_team(self, home):
        from wagtail.models import Site

        NetworkSettings.objects.create(
            site=Site.objects.get(is_default_site=True), contact_email="team@example.org"
        )

        mail.deliver.call(LetterFactory().pk)

        assert django_mail.outbox[0].reply_to == ["team@example.org"]

    def test_say_that_a_machine_wrote_them(self, db):
        mail.deliver.call(LetterFactory().pk)

        assert django_mail.outbox[0].message()["Auto-Submitted"] == "auto-generated"

    def test_of_a_request_carry_no_word_of_the_asker(self, db):
        """Otherwise anybody could have us mail their words to anybody."""
        member = MemberFactory(name="Buy cheap pills", about="http://spam.example", affiliation="Spam")

        mail.deliver.call(LetterFactory(kind=Letter.Kind.CONFIRM, member=member).pk)

        text = django_mail.outbox[0].message().as_string()
        assert "pills" not in text
        assert "spam" not in text.lower()

    def test_for_an_address_that_nobody_has_are_dropped(self, db):
        letter = services.send_link(address="nobody@example.org", language="en")

        mail.deliver.call(letter.pk)

        assert django_mail.outbox == []
        assert not Letter.objects.exists()

    def test_that_are_gone_are_not_sent_again(self, db):
        letter = LetterFactory()
        mail.deliver.call(letter.pk)
        mail.deliver.call(letter.pk)

        assert len(django_mail.outbox) == 1


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
    def test_cannot_be_written_by_a_person(self, manager, settings, words):
        member = MemberFactory(awaiting_review=True, email="ana@example.org", name=words[:120])
        letter = LetterFactory(kind=Letter.Kind.QUESTION, member=member, text=words)

        with serving(Server(), settings) as server:
            mail.deliver.call(letter.pk)

        (envelope,) = server.taken
        head = envelope.content.partition(b"\r\n\r\n")[0].lower()
        assert envelope.rcpt_tos == ["ana@example.org"]
        assert b"eve@" not in head
        assert b"\r\nsubject: other" not in head
        assert max(len(line) for line in envelope.content.split(b"\r\n")) <= 998


class TestFailing:
    def test_keeps_the_letter_for_later(self, db, settings):
        letter = LetterFactory()
        with serving(Server(message="451 Try later"), settings):
            mail.deliver.call(letter.pk)

        letter.refresh_from_db()
        assert letter.attempts == 1
        assert letter.failed_at is None
        assert timedelta(seconds=50) < letter.due_at - timezone.now() < timedelta(seconds=70)

    def test_is_made_good_by_the_clock(self, db, settings):
        from core import clock

        letter = LetterFactory()
        with serving(Server(message="451 Try later"), settings):
            mail.deliver.call(letter.pk)
        job = next(job for job in clock.registered() if job.name == "network-mail")
        assert list(job.items()) == []
        Letter.objects.update(due_at=timezone.now())

        with serving(Server(), settings) as server:
            for item in job.items():
                job.run(item)

        assert len(server.taken) == 1
        assert not Letter.objects.exists()

    def test_is_queued_again_where_the_queue_can_wait(self, db, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
        letter = LetterFactory()

        with serving(Server(message="451 Try later"), settings):
            mail.deliver.call(letter.pk)

        queued = DBTaskResult.objects.get()
        letter.refresh_from_db()
        assert queued.run_after == letter.due_at
        assert queued.args_kwargs == {"args": [letter.pk], "kwargs": {}}

    @pytest.mark.parametrize("refusal", [{"recipient": "550 No such user"}, {"message": "554 Not wanted"}])
    def test_for_good_is_shown_at_once(self, db, settings, refusal):
        letter = LetterFactory()
        with serving(Server(**refusal), settings):
            mail.deliver.call(letter.pk)

        assert list(Letter.objects.failed()) == [letter]

    def test_ends_after_two_days(self, db, monkeypatch):
        letter = LetterFactory(attempts=len(mail.BACK_OFF))

        def refuse(self, fail_silently=False):
            raise smtplib.SMTPServerDisconnected

        monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
        mail.deliver.call(letter.pk)

        assert sum(mail.BACK_OFF, timedelta()) > timedelta(hours=40)
        assert Letter.objects.failed().get().error == "SMTPServerDisconnected"

    @pytest.mark.parametrize("server", [{"wait": 5.0}, {"message": "451 Try later"}, {"recipient": "550 No"}])
    def test_does_not_hold_up_or_lose_a_request(
        self, desk, request_data, settings, django_capture_on_commit_callbacks, server
    ):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
        with serving(Server(**server), settings):
            data = request_data()
            began = perf_counter()
            with django_capture_on_commit_callbacks(execute=True):
                response = desk.post("/en/members/join/", data)
            page = desk.get(response.headers["Location"]).content.decode()

            assert perf_counter() - began < 10
        assert "We have kept your request" in page
        assert "No mail?" in page
        assert Letter.objects.get().member == Member.objects.get()

    def test_when_nothing_listens_is_no_error_for_the_asker(
        self, desk, request_data, settings, django_capture_on_commit_callbacks
    ):
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 1},
            }
        }
        with django_capture_on_commit_callbacks(execute=True):
            response = desk.post("/en/members/join/", request_data())

        assert response.status_code == 302
        assert Letter.objects.get().error == "ConnectionRefusedError"
