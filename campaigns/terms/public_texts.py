"""What the public reads now, text by text: terms are added to the list after texts were published."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import prefetch_related_objects
from wagtail.models import Page

from campaigns.models import KeptWord, Material, Term
from campaigns.terms.checker import WordList, digest_of, kind_of, terms_in, word_list
from campaigns.terms.passages import Passage, own_passages
from campaigns.terms.words import fold
from core.languages import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

CHUNK = 200


class PublicWord(NamedTuple):
    """A word to avoid that the public reads: where, in which text, and the reason if somebody gave one."""

    thing: Model
    passage: Passage
    found: str
    line: str
    term: Term
    kept: KeptWord | None


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
    """Yield each text that the public reads in a language: of pages, and of published materials."""
    for page, passages in public_pages(language):
        for passage in passages:
            yield page, passage
    for material in Material.objects.filter(live=True).prefetch_related("texts", "files"):
        for passage in own_passages(material):
            if passage.language == language:
                yield material, passage


def words_to_avoid(language: str) -> list[PublicWord]:
    """Return the words to avoid that the public reads in a language, those first for which nobody has given a reason."""
    known = word_list(language)
    reasons = {
        (row.content_type_id, row.object_id, fold(row.found), row.digest): row
        for row in KeptWord.objects.filter(language=language).select_related("by").order_by("at")
    }
    found = [
        made for thing, passage in public_texts(language) for made in _in_text(thing, passage, known, reasons)
    ]
    return sorted(found, key=lambda each: each.kept is not None)


def _in_text(
    thing: Model, passage: Passage, known: WordList, reasons: dict[tuple[int, str, str, str], KeptWord]
) -> Iterator[PublicWord]:
    for line, start, end, term in terms_in(passage.text, known, is_html=passage.is_html):
        if term.level != Term.Level.AVOID:
            continue
        said = line.text[start:end]
        key = (kind_of(thing).pk, str(thing.pk), fold(said), digest_of(line.text))
        yield PublicWord(thing, passage, said, line.text.strip(), term, reasons.get(key))
