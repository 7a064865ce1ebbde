"""Words for what is written in codes and addresses, and words that give a page away."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import pgettext

# Words that begin like one that gives a page away, and are harmless.
HARMLESS = frozenset({"kinder", "kindly", "kindness", "essex", "sussex", "harmony", "minority", "minor"})
WORD = re.compile(r"[^\W\d_]+")


def telling_words(text: str) -> list[str]:
    """The words of a title or an address that are not neutral, in any language of the interface."""
    beginnings = tuple(each for code in settings.INTERFACE_LANGUAGES for each in telling_beginnings(code))
    return [
        word for word in WORD.findall(plain(text)) if word.startswith(beginnings) and word not in HARMLESS
    ]


@cache
def telling_beginnings(language: str) -> tuple[str, ...]:
    """How words begin that tell an onlooker what a help page is about. They stand in the catalogue of each language."""
    with translation.override(language):
        # Translators: beginnings of words that would give a help page away in the history of a browser. Do not translate these: list
        # those of your language, without accents and with a blank between them. Titles and addresses with such a word bring a warning.
        found = pgettext(
            "beginnings of telling words",
            "abus agress assault attract child crimin csam delinquan harm minor molest offenc offend offens paed pedo peodo perpetrat "
            "police porn predator prison rape sex suicid victim violen abuso delito menor nino victima",
        )
    return tuple(plain(found).split())


def plain(text: str) -> str:
    """In small letters, without accents."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )


def host(url: str) -> str:
    """What to call a web address: `www.example.org/a/b` is example.org."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
