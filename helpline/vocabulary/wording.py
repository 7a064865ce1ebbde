"""Plain forms of words and addresses, sentences, and words that reveal the topic of a page."""

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext

from helpline.vocabulary.codes import language_names

# Harmless words with the same beginning as one that reveals the topic of a page.
HARMLESS = frozenset({"kinder", "kindly", "kindness", "essex", "sussex", "harmony", "minority", "minor"})
WORD = re.compile(r"[^\W\d_]+")
# The end of a sentence, but not after one or two letters, which may be an abbreviation.
END_OF_SENTENCE = re.compile(r"(?<=\w{3}[.!?؟])\s+")


def revealing_words(text: str) -> list[str]:
    """Return the words of a title or a URL that reveal the topic of a page, in any language of the interface."""
    beginnings = tuple(each for code in settings.INTERFACE_LANGUAGES for each in revealing_beginnings(code))
    return [word for word in WORD.findall(plain(text)) if word.startswith(beginnings) and word not in HARMLESS]


@cache
def revealing_beginnings(language: str) -> tuple[str, ...]:
    """Return the beginnings of words that reveal the topic of a help page, from the catalogue of a language."""
    with translation.override(language):
        # Translators: beginnings of words that would reveal the topic of a help page in the history of a browser.
        # Do not translate these: list those of your language, without accents and with a blank between them.
        # Titles and addresses with such a word cause a warning.
        found = pgettext(
            "beginnings of telling words",
            "abus agress assault attract child crimin csam delinquan harm minor molest offenc offend offens paed "
            "pedo peodo perpetrat "
            "police porn predator prison rape sex suicid victim violen abuso delito menor nino victima",
        )
    return tuple(plain(found).split())


def plain(text: str) -> str:
    """Return `text` in lower case, without accents."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter)
    )


def first_sentence(text: str) -> str:
    return END_OF_SENTENCE.split(text.strip(), maxsplit=1)[0]


def interpreting(languages: Collection[str], count: int | None) -> str:
    """Return that an interpreter can be called in, with the languages, or their number if they are not listed."""
    if languages:
        return gettext("An interpreter can be called in: %(languages)s.") % {"languages": language_names(languages)}
    if count:
        return ngettext(
            "An interpreter can be called in for %(count)s language.",
            "An interpreter can be called in for %(count)s languages.",
            count,
        ) % {"count": count}
    return gettext("An interpreter can be called in.")


def host(url: str) -> str:
    """Return the host of a URL without `www.`: `https://www.example.org/a/b` is example.org.

    Returns an empty string for an invalid URL.
    """
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
