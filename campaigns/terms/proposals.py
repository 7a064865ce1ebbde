"""Forms of a term that stand in the site's own public texts and are not written out yet: proposed, and accepted by a person.

A word is proposed if it begins as a form of the term does. What a language does to the beginning of a word is left to people; so is
whether a word that begins alike means the same. No dictionary is asked: those that we know of lack the compounds of the field.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from campaigns.terms import markup
from campaigns.terms.matching import STOP, Matcher, WrittenForm, tokens
from campaigns.terms.public_texts import public_texts
from campaigns.terms.words import readings, without_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from campaigns.models import Term

# How many letters at the end of a word may differ, and how many at its beginning must agree.
ENDING, BEGINNING = 3, 4
# The most that are shown at once.
MOST = 40
AROUND = 50


class ProposedForm(NamedTuple):
    """An expression as it stands in texts, how often, and the first place where it does."""

    text: str
    times: int
    before: str
    after: str


def beginning(word: str) -> str:
    """Return what words must begin with to be taken for another form of this one; the whole word if it is short."""
    return word[: max(BEGINNING, len(word) - ENDING)]


def stems_of(term: Term) -> list[list[str]]:
    """Return the beginnings of the words of each form. An asterisk finds every ending already."""
    found = []
    for form in term.all_forms:
        if not form.endswith("*"):
            words = [without_article(token.word) for token in tokens(form) if token.word != STOP]
            found.append([beginning(word) for word in words])
    return [stems for stems in found if stems]


def proposals(term: Term) -> list[ProposedForm]:
    """Return the forms of a term in public texts that it does not list, the most frequent first."""
    stems = stems_of(term)
    listed = Matcher(WrittenForm(form, 1, 1) for form in term.all_forms)
    counted: Counter[str] = Counter()
    places: dict[str, tuple[str, str]] = {}
    lines = (
        line.text
        for _thing, passage in public_texts(term.language)
        for line in markup.lines(passage.text, is_html=passage.is_html)
    )
    for text, start, end in _alike(lines, stems):
        said = text[start:end]
        if listed.find(said):
            continue
        key = " ".join(token.word for token in tokens(said))
        counted[key] += 1
        places.setdefault(key, (text, said))
    found = []
    for key, count in counted.most_common(MOST):
        text, said = places[key]
        at = text.index(said)
        found.append(
            ProposedForm(said, count, text[max(0, at - AROUND) : at], text[at + len(said) :][:AROUND])
        )
    return found


def _alike(lines: Iterable[str], stems: list[list[str]]) -> Iterator[tuple[str, int, int]]:
    for text in lines:
        read = tokens(text)
        for at in range(len(read)):
            for words in stems:
                here = read[at : at + len(words)]
                if len(here) == len(words) and all(
                    any(reading.startswith(stem) for reading in readings(token.word))
                    for token, stem in zip(here, words, strict=True)
                ):
                    yield text, here[0].start, here[-1].end


def accept(term: Term, chosen: Iterable[str]) -> int:
    """Add forms to a term, each once. Returns how many. Raises ValidationError if one is none."""
    new = [form for form in chosen if form not in term.all_forms]
    if new:
        term.forms = "\n".join([*term.all_forms, *new])
        term.full_clean()
        term.save()
    return len(new)
