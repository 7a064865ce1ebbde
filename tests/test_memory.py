"""What somebody searched for is in no memory of a process, and in no cache, once it is answered: neither a word nor a part of it."""

import gc
import logging
import secrets
import string
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.factories.core import StandardPageFactory
from tests.factories.helpline import ProgrammeFactory
from tests.factories.network import DirectoryPageFactory, MemberFactory
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("search_index")]
# Wherever words can be typed or chosen, at both doors: the host, and the address.
SEARCHES = (
    (settings.PUBLIC_HOST, "/en/search/?q={}"),
    (settings.PUBLIC_HOST, "/en/search/?q=lantern+{}&page=2"),
    (settings.PUBLIC_HOST, "/en/network/?q={}"),
    (settings.PUBLIC_HOST, "/en/network/?q=prison+{}"),
    (settings.PUBLIC_HOST, "/en/network/?q={}&view=table"),
    (settings.PUBLIC_HOST, "/en/network/?q={}&view=map"),
    (settings.PUBLIC_HOST, "/en/network/?country={}"),
    (settings.PUBLIC_HOST, "/en/network/?language={}"),
    (settings.PUBLIC_HOST, "/en/network/?field={}"),
    (settings.PUBLIC_HOST, "/hsds/en/services?minimal=true&search={}"),
    (settings.PUBLIC_HOST, "/hsds/en/organizations?search={}"),
    (settings.PUBLIC_HOST, "/hsds/en/services?{}=1"),
    (settings.PUBLIC_HOST, "/api/en/members?q={}"),
    (settings.DESK_HOST, "/en/report/?q={}"),
    (settings.DESK_HOST, "/en/members/profile/place/?q={}"),
    (settings.DESK_HOST, "/admin/search/?q={}"),
)


class Word:
    """A word that nobody else has, which is kept back to front: whatever holds it as it was typed has kept it."""

    def __init__(self) -> None:
        self.backwards = "".join(secrets.choice(string.ascii_lowercase) for _ in range(24))

    def __str__(self) -> str:
        return self.backwards[::-1]


def held(parts: Sequence[Word]) -> dict[str, list[str]]:
    """Return the words that objects of this process still hold, each with the kinds of these objects."""
    gc.collect()
    gc.unfreeze()  # what was there when the tests began may have a cache, too
    try:
        words = [str(part) for part in parts]
        found: dict[str, list[str]] = {}
        for owner, text in texts():
            for word in words:
                if word in text and text is not word:
                    found.setdefault(word, []).append(f"{type(owner).__name__}: {text[:80]}")
        return found
    finally:
        gc.freeze()


def texts() -> Iterator[tuple[Any, str]]:
    """Yield every text that is reached from anything in memory, with what holds it."""
    waiting = gc.get_objects()
    seen = {id(each) for each in waiting}
    while waiting:
        owner = waiting.pop()
        for thing in gc.get_referents(owner):
            if id(thing) in seen:
                continue
            if isinstance(thing, str):
                yield owner, thing
            elif isinstance(thing, bytes | bytearray):
                yield owner, thing.decode("latin-1")
            else:
                seen.add(id(thing))
                waiting.append(thing)


@pytest.fixture
def site(home, settings):
    settings.PRESS_RENDERS_ON_REQUEST = True
    # With keys as they are, and not their hashes: a word in one is seen, too.
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "words"}
    }
    StandardPageFactory(parent=home, title="A lantern", slug="lantern")
    DirectoryPageFactory(parent=home)
    MemberFactory(listed=True, name="Ana Lima", about="Prisons in Lisbon")
    ProgrammeFactory(name="A helpline")


class TestWhatWasSearched:
    def test_is_in_no_memory_and_in_no_cache(self, site, caplog):
        caplog.set_level(logging.CRITICAL, "django.request")  # pytest keeps each line with its request
        member = MemberFactory(listed=True, user=UserFactory(works_at_desk=False))
        administrator = UserFactory(is_superuser=True)
        words = [Word() for _ in SEARCHES]

        answers = {
            address: self.ask(host, address, word, member, administrator)
            for (host, address), word in zip(SEARCHES, words, strict=True)
        }

        assert {address: status for address, status in answers.items() if status not in {200, 400}} == {}
        assert held(words) == {}

    def ask(self, host, address, word, member, administrator):
        client = Client(headers={"host": host})
        if address.startswith("/admin/"):
            client.force_login(administrator)
        elif "/members/" in address:
            client.force_login(member.user)
        path, _mark, query = address.format(word).partition("?")
        # Apart, for what Django's client is given whole it has split by Python's own function, which keeps what it has split.
        return client.get(path, QUERY_STRING=query).status_code
