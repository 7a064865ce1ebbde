"""Reports on public texts, as terms are added to the list after texts were published."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import Model, prefetch_related_objects
from wagtail.models import Page

from campaigns.models import AllowedException, Material, Term
from campaigns.terms import markup
from campaigns.terms.checker import WordList, digest_of, kind_of, terms_in, word_list
from campaigns.terms.matching import STOP, Matcher, WrittenForm, fold, readings, tokens, without_article
from campaigns.terms.passages import Passage, own_passages
from core.languages import tree

CHUNK = 200


class PublicWord(NamedTuple):
    """A public word to avoid: its record, text and term, and the exception if there is one."""

    thing: Model
    passage: Passage
    found: str
    line: str
    term: Term
    kept: AllowedException | None


def public_pages(language: str = "") -> Iterator[tuple[Page, list[Passage]]]:
    """Yield each public page with its texts, in one language or in all. The queries do not grow with the texts."""
    pages = tree.public_pages()
    if language:
        pages = pages.filter(locale__language_code=language)
    keys = list(pages.order_by("path").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        found = [*Page.objects.filter(pk__in=keys[start : start + CHUNK]).order_by("path").specific()]
        prefetch_related_objects(found, "locale")
        for page in found:
            yield page, own_passages(page)


def public_texts(language: str) -> Iterator[tuple[Model, Passage]]:
    """Yield each public text in a language: of pages, and of published materials."""
    for page, passages in public_pages(language):
        for passage in passages:
            yield page, passage
    for material in Material.objects.filter(live=True).prefetch_related("texts", "files"):
        for passage in own_passages(material):
            if passage.language == language:
                yield material, passage


def words_to_avoid(language: str) -> list[PublicWord]:
    """Return the public words to avoid in a language, those without an exception first."""
    known = word_list(language)
    reasons = {
        (row.content_type_id, row.object_id, fold(row.found), row.digest): row
        for row in AllowedException.objects.filter(language=language).select_related("by").order_by("at")
    }
    found = [made for thing, passage in public_texts(language) for made in _in_text(thing, passage, known, reasons)]
    return sorted(found, key=lambda each: each.kept is not None)


def _in_text(
    thing: Model,
    passage: Passage,
    known: WordList,
    reasons: dict[tuple[int, str, str, str], AllowedException],
) -> Iterator[PublicWord]:
    for line, start, end, term in terms_in(passage.text, known, is_html=passage.is_html):
        if not term.holds:
            continue
        said = line.text[start:end]
        key = (kind_of(thing).pk, str(thing.pk), fold(said), digest_of(line.text))
        yield PublicWord(thing, passage, said, line.text.strip(), term, reasons.get(key))


# Number of letters at the end of a word that may differ, and number at its beginning that must agree.
ENDING, BEGINNING = 3, 4
# Maximum number of proposals.
MOST = 40
AROUND = 50


class ProposedForm(NamedTuple):
    """An expression found in texts, its frequency, and the context of its first occurrence."""

    text: str
    times: int
    before: str
    after: str


def beginning(word: str) -> str:
    """Return the letters that other forms of this word must begin with; the whole word if it is short."""
    return word[: max(BEGINNING, len(word) - ENDING)]


def stems_of(term: Term) -> list[list[str]]:
    """Return the beginnings of the words of each form, without forms that match every ending already."""
    found = []
    for form in term.all_forms:
        if not form.endswith("*"):
            words = [without_article(token.word) for token in tokens(form) if token.word != STOP]
            found.append([beginning(word) for word in words])
    return [stems for stems in found if stems]


def proposals(term: Term) -> list[ProposedForm]:
    """Return unlisted forms of a term in public texts, the most frequent first."""
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
        found.append(ProposedForm(said, count, text[max(0, at - AROUND) : at], text[at + len(said) :][:AROUND]))
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
    """Add new forms to a term and return their number. Raise ValidationError if one is invalid."""
    new = [form for form in chosen if form not in term.all_forms]
    if new:
        term.forms = "\n".join([*term.all_forms, *new])
        term.full_clean()
        term.save()
    return len(new)
