"""Translation memory: what was translated before, on any page, for texts that are the same or similar.

The memory is the table of wagtail-localize's translations by people.
A text that is the same is found however old its translation is; similar ones are looked for among the newest, so that
the time does not grow with the site. They are compared here, as PostgreSQL's `pg_trgm` is not available everywhere.
"""

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext, pgettext_lazy
from rapidfuzz import fuzz, process
from wagtail.models import Locale
from wagtail_localize.models import StringTranslation

from core.languages.lazy import StrOrPromise
from core.publishing.safety import plain

NEWEST = 5000  # texts that are compared
LEAST = 70  # percent of similarity
MOST = 3  # suggestions for a text


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryMatch:
    """A translation that a translator can accept, and the source that it was made from.

    `similarity` is in percent, 100 if the source is the same.
    """

    words: str
    source: str
    similarity: int
    is_standard: bool = False

    @property
    def label(self) -> str:
        if self.is_standard:
            return gettext("safety sentence, draft")
        if self.similarity == 100:
            return gettext("same text")
        return gettext("%(number)d %% similar") % {"number": self.similarity}


class Memory:
    """What was translated into a language before. Two queries, however many texts are looked up."""

    def __init__(self, locale: Locale, strings: Collection[int]) -> None:
        self.locale = locale
        self.strings = strings

    def _rows(self) -> list[tuple[int, int | None, str, str]]:
        by_machines = StringTranslation.TRANSLATION_TYPE_MACHINE
        by_people = StringTranslation.objects.filter(locale=self.locale, has_error=False).exclude(
            translation_type=by_machines
        )
        columns = ("translation_of_id", "context_id", "translation_of__data", "data")
        same = by_people.filter(translation_of__in=self.strings).order_by("-updated_at").values_list(*columns)
        newest = by_people.order_by("-updated_at").values_list(*columns)[:NEWEST]
        return [*same, *newest]

    @cached_property
    def known(self) -> dict[str, list[tuple[int | None, str]]]:
        """The places and translations of each text, the newest first."""
        found: dict[str, list[tuple[int | None, str]]] = {}
        for _string, place, source, words in self._rows():
            found.setdefault(source, []).append((place, words))
        return found

    @cached_property
    def sources(self) -> list[str]:
        return list(self.known)

    def suggestions(self, source: str, place: int | None = None) -> list[MemoryMatch]:
        """Return the best translations of the same and of similar texts, except the one in `place` itself."""
        found: dict[str, MemoryMatch] = {each.words: each for each in standard(source, self.locale.language_code)}
        near = process.extract(source, self.sources, scorer=fuzz.ratio, score_cutoff=LEAST, limit=2 * MOST)
        for known, score, _index in near:
            similarity = 100 if known == source else min(int(score), 99)
            for context, words in self.known[known]:
                if known == source and context is not None and context == place:
                    continue
                found.setdefault(words, MemoryMatch(words=words, source=known, similarity=similarity))
        return list(found.values())[:MOST]


# --- Sentences that carry safety ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetySentence:
    """A sentence of `locale/safety_sentences.toml`: what it says, how strictly, and its draft in one language."""

    english: str
    mood: str
    meaning: str
    draft: str

    @property
    def mood_label(self) -> StrOrPromise:
        return MOODS[self.mood]


MOODS = {
    "must": pgettext_lazy("mood of a sentence", "An order or a duty: it stays one."),
    "do_not": pgettext_lazy("mood of a sentence", "A ban: it stays one."),
    "may": pgettext_lazy("mood of a sentence", "An offer or a possibility: it never becomes a duty or a promise."),
    "fact": pgettext_lazy("mood of a sentence", "A statement: it stays as certain as it is in English."),
}


@lru_cache(maxsize=64)
def safety_sentences(language: str) -> tuple[SafetySentence, ...]:
    """Return the sentences with their drafts in a language, the longest first."""
    file = Path(settings.LOCALE_PATHS[0]) / "safety_sentences.toml"
    sentences = tomllib.loads(file.read_text(encoding="utf-8"))["sentence"]
    found = (
        SafetySentence(
            english=each["en"], mood=each["mood"], meaning=each["meaning"], draft=each["drafts"].get(language, "")
        )
        for each in sentences
    )
    return tuple(sorted(found, key=lambda each: len(each.english), reverse=True))


def sentences_in(source: str, language: str) -> list[SafetySentence]:
    """Return the safety sentences in an English text."""
    text = plain(source)
    found: list[SafetySentence] = []
    for sentence in safety_sentences(language):
        if sentence.english in text:
            text = text.replace(sentence.english, " ")
            found.append(sentence)
    return found


def standard(source: str, language: str) -> Iterator[MemoryMatch]:
    """Yield the draft for a text that is a safety sentence."""
    for sentence in sentences_in(source, language):
        if sentence.draft and sentence.english == plain(source):
            yield MemoryMatch(words=sentence.draft, source=source, similarity=100, is_standard=True)
