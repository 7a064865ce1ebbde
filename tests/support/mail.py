"""Mail in tests: what the outbox holds is delivered when a test asks for it, to a mailbox or to a real mail server."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client, override_settings

from core.mail import delivery

LOCAL = {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


def delivered() -> list[EmailMessage]:
    """Deliver what is due, and return all messages that have left the site."""
    delivery.run()
    return mail.outbox


def opened(client: Client, url: str) -> str:
    """Open the link of a mail, and return the address that it leads to in this browser, without the link's token."""
    answer = client.get(url)
    assert answer.status_code == 302, answer.status_code
    assert url.strip("/").rsplit("/", 1)[1] not in answer.headers["Location"]
    return answer.headers["Location"]


def mailers(server: dict[str, Any]) -> dict[str, Any]:
    """Return `settings.MAILERS` of the site, delivering through another server."""
    return {**django_settings.MAILERS, "server": server}


class MailServer:
    """A mail server that behaves as a test asks, and keeps what it has accepted."""

    def __init__(
        self,
        *,
        recipient: str = "250 OK",
        message: str = "250 OK",
        hangs: bool = False,
        hangs_at_the_end: bool = False,
        breaks_off: bool = False,
        refuse: str = "",
        waits_at: str = "",
    ) -> None:
        self.recipient, self.message, self.refuse = recipient, message, refuse
        self.hangs, self.hangs_at_the_end, self.breaks_off = hangs, hangs_at_the_end, breaks_off
        # The command at which it waits until `go_on` is set; `reached` is set once it waits.
        self.waits_at, self.reached, self.go_on = waits_at, threading.Event(), threading.Event()
        self.taken: list[Envelope] = []
        self.connections = 0
        self.port = 0

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self.wait_at("RCPT")
        envelope.rcpt_tos.append(address)
        return "550 5.1.1 No such user" if self.refuse and self.refuse in address else self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hangs:
            await asyncio.sleep(3600)
        if self.breaks_off:
            assert server.transport is not None
            server.transport.abort()
            return "451 Gone"
        if self.message.startswith("2"):
            self.taken.append(envelope)
        await self.wait_at("DATA")
        return self.message

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hangs_at_the_end:
            await asyncio.sleep(3600)
        return "221 Bye"

    async def wait_at(self, command: str) -> None:
        if command == self.waits_at:
            self.reached.set()
            while not self.go_on.is_set():
                await asyncio.sleep(0.01)

    @property
    def recipients(self) -> list[str]:
        return [address for envelope in self.taken for address in envelope.rcpt_tos]

    @property
    def numbers(self) -> list[str]:
        """The Message-ID of each message."""
        return [
            message_from_bytes(envelope.content or b"", policy=SMTP_POLICY)["Message-ID"] for envelope in self.taken
        ]

    @property
    def options(self) -> dict[str, Any]:
        """Return the address at which the site reaches it."""
        return {
            "BACKEND": "core.mail.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": self.port, "timeout": 1},
        }


@contextmanager
def serving(server: MailServer) -> Iterator[MailServer]:
    """Run the site's mail server during the block."""
    server.port = server.port or free_port()
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        with override_settings(MAILERS=mailers(server.options)):
            yield server
    finally:
        controller.stop()


def nothing_listens() -> Any:
    """During the block, the mail server cannot be reached."""
    server = MailServer()
    server.port = free_port()
    return override_settings(MAILERS=mailers(server.options))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
