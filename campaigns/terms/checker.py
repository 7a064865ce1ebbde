"""Flagged terms in a text, the blockers that they cause, and two ways to resolve them: replacement or exception.

A word to avoid blocks publishing only in new or changed text. Unchanged public text is reported and blocks nothing:
a term that is added to the list must not keep a wrong number on a page.
Unpublishing is never blocked.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Max, Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from wagtail.models import DraftStateMixin, Page, RevisionMixin
from wagtail_localize.models import StringTranslation, Translation

from campaigns.models import AllowedException, Term
from campaigns.terms import markup
from campaigns.terms.markup import Line
from campaigns.terms.matching import YIELDS, Matcher, WrittenForm, fold
from campaigns.terms.passages import Passage, passages, rewrite
from core.languages.submission import as_translated

# Of two terms with the same form, an allowed expression wins, then the stricter term.
RANKS = {Term.Level.ALLOW: 3, Term.Level.AVOID: 2, Term.Level.CAUTION: 1}
# Translators: the button that leads to the terms that the terminology checker has flagged.
LABEL = pgettext_lazy("terminology checker", "Words")
# Number of characters shown around a word, and number of words named in a blocker.
AROUND = 80
NAMED = 5


class ReplacementError(Exception):
    """The word is not in a text that can be changed here. The message is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedTerm:
    """A term in a text of a page or a record."""

    passage: Passage
    line: Line
    start: int
    end: int
    term: Term
    is_public: bool = False  # the same text is public already
    kept: bool = False  # there is an allowed exception for this text

    @property
    def found(self) -> str:
        return self.line.text[self.start : self.end]

    @property
    def asks(self) -> bool:
        """True if it must be replaced, or kept for a reason, before the text is published."""
        return self.term.holds and not self.is_public and not self.kept

    @property
    def before(self) -> str:
        text = self.line.text[: self.start]
        return text if len(text) <= AROUND else "…" + text[-AROUND:]

    @property
    def after(self) -> str:
        text = self.line.text[self.end :]
        return text if len(text) <= AROUND else text[:AROUND] + "…"

    @property
    def digest(self) -> str:
        return digest_of(self.line.text)

    @property
    def key(self) -> str:
        """Identifier in forms: it changes with the text."""
        place = f"{self.passage.path}\0{self.start}\0{self.line.text}"
        return hashlib.sha256(place.encode()).hexdigest()[:24]

    @property
    def sentence(self) -> str:
        """The blocker, as a sentence."""
        says = {
            "found": self.found,
            "field": self.passage.label,
            "instead": " / ".join(self.term.replacements),
        }
        if self.term.replacements:
            return gettext("“%(found)s” (%(field)s) is a word to avoid. Instead: %(instead)s.") % says
        return gettext("“%(found)s” (%(field)s) is a word to avoid.") % says


def digest_of(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


# --- Flagged terms ---


@dataclass(frozen=True, slots=True)
class WordList:
    """The terms of a language that the checker looks for."""

    matcher: Matcher
    terms: Mapping[int, Term]


def word_list(language: str) -> WordList:
    """Return the word list of a language. One query, as long as the list does not change."""
    state = Term.objects.looked_for(language).aggregate(number=Count("pk"), last=Max("pk"), newest=Max("changed_at"))
    return _word_list(language, state["number"], state["last"], state["newest"])


@lru_cache(maxsize=64)
def _word_list(language: str, number: int, last: int | None, newest: dt.datetime | None) -> WordList:
    terms = {term.pk: term for term in Term.objects.looked_for(language)}
    return WordList(matcher(terms), terms)


def matcher(terms: Mapping[int, Term]) -> Matcher:
    """Return the matcher for the forms of terms, by key. A guess hides no term that is certain: it yields."""
    ranks = {key: YIELDS if term.is_unconfirmed else RANKS[Term.Level(term.level)] for key, term in terms.items()}
    return Matcher(WrittenForm(form, key, ranks[key]) for key, term in terms.items() for form in term.all_forms)


def terms_in(text: str, known: WordList, *, is_html: bool = False) -> list[tuple[Line, int, int, Term]]:
    """Return the terms in a text as (line, start, end, term), without those in names and quotations."""
    return [
        (line, match.start, match.end, known.terms[match.term])
        for line in markup.lines(text, is_html=is_html)
        for match in known.matcher.find(line.text)
        if known.terms[match.term].level != Term.Level.ALLOW and not line.is_quoted(match.start, match.end)
    ]


def findings(thing: Model) -> list[FlaggedTerm]:
    """Return the terms in all texts of a page or a record in this version, those first that need a decision."""
    texts = passages(thing)
    known = {language: word_list(language) for language in {passage.language for passage in texts}}
    found = [
        (passage, *each)
        for passage in texts
        for each in terms_in(passage.text, known[passage.language], is_html=passage.is_html)
    ]
    if not found:
        return []
    public, kept = public_lines(thing), allowed_exceptions(thing)
    made = [
        FlaggedTerm(
            passage=passage,
            line=line,
            start=start,
            end=end,
            term=term,
            is_public=" ".join(line.text.split()) in public,
            kept=(fold(line.text[start:end]), digest_of(line.text)) in kept,
        )
        for passage, line, start, end, term in found
    ]
    return sorted(made, key=lambda each: (not each.asks, not each.term.holds))


def public_lines(thing: Model) -> set[str]:
    """Return the lines of the public version, if there is one."""
    row = type(thing)._default_manager.filter(pk=thing.pk).first() if thing.pk else None
    if row is None or not getattr(row, "is_read_by_public", True):
        return set()
    if isinstance(row, DraftStateMixin):
        if not row.live:
            return set()
        row = row.live_revision.as_object() if row.live_revision_id else row
    return {
        " ".join(line.text.split())
        for passage in passages(row)
        for line in markup.lines(passage.text, is_html=passage.is_html)
    }


def allowed_exceptions(thing: Model) -> set[tuple[str, str]]:
    rows = of_thing(thing).values_list("found", "digest")
    return {(fold(found), digest) for found, digest in rows}


def of_thing(thing: Model) -> QuerySet[AllowedException]:
    return AllowedException.objects.filter(content_type=kind_of(thing), object_id=str(thing.pk))


def kind_of(thing: Model) -> ContentType:
    return ContentType.objects.get_for_model(thing, for_concrete_model=False)


def blockers(thing: Model) -> list[str]:
    """Return the reasons why a page or a record may not be published, as sentences for staff; empty if it may."""
    said = list(dict.fromkeys(each.sentence for each in findings(thing) if each.asks))
    if not said:
        return []
    more = len(said) - NAMED
    if more > 0:
        said[NAMED:] = [ngettext("There is %(count)d more.", "There are %(count)d more.", more) % {"count": more}]
    return [*said, gettext("Replace it under “Words”, or say there why it stays.")]


def words_url(thing: Model) -> str:
    """Return the address of the page for decisions on flagged terms."""
    meta = thing._meta
    return reverse("words", args=(meta.app_label, meta.model_name, quote(thing.pk)))


# --- Resolving flagged terms ---


def newest(thing: Model) -> Any:
    """Return the newest version of a page or a record: its draft, or the texts of its translators."""
    translation = translation_of(thing)
    if translation is not None:
        return as_translated(translation)
    return thing.get_latest_revision_as_object() if isinstance(thing, RevisionMixin) else thing


def translation_of(thing: Model) -> Translation | None:
    if not isinstance(thing, Page):
        return None
    return (
        Translation.objects.filter(source__object_id=thing.translation_key, target_locale=thing.locale_id, enabled=True)
        .select_related("source", "target_locale")
        .first()
    )


@transaction.atomic
def replace(*, thing: Model, chosen: Mapping[str, str], by: AbstractBaseUser | AnonymousUser | None) -> int:
    """Replace flagged terms by the chosen words, by key, save the result as a draft, and return their number.

    Raise ReplacementError if none of them is in a text that is stored with `thing`.
    """
    latest = newest(thing)
    wanted = [each for each in findings(latest) if each.key in chosen and chosen[each.key].strip()]
    here = [each for each in wanted if each.passage.owner is None]
    translation = translation_of(thing)
    if translation is not None:
        done = _replace_in_translation(translation, here, chosen, by)
    else:
        done = _replace_in_draft(latest, here, chosen, by)
    if not done:
        raise ReplacementError(gettext("Nothing was replaced. The text has changed since, or it is kept elsewhere."))
    return done


def _replace_in_draft(
    latest: Model,
    wanted: Sequence[FlaggedTerm],
    chosen: Mapping[str, str],
    by: AbstractBaseUser | AnonymousUser | None,
) -> int:
    by_path: dict[str, list[FlaggedTerm]] = {}
    for each in wanted:
        by_path.setdefault(each.passage.path, []).append(each)

    def change(passage: Passage) -> str:
        return _changed(passage.text, by_path.get(passage.path, ()), chosen, is_html=passage.is_html)

    rewrite(latest, change)
    if isinstance(latest, RevisionMixin):
        latest.save_revision(user=by, log_action=True, clean=False)
    elif wanted:
        latest.full_clean()
        latest.save()
    return len(wanted)


def _changed(text: str, wanted: Iterable[FlaggedTerm], chosen: Mapping[str, str], *, is_html: bool) -> str:
    """Return a text with its flagged terms replaced, from last to first, so that earlier positions stay valid."""
    for each in sorted(wanted, key=lambda found: found.line.place(found.start), reverse=True):
        words = like(each.found, chosen[each.key].strip())
        text = markup.replace(text, each.line, each.start, each.end, words, is_html=is_html)
    return text


def like(found: str, words: str) -> str:
    """Return the words with a capital letter if the replaced word had one."""
    return words[0].upper() + words[1:] if found[:1].isupper() and words[:1].islower() else words


def _replace_in_translation(
    translation: Translation,
    wanted: Sequence[FlaggedTerm],
    chosen: Mapping[str, str],
    by: AbstractBaseUser | AnonymousUser | None,
) -> int:
    """Replace terms in the translators' texts, from which the page is generated the next time."""
    rows = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale=translation.target_locale_id
    ).select_for_update(of=("self",))
    left = {each.key: each for each in wanted}
    for row in rows:
        lines = {" ".join(line.text.split()): line for line in markup.lines(row.data, is_html=True)}
        here = []
        for key, each in tuple(left.items()):
            line = lines.get(" ".join(each.line.text.split()))
            if line is not None and line.text[each.start : each.end] == each.found:
                here.append((line, left.pop(key)))
        data = row.data
        for line, each in sorted(here, key=lambda pair: pair[1].start, reverse=True):
            words = like(each.found, chosen[each.key].strip())
            data = markup.replace(data, line, each.start, each.end, words, is_html=True)
        if data != row.data:
            row.data, row.last_translated_by = data, by
            row.save()
    return len(wanted) - len(left)


@transaction.atomic
def keep(*, thing: Model, keys: Iterable[str], reason: str, by: Any) -> int:
    """Store exceptions for words in a text, with a reason, and return their number."""
    asked = set(keys)
    known = allowed_exceptions(thing)
    done = 0
    for each in findings(newest(thing)):
        entry = (fold(each.found), each.digest)
        if each.key not in asked or entry in known:
            continue
        known.add(entry)
        AllowedException.objects.create(
            content_type=kind_of(thing),
            object_id=str(thing.pk),
            title=str(thing)[:300],
            language=each.passage.language,
            term=each.term,
            found=each.found[:300],
            text=each.line.text.strip(),
            digest=each.digest,
            reason=reason,
            by=by,
        )
        done += 1
    return done


# --- For translators and machine translation ---


def glossary(source: str, target: str) -> list[tuple[str, str]]:
    """Return the preferred translation of each term: (word in `source`, word in `target`)."""
    rows = Term.objects.filter(level=Term.Level.USE, language__in=(source, target)).exclude(word="")
    said: dict[str, dict[str, Term]] = {}
    for row in rows:
        said.setdefault(row.concept, {})[row.language] = row
    return [
        (word, by_language[target].synonyms[0])
        for by_language in said.values()
        if source in by_language and target in by_language
        for word in by_language[source].synonyms
    ]
