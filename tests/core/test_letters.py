"""Translations of letters keep the meaning of the English original, and no letter has the text of another.

The Arabic letter for confirming an address once had the text of the letter to a known member.
"""

import re
from collections import defaultdict
from typing import Any

import polib
import pytest

from config.settings.base import ROOT

LETTER = re.compile(r"/templates/.+/(?:mail|email)/[^/]+\.txt$")
# The parts that a translation must keep: placeholders, markup, and addresses.
KEPT = re.compile(r"%\(\w+\)[sd]|<[^>]+>|https?://[^\s”»]+")
# Without those that exist only to make a language available in Django (`scripts/messages.py`).
CATALOGUES = [file for file in (ROOT / "locale").glob("*/LC_MESSAGES/django.po") if file.stat().st_size > 10_000]


@pytest.fixture(scope="module", params=CATALOGUES, ids=lambda file: file.parts[-3])
def sentences(request) -> list[Any]:
    """Return the sentences of all letters in one language."""
    catalogue = polib.pofile(str(request.param))
    return [entry for entry in catalogue if any(LETTER.search(file) for file, _line in entry.occurrences)]


def translations(entry: Any) -> list[str]:
    return [*entry.msgstr_plural.values()] if entry.msgid_plural else [entry.msgstr]


def test_no_two_sentences_of_letters_are_translated_alike(sentences):
    by_translation = defaultdict(set)
    for entry in sentences:
        for words in translations(entry):
            by_translation[words].add(entry.msgid)

    assert len(sentences) > 100
    assert {words: sources for words, sources in by_translation.items() if len(sources) > 1} == {}


def test_what_is_filled_in_and_every_link_is_the_same_in_every_language(sentences):
    # A plural form may leave its number out: “ein Tag”.
    differing = {
        entry.msgid: words
        for entry in sentences
        if not entry.msgid_plural
        for words in translations(entry)
        if sorted(set(KEPT.findall(entry.msgid))) != sorted(set(KEPT.findall(words)))
    }

    assert differing == {}
