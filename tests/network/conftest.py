from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from core.doors import proof
from tests.factories.network import DirectoryPageFactory
from tests.support.proof import solved
from tests.support.scenes import scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from home.models import HomePage
    from network.models import DirectoryPage


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> Iterator[None]:
    """Clear the cache, in which the rate limits are counted."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def _on_request(settings) -> None:
    settings.PRESS_RENDERS_ON_REQUEST = True


@pytest.fixture
@scene
def directory(home: HomePage, _on_request: None) -> DirectoryPage:
    """The English directory at the public door, rendered on request."""
    return DirectoryPageFactory(parent=home)


@pytest.fixture
def request_data(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[..., dict[str, object]]:
    """What the join form sends, with a solved task; keyword arguments replace fields."""
    monkeypatch.setattr(proof, "TRIES", range(1, 3))

    def data(**changes: object) -> dict[str, object]:
        filled = {
            "kind": "person",
            "name": "Ana Lima",
            "email": "ana@example.org",
            "roles": ["researcher"],
            "country": "pt",
            "languages": ["pt", "en"],
            "about": "Studies how helplines are found.",
            "consent": "on",
        }
        filled |= changes
        return {f"join-{name}": value for name, value in filled.items()} | {
            "proof": solved(proof.challenge())
        }

    return data
