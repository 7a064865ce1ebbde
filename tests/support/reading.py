"""Reading difficulty of a text, by the established formula for its language.

English: Flesch-Kincaid grade (Kincaid et al. 1975).
German: first Wiener Sachtextformel (Bamberger and Vanecek 1984), also a school year.
French: Flesch's reading ease as adapted by Kandel and Moles (1958), reversed so that more is harder.
Arabic has no established formula for adults' everyday prose (OSMAN needs vowel signs, which are not written), so
only the length of sentences is measured.

Syllables are counted by groups of vowels, which errs by a few per cent in these languages: enough to tell plain
from difficult.
"""

import html
import re
from collections.abc import Callable

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from config.settings.base import ROOT

VOWELS = {"en": "aeiouy", "de": "aeiouyäöü", "fr": "aeiouyàâéèêëîïôûùüœ"}
BLOCK = re.compile(r"</?(?:p|li|ul|ol|h2|h3|dt|dd|summary)\b[^>]*>")
TAG = re.compile(r"<[^>]+>")
SENTENCE = re.compile(r"[.!?؟:;\n]+(?=\s|$)")
WORD = re.compile("[^\\W\\d_]+(?:[\N{RIGHT SINGLE QUOTATION MARK}'-][^\\W\\d_]+)*")


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language; for English, which has none, the German one, with English messages."""
    code = "de" if language == "en" else language
    with (ROOT / f"locale/{code}/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale=code)


def sentences(text: str) -> list[list[str]]:
    """Return the words of each sentence; a heading or a list item counts as one, too."""
    plain = html.unescape(TAG.sub("", BLOCK.sub("\n", text)))
    found = (WORD.findall(part) for part in SENTENCE.split(plain))
    return [words for words in found if words]


def syllables(word: str, language: str) -> int:
    word = re.sub("qu|gu(?=[eéèi])", "q", word.lower()) if language == "fr" else word.lower()
    groups = re.findall(f"[{VOWELS[language]}]+", word)
    silent = (language == "en" and re.search(r"[^aeiouyl]es?$|[^dt]ed$", word)) or (
        language == "fr" and re.search(r"[^aeiouyéèê]e(s|nt)?$", word)
    )
    return max(1, len(groups) - bool(silent))


def _english(words: list[str], length: float) -> float:
    return 0.39 * length + 11.8 * sum(syllables(word, "en") for word in words) / len(words) - 15.59


def _german(words: list[str], length: float) -> float:
    counted = [syllables(word, "de") for word in words]
    long, one = sum(each >= 3 for each in counted), sum(each == 1 for each in counted)
    letters = sum(len(word) > 6 for word in words)
    share = 100 / len(words)
    return 0.1935 * long * share + 0.1672 * length + 0.1297 * letters * share - 0.0327 * one * share - 0.875


def _french(words: list[str], length: float) -> float:
    return 100 - (207 - 1.015 * length - 73.6 * sum(syllables(word, "fr") for word in words) / len(words))


def _length(words: list[str], length: float) -> float:
    return length


FORMULAS: dict[str, Callable[[list[str], float], float]] = {
    "en": _english,
    "de": _german,
    "fr": _french,
    "ar": _length,
}
# Levels that B1 readers of a language read with ease: seven or eight years of school, French that is “fairly easy”
# (70 of 100), Arabic sentences of fifteen words.
# Arabic joins sentences with "and" where other languages use a full stop, so fewer words would be too strict.
HARDEST = {"en": 7.0, "de": 8.0, "fr": 30.0, "ar": 15.0}


def difficulty(text: str, language: str) -> float:
    """Return the difficulty of the text, by the formula of its language: more is harder."""
    split = sentences(text)
    words = [word for sentence in split for word in sentence]
    return round(FORMULAS[language](words, len(words) / len(split)), 1)
