"""Every mail of the demonstration can be read in the admin, before signing in, and is displayed safely."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from core import scheduler
from demo import mailbox
from demo.models import Mail
from tests.support.queries import queries

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


@pytest.fixture(autouse=True)
def _kept(settings: SettingsWrapper) -> None:
    """Deliver directly to the mailbox, without the outbox."""
    settings.MAILERS = {"default": {"BACKEND": "demo.mailbox.MailboxBackend"}}


def send(subject: str = "Hello", text: str = "Words.", **more: object) -> Mail:
    EmailMessage(subject, text, to=["a@example.org"], **more).send()
    return Mail.objects.latest("pk")


@pytest.mark.django_db
class TestBackend:
    def test_keeps_sent_mail(self):
        message = EmailMultiAlternatives(
            "Hello",
            "Words.",
            "from@example.org",
            ["a@example.org"],
            cc=["b@example.org"],
            reply_to=["c@example.org"],
        )
        message.attach_alternative("<p>Words.</p>", "text/html")

        assert message.send() == 1

        mail = Mail.objects.get()
        assert (mail.subject, mail.text, mail.sender) == ("Hello", "Words.", "from@example.org")
        assert (mail.recipients, mail.reply_to) == ("a@example.org, b@example.org", "c@example.org")
        assert mail.alternatives == [{"type": "text/html", "content": "<p>Words.</p>"}]

    def test_keeps_a_mail_that_is_only_html_as_source(self):
        message = EmailMessage("Hello", "<script>alert(1)</script>", to=["a@example.org"])
        message.content_subtype = "html"
        message.send()

        mail = Mail.objects.get()
        assert mail.text == ""
        assert mail.alternatives[0]["type"] == "text/html"

    def test_keeps_no_mail_without_recipients(self):
        assert EmailMessage("Hello", "Words.", to=[]).send() == 0
        assert not Mail.objects.exists()

    def test_refuses_a_broken_header_as_a_mail_server_would(self):
        with pytest.raises(ValueError, match="Header values may not contain"):
            send("Hello\nBcc: everybody@example.org")

    def test_forgets_after_two_weeks(self):
        with time_machine.travel(timezone.now() - timedelta(days=15)):
            send("Old")
        send("New")

        (job,) = [job for job in scheduler.declared() if job.run is mailbox.delete_old]
        job.run()

        assert Mail.objects.get().subject == "New"


@pytest.mark.django_db
class TestMailbox:
    def test_is_open_before_signing_in_and_shows_the_newest_first(self, private):
        send("First")
        send("Second")

        page = private.get("/demo/mailbox/").content.decode()

        assert page.index("Second") < page.index("First")
        assert "No email leaves this machine" in page

    def test_has_a_text_when_it_is_empty(self, private):
        assert "No email has been sent yet." in private.get("/demo/mailbox/").content.decode()

    def test_turns_pages_and_takes_the_same_queries_for_few_and_many(self, private):
        send()
        private.get("/demo/mailbox/")
        few = queries(lambda: private.get("/demo/mailbox/"))
        for number in range(60):
            send(f"Mail {number}")

        assert queries(lambda: private.get("/demo/mailbox/")) == few
        assert "Mail 0<" in private.get("/demo/mailbox/?page=2").content.decode()

    @pytest.mark.parametrize("number", ["0", "99", "x", "-1", "1" * 500, "%00"])
    def test_shows_a_plain_page_for_a_missing_mail(self, private, number):
        send()

        assert private.get(f"/demo/mailbox/?page={number}", follow=True).status_code == 404

    def test_is_not_on_the_public_site(self, public):
        assert public.get("/demo/mailbox/").status_code == 404

    def test_is_not_part_of_a_real_site(self):
        assert "demo" not in import_module("config.settings.base").INSTALLED_APPS


@pytest.mark.django_db
class TestMail:
    def test_makes_addresses_in_the_text_into_links(self, private):
        mail = send(text="Open http://private.localhost:8000/account/login/ and sign in.")

        page = private.get(reverse("demo:mail", args=[mail.pk])).content.decode()

        assert '<a href="http://private.localhost:8000/account/login/"' in page

    @pytest.mark.parametrize(
        "words",
        ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)",
         "<a href='javascript:alert(1)'>x</a>",
         "http://x.example/\"onmouseover=alert(1)", "<base href=//evil.example>"],
    )  # fmt: skip
    def test_runs_no_content(self, private, words):
        message = EmailMultiAlternatives(words, words, to=["a@example.org"])
        message.attach_alternative(words, "text/html")
        message.send()

        response = private.get(reverse("demo:mail", args=[Mail.objects.get().pk]))
        page = response.content.decode()

        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
        assert '"onmouseover' not in page
        assert "<base" not in page
        assert "script-src 'self'" in response["Content-Security-Policy"]

    def test_with_an_unknown_id_is_not_found(self, private):
        assert private.get("/demo/mailbox/999/", follow=True).status_code == 404
        assert private.get(f"/demo/mailbox/{'9' * 40}/", follow=True).status_code == 404
