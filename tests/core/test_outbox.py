"""The outbox: a message leaves the site once, after the commit, and none is lost without a report."""

import smtplib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import declarations, scheduler
from core.mail import delivery, outbox
from core.mail.kinds import MailKind
from core.models import OutgoingMail
from tests.factories.core import OutgoingMailFactory
from tests.factories.network import MemberFactory
from tests.factories.users import UserFactory
from tests.support.mail import MailServer, delivered, free_port, nothing_listens, serving

pytestmark = pytest.mark.django_db


def message(*to: str, **more: object) -> EmailMessage:
    return EmailMessage("Subject", "Words.", to=to or ["ana@example.org"], **more)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.fixture
def later(time_machine) -> Callable[[timedelta], None]:
    """Return a function that moves the clock on; it is frozen otherwise."""
    time_machine.move_to(timezone.now(), tick=False)
    return time_machine.shift


@pytest.fixture
def kind(declare: Callable[..., None]) -> Callable[..., MailKind]:
    """Return a function that declares a kind of mail for the test."""

    others = declarations.collect("mails")

    def register(**more: object) -> MailKind:
        made = MailKind(**{"name": "test", "title": "A test", **more})
        declare(mails=[*others, made])
        return made

    return register


class TestPuttingIn:
    def test_sends_nothing_by_itself(self, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        with serving(MailServer()) as server:
            outbox.send(message())

            assert server.connections == 0
        assert OutgoingMail.objects.get().recipient == "ana@example.org"

    def test_leaves_the_rest_to_a_task_after_the_commit(self, settings, django_capture_on_commit_callbacks):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        with django_capture_on_commit_callbacks(execute=True):
            outbox.send(message())
            assert not DBTaskResult.objects.exists()

        assert DBTaskResult.objects.get().task_path == "core.mail.delivery.deliver"

    def test_is_undone_with_the_transaction(self):
        with transaction.atomic():
            outbox.send(message())
            transaction.set_rollback(True)

        assert delivered() == []

    def test_makes_a_mail_for_each_recipient(self):
        outbox.send(message("ana@example.org", "rui@example.org", cc=["ana@example.org", "team@example.org"]))

        assert [mail.to for mail in delivered()] == [
            ["ana@example.org"],
            ["rui@example.org"],
            ["team@example.org"],
        ]

    def test_takes_no_attachment(self):
        mail = message()
        mail.attach("a.txt", "Words.", "text/plain")

        with pytest.raises(ValueError, match="Attachments are not supported"):
            outbox.send(mail)

    @pytest.mark.parametrize("known", [True, False])
    def test_is_all_that_a_request_does_which_asks_for_a_code(
        self, private, settings, django_capture_on_commit_callbacks, known
    ):
        """The mail server may hang: it delays neither the request for a code nor later requests."""
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        address = UserFactory().email if known else "nobody@example.org"
        with serving(MailServer(hangs=True)) as server, django_capture_on_commit_callbacks(execute=True):
            assert private.post("/account/login/code/", {"email": address}).status_code == 302

        assert server.connections == 0
        assert OutgoingMail.objects.filter(recipient=address).exists() or not known

    def test_takes_no_kind_that_is_not_known(self):
        with pytest.raises(LookupError):
            outbox.queue("unheard of")

    def test_is_what_django_does_with_mail(self):
        send_mail("Subject", "Words.", None, ["ana@example.org"])

        assert [mail.kind for mail in OutgoingMail.objects.all()] == [outbox.ADMIN]

    @pytest.mark.parametrize(
        ("changes", "id"),
        [
            ({"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}, "core.E017"),
            (
                {"server": {"BACKEND": "core.mail.smtp.EmailBackend", "OPTIONS": {"host": "x"}}},
                "core.E018",
            ),
            (
                {"server": {"BACKEND": "core.mail.smtp.EmailBackend", "OPTIONS": {"timeout": 1}}},
                "core.E019",
            ),
        ],
    )
    def test_cannot_be_passed_by(self, changes, id):  # noqa: A002
        with override_settings(MAILERS={**django_settings.MAILERS, **changes}):
            assert id in [found.id for found in run_checks()]


class TestDelivery:
    def test_hands_over_the_whole_message(self):
        mail = EmailMultiAlternatives(
            "Süß",
            "Words.",
            "from@example.org",
            ["ana@example.org"],
            reply_to=["team@example.org"],
            headers={"X-Test": "1"},
        )  # fmt: skip
        mail.attach_alternative("<p>Words.</p>", "text/html")
        outbox.send(mail)

        [sent] = delivered()

        assert (sent.subject, sent.body, sent.from_email) == ("Süß", "Words.", "from@example.org")
        assert (sent.to, sent.reply_to) == (["ana@example.org"], ["team@example.org"])
        assert [tuple(part) for part in sent.alternatives] == [("<p>Words.</p>", "text/html")]
        assert sent.message()["X-Test"] == "1"
        assert sent.message()["Auto-Submitted"] == "auto-generated"

    def test_keeps_a_message_in_html_as_it_is(self):
        mail = message()
        mail.content_subtype = "html"
        outbox.send(mail)

        assert delivered()[0].message().get_content_type() == "text/html"

    def test_happens_in_the_order_of_time(self):
        for name in ("first", "second"):
            outbox.send(message(f"{name}@example.org"))

        assert [mail.to[0] for mail in delivered()] == ["first@example.org", "second@example.org"]

    def test_begins_with_mail_that_expires_soonest(self, kind):
        outbox.send(message("letter@example.org"))
        outbox.send(message("code@example.org"), kind=kind(lasts=minutes(15)).name)

        assert [mail.to[0] for mail in delivered()] == ["code@example.org", "letter@example.org"]

    def test_is_a_scheduled_job_too(self):
        outbox.send(message())
        job = next(job for job in scheduler.declared() if job.name == "mail")

        job.run()

        assert job.own_transactions
        assert not OutgoingMail.objects.exists()

    def test_goes_on_in_another_task_after_a_while(self, monkeypatch, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        monkeypatch.setattr(delivery, "LONGEST_RUN", -1)
        OutgoingMailFactory()

        delivery.deliver.call()

        assert DBTaskResult.objects.count() == 1


class TestKinds:
    def test_write_their_mail_when_it_is_delivered(self, kind):
        kind(write=lambda mail: message(mail.data["to"]))
        outbox.queue("test", to="late@example.org")

        assert delivered()[0].to == ["late@example.org"]

    def test_may_find_that_there_is_nothing_to_send(self, kind):
        kind(write=lambda mail: None)
        outbox.queue("test")

        assert delivered() == []
        assert not OutgoingMail.objects.exists()

    def test_that_cannot_write_hold_up_no_others_and_name_no_address_in_the_log(self, kind, caplog):
        def fail(mail: OutgoingMail) -> None:
            raise ZeroDivisionError(mail.recipient)

        kind(write=fail)
        outbox.queue("test", recipient="ana@example.org")
        outbox.send(message())

        assert len(delivered()) == 1
        assert OutgoingMail.objects.get().error == "ZeroDivisionError"
        assert "could not be written: test" in caplog.text
        assert "ana@" not in caplog.text

    def test_learn_that_it_has_gone(self, kind):
        gone = []
        outbox.send(message(), kind=kind(sent=lambda mail: gone.append(mail.recipient)).name)

        delivered()

        assert gone == ["ana@example.org"]

    def test_cannot_bring_it_back(self, kind, caplog):
        def fail(mail: OutgoingMail) -> None:
            OutgoingMail.objects.create(kind="broken", uuid=None)

        outbox.send(message(), kind=kind(sent=fail).name)

        delivered()

        assert len(delivered()) == 1
        assert "What follows from a mail could not be done: test" in caplog.text

    def test_learn_that_it_was_given_up(self, kind):
        lost = []
        outbox.send(message(), kind=kind(given_up=lambda mail: lost.append(mail.error)).name)

        with serving(MailServer(recipient="550 No such user")):
            delivered()

        assert lost == ["SMTPRecipientsRefused"]

    def test_lose_their_mail_with_what_it_is_about(self):
        member = MemberFactory(listed=True)
        outbox.queue("network.welcome", about=member)

        member.delete()

        assert not OutgoingMail.objects.exists()


class TestRefusedForNow:
    @pytest.mark.parametrize("refusal", [{"recipient": "450 Greylisted"}, {"message": "451 Try later"}])
    def test_is_tried_again_later(self, refusal, later):
        outbox.send(message())

        with serving(MailServer(**refusal)):
            delivered()

        mail = OutgoingMail.objects.get()
        assert (mail.attempts, mail.failed_at, mail.due_at) == (1, None, timezone.now() + minutes(1))

    def test_holds_up_no_other_mail(self):
        outbox.send(message("ana@example.org"))
        outbox.send(message("rui@example.org"))

        with serving(MailServer(recipient="450 Greylisted")) as server:
            delivered()

        assert server.connections == 2

    def test_goes_as_the_same_mail(self, later):
        outbox.send(message())
        with serving(MailServer(message="451 Try later")):
            delivered()
        number = f"<{OutgoingMail.objects.get().uuid}@{django_settings.PRIVATE_HOST}>"
        later(minutes(1))

        assert delivered()[0].message()["Message-ID"] == number

    def test_ends_after_two_days(self, later, caplog):
        outbox.send(message())
        with serving(MailServer(message="451 Try later")):
            for wait in delivery.BACK_OFF:
                delivered()
                later(wait)
            assert OutgoingMail.objects.waiting().exists()
            delivered()

        mail = OutgoingMail.objects.failed().get()
        assert sum(delivery.BACK_OFF, timedelta()) > timedelta(hours=40)
        assert mail.data["body"] == "Words."
        assert "ana@example.org" not in caplog.text


class TestRefusedForGood:
    @pytest.mark.parametrize(
        ("refusal", "code"), [({"recipient": "550 5.1.1 No such user"}, 550), ({"message": "554 Not wanted"}, 554)]
    )  # fmt: skip
    def test_is_tried_once(self, refusal, code, later):
        outbox.send(message())
        with serving(MailServer(**refusal)) as server:
            delivered()
            later(timedelta(days=2))
            delivered()

            assert server.connections == 1
        assert OutgoingMail.objects.failed().get().code == code

    def test_names_no_address_in_the_log(self, caplog):
        outbox.send(message())
        with serving(MailServer(recipient="550 <ana@example.org> is unknown")):
            delivered()

        assert f"A mail was given up: {outbox.ADMIN}" in caplog.text
        assert "ana@" not in caplog.text

    def test_concerns_no_other_recipient(self):
        outbox.send(message("good@example.org", "bad@example.org", "fine@example.org"))

        with serving(MailServer(refuse="bad@")) as server:
            delivered()

        assert server.recipients == ["good@example.org", "fine@example.org"]

    def test_includes_what_cannot_be_written(self):
        outbox.send(message("ana@example.org\nBcc: eve@example.org"))

        delivered()

        assert OutgoingMail.objects.failed().get().error == "ValueError"

    def test_is_forgotten_after_a_month(self, later):
        OutgoingMailFactory(failed_at=timezone.now())
        waiting = OutgoingMailFactory()

        later(timedelta(days=29))
        outbox.delete_failed()
        assert OutgoingMail.objects.count() == 2
        later(timedelta(days=1))
        outbox.delete_failed()

        assert OutgoingMail.objects.get() == waiting


class TestBrokenServer:
    """A server that cannot be reached, hangs, breaks off or refuses the login does not count against the mail."""

    BROKEN = {
        "hangs": MailServer(hangs=True),
        "breaks off in the middle of a message": MailServer(breaks_off=True),
        "is shutting down": MailServer(recipient="421 Shutting down"),
    }

    @pytest.mark.parametrize("server", BROKEN.values(), ids=BROKEN)
    def test_is_left_alone_for_a_minute(self, server, later):
        OutgoingMailFactory.create_batch(3)
        with serving(server):
            server.connections = 0
            delivered()
            delivered()
            assert server.connections == 1

            later(minutes(1))
            delivered()

            assert server.connections == 2
        assert OutgoingMail.objects.waiting().count() == 3
        assert outbox.is_stalled()

    def test_is_left_alone_for_longer_while_it_times_out(self, later):
        """Each timeout costs ten seconds of the only worker."""
        OutgoingMailFactory.create_batch(30)
        tried = []
        with serving(MailServer(breaks_off=True)) as server:
            for minute in range(14):
                server.connections = 0
                delivered()
                tried += [minute] * server.connections
                later(minutes(1))

        assert tried == [0, 1, 3, 8, 13]

    def test_is_tried_every_minute_while_it_refuses_connections(self, later):
        mails = OutgoingMailFactory.create_batch(6)
        with nothing_listens():
            for _minute in range(6):
                delivered()
                later(minutes(1))

        assert OutgoingMail.objects.exclude(tried_at=None).count() == len(mails)

    def test_that_cannot_be_reached_loses_nothing(self):
        outbox.send(message())
        with nothing_listens():
            delivered()

        mail = OutgoingMail.objects.get()
        assert (mail.error, mail.failed_at) == ("ConnectionRefusedError", None)

    def test_gets_all_delayed_mail_when_it_is_back(self, later):
        one, _two, _three = OutgoingMailFactory.create_batch(3)
        with nothing_listens():
            for _ in range(3):
                delivered()
                later(minutes(1))
        OutgoingMail.objects.exclude(pk=one.pk).update(due_at=timezone.now() + minutes(120))

        with serving(MailServer()) as server:
            delivered()

        assert len(server.taken) == 3
        assert not outbox.is_stalled()

    def test_does_not_give_mail_up_before_two_days(self, later):
        outbox.send(message())
        with nothing_listens():
            for _hour in range(40):
                delivered()
                later(minutes(60))

        assert OutgoingMail.objects.waiting().exists()

    def test_that_dislikes_our_own_address_refuses_no_recipient(self, monkeypatch):
        def refuse(*args: object) -> None:
            raise smtplib.SMTPSenderRefused(553, b"Not yours", "waymark@example.org")

        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        outbox.send(message())

        delivered()

        assert OutgoingMail.objects.stalled().get().failed_at is None

    def test_cannot_hold_us_by_answering_slowly(self, monkeypatch):
        """Each response is in time, but they never end."""
        monkeypatch.setattr("core.mail.smtp.LONGEST", 0)
        outbox.send(message())

        with serving(MailServer()) as server:
            delivered()

        assert server.taken == []
        assert OutgoingMail.objects.stalled().get().error == "TimeoutError"

    def test_gets_no_mail_twice_by_hanging_after_it_has_taken_it(self):
        outbox.send(message())

        with serving(MailServer(hangs_at_the_end=True)) as server:
            delivered()
            delivered()

        assert len(server.taken) == 1


class TestExpiry:
    def test_keeps_neither_words_nor_address(self, kind, later):
        outbox.send(message(), kind=kind(lasts=minutes(15)).name)
        with nothing_listens():
            delivered()
            later(minutes(15))
            delivered()

        mail = OutgoingMail.objects.failed().get()
        assert (mail.error, mail.data, mail.recipient) == ("ExpiredError", {}, "")

    def test_happens_while_the_server_is_left_alone(self, kind, later):
        outbox.send(message(), kind=kind(lasts=timedelta(seconds=30)).name)
        with nothing_listens():
            delivered()
            later(timedelta(seconds=30))
            delivered()

        assert OutgoingMail.objects.failed().exists()

    def test_is_not_undone(self, kind, later):
        outbox.send(message(), kind=kind(lasts=minutes(15)).name)
        later(minutes(15))
        delivered()

        assert outbox.try_again(OutgoingMail.objects.all()) == 0
        assert delivered() == []


class TestTryingAgain:
    def test_starts_over_with_the_first_attempt(self):
        OutgoingMailFactory(failed_at=timezone.now(), attempts=8, error="SMTPDataError", code=554)

        assert outbox.try_again(OutgoingMail.objects.all()) == 1

        with serving(MailServer(message="451 Try later")):
            delivered()
        assert OutgoingMail.objects.waiting().get().attempts == 1

    def test_does_not_wait_for_the_server_to_be_left_alone(self, later):
        _tried, other = OutgoingMailFactory.create_batch(2)
        with nothing_listens():
            delivered()

        outbox.try_again(OutgoingMail.objects.filter(pk=other.pk))

        assert len(delivered()) == 2


def test_free_ports_are_free():
    """`nothing_listens` depends on this."""
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", free_port(), timeout=1)
