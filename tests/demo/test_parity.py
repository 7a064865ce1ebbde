"""A translation has the numbers of its source, and the orders and bans that are no sentence of the safety list.

Tags, and so links and items of lists, are compared in `test_content.py`, the safety list in
`test_safety_sentences.py`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from demo import content
from demo.content import TREE
from tests.support.reading import catalogue

TRANSLATIONS = content.LANGUAGES[1:]
HELP = [place.key for place in TREE if place.key == "help" or place.above == "help"]
NO_PROSE = {"type", "kind", "page", "pages"}
NUMBER = re.compile(r"[0-9]+(?:[.,\u00a0\u202f][0-9]{3})*")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|<[^>]*>")

# Orders and bans that vary too much to be sentences of the safety list, in each language: an order, never an offer.
SAFETY = {
    "call 112": {
        "en": r"\bcall(?:ing)? 112\b",
        "de": r"\bruf(?:en Sie)?\b[^.:?]{0,40}\b112\b[^.:?]{0,50}\ban\b",
        "fr": r"\bappel(?:le|ez)\b[^.:?]{0,20}\b112\b",
        "ar": r"\b[وف]?اتصلوا\b[^.:؟]{0,20}\b112\b",
    },
    "do not leave alone, do not be alone": {
        "en": r"\bnot (?:stay|be|leave)\b[^.]{0,30}\balone\b",
        "de": r"\b(?:bleiben Sie|lassen Sie|seien Sie|sei)\b[^.:]{0,40}\ballein\b",
        "fr": r"\bne (?:restez|reste|laissez) pas\b[^.]{0,12}\bseul\b|\bne gardez pas cela pour vous\b",
        "ar": r"\b(?:لا|فلا|ولا|ألا) (?:تبقوا|تتركوا)\b[^.]{0,20}وحد",
    },
    "do not question": {
        "en": r"\bdo not (?:question|ask (?:the child )?for details|press for details)\b",
        "de": r"\bfragen Sie\b[^.:]{0,50}\b(?:nicht|aus)\b|\bdrängen Sie nicht\b",
        "fr": r"\b(?:sans interroger|n.interrogez pas|n.insistez pas|ne demandez pas de détails)\b",
        "ar": r"دون استجواب|لا تستجوبوا|لا تسألوا[^.]{0,8} عن التفاصيل|لا تضغطوا",
    },
    "do not save": {
        "en": r"\bnot save\b",
        "de": r"\bspeichern Sie (?:keine|es|sie)\b|\bspeicher es nicht\b",
        "fr": r"\bn.enregistrez\b|\bne (?:l.|les )enregistrez?\b",
        "ar": r"لا تحفظو",
    },
    "do not send": {
        "en": r"\b(?:not|never) send\b|\bcopy, send or delete\b",
        "de": r"\bschick(?:en Sie)? [^.:]{0,40}\b(?:niemandem|nichts|niemals|weder|nicht weiter)\b|"
        r"\bverschicken und löschen Sie nichts\b",
        "fr": r"\bn.envo(?:ie|yez)\b|\bne (?:les|nous) envoyez\b|\bne le transmets\b",
        "ar": r"(?:لا|ألا) ترسلو",
    },
    "do not delete or change": {
        "en": r"\bdo not (?:delete|change)\b|\bsend or delete\b",
        "de": r"\blösch die Nachrichten nicht\b|\blöschen Sie (?:dort )?nichts\b",
        "fr": r"\bn.efface pas les messages\b|\bn.(?:y )?effacez rien\b",
        "ar": r"لا (?:تحذفو|تغيّرو)",
    },
}


def pieces(value: Any) -> Iterator[str]:
    """Yield the words of each paragraph, item of a list and other text, in their order, without tags."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from () if name in NO_PROSE else pieces(part)
    elif isinstance(value, list):
        for part in value:
            yield from pieces(part)
    elif isinstance(value, str):
        for text in re.split(r"</(?:p|li)>", value):
            yield re.sub(r"<[^>]*>", "", text)


def written(key: str, language: str) -> list[str]:
    words = content.read(key, language)
    return [*pieces([words.title, words.search_description, words.introduction, words.body, words.more])]


def numbers(text: str) -> Counter[str]:
    return Counter(re.sub(r"[^0-9]", "", number) for number in NUMBER.findall(text))


def said(text: str, language: str) -> set[str]:
    """Return the items of the safety list that a text contains."""
    return {what for what, words in SAFETY.items() if re.search(words[language], text, re.IGNORECASE)}


class TestPages:
    @pytest.mark.parametrize("language", TRANSLATIONS)
    @pytest.mark.parametrize("key", [place.key for place in TREE])
    def test_give_the_same_numbers_in_each_block(self, key, language):
        pairs = zip(written(key, content.SOURCE), written(key, language), strict=True)

        assert [pair for pair in pairs if numbers(pair[0]) != numbers(pair[1])] == []

    @pytest.mark.parametrize("language", TRANSLATIONS)
    @pytest.mark.parametrize("key", [*HELP, "home", "contact", "trusted-adults", "notice-ask-help"])
    def test_have_the_same_safety_items_in_each_block(self, key, language):
        pairs = zip(written(key, content.SOURCE), written(key, language), strict=True)
        found = [(said(source, content.SOURCE), said(text, language), text) for source, text in pairs]

        assert [(source ^ text, words) for source, text, words in found if source != text] == []

    @pytest.mark.parametrize("language", content.LANGUAGES)
    def test_have_every_safety_item_somewhere(self, language):
        everywhere = set().union(*(said(text, language) for key in HELP for text in written(key, language)))

        assert everywhere == set(SAFETY)


class TestMessages:
    @pytest.mark.parametrize("language", TRANSLATIONS)
    def test_give_the_same_numbers(self, language):
        pairs = [
            tuple(PLACEHOLDER.sub("", one[-1] if isinstance(one, tuple) else one) for one in (m.id, m.string))
            for m in catalogue(language)
            if m.id
        ]

        assert [pair for pair in pairs if numbers(pair[0]) != numbers(pair[1])] == []
