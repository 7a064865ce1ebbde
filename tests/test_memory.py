"""No search term stays in a process's memory or in a cache after the response, neither a word nor a part of it."""

import gc
import logging
import secrets
import string
from collections.abc import Sequence

import pytest
from django.conf import settings
from django.test import Client

from tests.factories.core import StandardPageFactory
from tests.factories.helpline import ProgrammeFactory
from tests.factories.network import DirectoryPageFactory, MemberFactory
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("search_index")]
# Wherever words can be typed or chosen, on both sites: the host, and the address.
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
    (settings.PRIVATE_HOST, "/en/report/?q={}"),
    (settings.PRIVATE_HOST, "/en/members/profile/place/?q={}"),
    (settings.PRIVATE_HOST, "/admin/search/?q={}"),
)


def _letters(number: int) -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(number))


class Word:
    """A unique word, which is stored reversed: an object with the original spelling has kept the input."""

    END = _letters(8)  # common to all: a text without it contains none of them

    def __init__(self) -> None:
        self.backwards = self.END + _letters(16)

    def __str__(self) -> str:
        return self.backwards[::-1]


def held(parts: Sequence[Word]) -> dict[str, list[str]]:
    """Return the words that this process still holds, each with the texts that contain it and their owners' types."""
    gc.collect()
    gc.unfreeze()  # objects from before the tests may have a cache, too
    try:
        end = Word.END[::-1]
        end_of_bytes = end.encode()
        words = [str(part) for part in parts]
        found: dict[str, list[str]] = {}
        for text in texts():
            if (end if isinstance(text, str) else end_of_bytes) not in text:
                continue
            written = text if isinstance(text, str) else text.decode("latin-1")
            for word in words:
                if word in written and written is not word:
                    kinds = {type(owner).__name__ for owner in gc.get_referrers(text)}
                    found.setdefault(word, []).append(f"{sorted(kinds)}: {written[:80]}")
        return found
    finally:
        gc.freeze()


def texts() -> list[str | bytes | bytearray]:
    """Return every text that is reached from anything in memory."""
    found: list[str | bytes | bytearray] = []
    waiting = gc.get_objects()
    seen = {id(each) for each in waiting}
    while waiting:
        reached = {id(each): each for each in gc.get_referents(*waiting)}
        new = [each for key, each in reached.items() if key not in seen]
        seen |= reached.keys()
        found += [each for each in new if isinstance(each, str | bytes | bytearray)]
        waiting = [each for each in new if not isinstance(each, str | bytes | bytearray)]
    return found


@pytest.fixture
def site(home, settings):
    settings.RENDER_ON_REQUEST = True
    # With keys as they are, and not their hashes: a word in one is seen, too.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "words"}}
    StandardPageFactory(parent=home, title="A lantern", slug="lantern")
    DirectoryPageFactory(parent=home)
    MemberFactory(listed=True, name="Ana Lima", about="Prisons in Lisbon")
    ProgrammeFactory(name="A helpline")


class TestSearchTerms:
    def test_is_in_no_memory_and_in_no_cache(self, site, caplog):
        caplog.set_level(logging.CRITICAL, "django.request")  # pytest keeps each line with its request
        member = MemberFactory(listed=True, user=UserFactory(works_in_admin=False))
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
        # Separately, because what Django's client gets whole it splits with Python's own function, which caches its
        # results.
        return client.get(path, QUERY_STRING=query).status_code
