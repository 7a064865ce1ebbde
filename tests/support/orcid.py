"""A fake ORCID on this machine: it responds as a test wants, and records the requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import pytest

from network.verification import orcid
from tests.support.websites import Websites, page

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

HOST = "orcid.example"
ID, NAME = "0000-0002-1825-0097", "Josiah Carberry"


class OrcidStub:
    """ORCID's token endpoint: `answer()` replaces the response to a code, `time_out()` lets it time out."""

    def __init__(self, websites: Websites) -> None:
        self.websites = websites
        self.token = f"https://{HOST}/oauth/token"
        self.works = f"https://pub.{HOST}/v3.0/{ID}/works"
        self.woken = threading.Event()
        websites.certify(HOST, f"pub.{HOST}")
        self.answer()

    def answer(self, status: int = 200, body: str | None = None, **changes: Any) -> None:
        """Answer as ORCID does, with `changes` to its fields (None leaves one out), or with another body."""
        said = {
            "access_token": "canarytoken",
            "token_type": "bearer",
            "refresh_token": "canarytoken",
            "expires_in": 631138518,
            "scope": "/authenticate",
            "name": NAME,
            "orcid": ID,
        } | changes
        text = json.dumps({name: value for name, value in said.items() if value is not None})
        self.websites.answers[self.token] = page(
            text if body is None else body, status, Content_Type="application/json"
        )

    def answer_publications(self, summaries: list[dict[str, Any]], status: int = 200, body: str | None = None) -> None:
        """Answer with the works of the record, each as its summary, or with another body."""
        text = json.dumps({"group": [{"work-summary": [each]} for each in summaries]})
        self.websites.answers[self.works] = page(
            text if body is None else body, status, Content_Type="application/json"
        )

    def time_out(self) -> None:
        self._wait(self.token)

    def works_time_out(self) -> None:
        self._wait(self.works)

    def _wait(self, address: str) -> None:
        def wait(handler: BaseHTTPRequestHandler) -> None:
            self.woken.wait(30)

        self.websites.answers[address] = wait


@pytest.fixture
def orcid_stub(websites: Websites, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> Iterator[OrcidStub]:
    """ORCID, where this site is registered."""
    settings.ORCID = {
        "url": f"https://{HOST}",
        "client_id": "APP-WAYMARK",
        "client_secret": "canarysecret",
    }
    monkeypatch.setattr(orcid, "Internet", websites.internet)
    stub = OrcidStub(websites)
    yield stub
    stub.woken.set()
