"""Wordings: texts of the admin that are not pages, such as texts of programmes and laws, and names of themes.

A translator sees the texts of one language, and no other fields.

An app declares which fields of which model are words (`core.declarations`):

    THEMES = Wording(key="themes", title=_("Themes"), model=Theme, fields=("name",))

The model is a `TranslatableMixin`.
If it has drafts, a translation is one, and is submitted for review where a workflow is set; otherwise it is live when
saved.
Words that are stored in another way have a subclass of `Wording`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.compare import diff_text
from wagtail.models import DraftStateMixin, Locale, RevisionMixin, WorkflowMixin, WorkflowState

from core import declarations
from core.languages.lazy import StrOrPromise


class WordingState(models.TextChoices):
    MISSING = "missing", _("not translated")
    CHANGED = "changed", _("its source has changed since")
    DRAFT = "draft", _("a draft, not submitted")
    WAITING = "waiting", _("submitted")
    DONE = "done", _("translated")


# The maximum number of versions of a text in the history.
MOST_VERSIONS = 100
# States that a translator can resolve.
TO_DO = (WordingState.MISSING, WordingState.CHANGED, WordingState.DRAFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one model.

    `shared` are the fields that a translation takes from its source as they are.
    """

    key: str
    title: StrOrPromise
    model: type[Any]
    fields: tuple[str, ...]
    shared: tuple[str, ...] = ()
    # Returns the rows of the source language that need a translation; without this function, all of them do.
    sources: Callable[[], QuerySet[Any]] | None = None
    # Called with a saved translation and the translator, for the history.
    note: Callable[[Any, Any], None] | None = None

    @property
    def has_drafts(self) -> bool:
        return issubclass(self.model, DraftStateMixin)

    @property
    def is_reviewed(self) -> bool:
        return issubclass(self.model, WorkflowMixin)

    def rows(self, locale: Locale) -> list[WordingRow]:
        """Return each source with its translation, those first that wait for a translator.

        A fixed number of queries.
        """
        known = self._with_related(self.in_language(self.model._default_manager.all(), locale.language_code))
        translations = {self.key_of(row): row for row in known}
        waiting = self._waiting(translations)
        rows = [
            WordingRow(
                wording=self,
                source=source,
                translation=translations.get(self.key_of(source)),
                is_waiting=self.key_of(source) in waiting,
            )
            for source in self._with_related(self._sources())
        ]
        return sorted(rows, key=lambda row: (row.state not in TO_DO, row.title.casefold()))

    def _with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        related = [name for name in self.shared if self.model._meta.get_field(name).is_relation]
        related += ["latest_revision"] if self.has_drafts else []
        return rows.select_related(*related) if related else rows

    def _waiting(self, translations: Mapping[Any, Any]) -> set[Any]:
        if not issubclass(self.model, WorkflowMixin):
            return set()
        keys = {str(row.pk): key for key, row in translations.items()}
        found = WorkflowState.objects.active().filter(
            base_content_type=ContentType.objects.get_for_model(self.model, for_concrete_model=False),
            object_id__in=keys,
        )
        return {keys[pk] for pk in found.values_list("object_id", flat=True)}

    def row(self, source: Any, locale: Locale) -> WordingRow:
        translation = self.in_language(self.translations_of(source), locale.language_code).first()
        waiting = self._waiting({self.key_of(source): translation} if translation else {})
        return WordingRow(wording=self, source=source, translation=translation, is_waiting=bool(waiting))

    def source(self, pk: int) -> Any:
        """Return the row of the source language with this key, or None."""
        return self._sources().filter(pk=pk).first()

    def all_sources(self) -> QuerySet[Any]:
        """Return the rows of the source language."""
        return self._with_related(self._sources())

    def page_key(self, source: Any) -> UUID | None:
        """Return the translation key of the page that a source belongs to, if it belongs to one."""
        return None

    def _sources(self) -> QuerySet[Any]:
        found = self.sources() if self.sources else self.model._default_manager.all()
        return self.in_language(found, settings.LANGUAGE_CODE)

    # --- The language of a row, and its source ---

    def in_language(self, rows: QuerySet[Any], code: str) -> QuerySet[Any]:
        return rows.filter(locale__language_code=code)

    def key_of(self, row: Any) -> Any:
        """Return the key that a source and its translations share."""
        return row.translation_key

    def translations_of(self, source: Any) -> QuerySet[Any]:
        return self.model._default_manager.filter(translation_key=source.translation_key)

    def made_from(self, translation: Any) -> Mapping[str, str]:
        """Return the source words that a translation was made from, by field.

        A translation without any never becomes outdated.
        """
        return {}

    def past(self, row: WordingRow, locale: Locale) -> list[PastWords]:
        """Return the versions in this language, newest first."""
        if row.translation is None or not issubclass(self.model, RevisionMixin):
            return []
        versions = row.translation.revisions.order_by("-created_at")[:MOST_VERSIONS]
        return self.compared((each.created_at, each.user, each.content) for each in versions.select_related("user"))

    def compared(self, versions: Iterable[tuple[datetime, Any, Mapping[str, object]]]) -> list[PastWords]:
        """Turn versions, newest first, into the changes of each of them."""
        known = [*versions]
        predecessors = [*(words for _at, _by, words in known[1:]), {}]
        found = []
        for (at, by, after), before in zip(known, predecessors, strict=False):
            words = tuple(
                (
                    self.model._meta.get_field(name).verbose_name,
                    diff_text(before.get(name) or "", after.get(name) or "").to_html(),
                )
                for name in self.fields
                if (before.get(name) or "") != (after.get(name) or "")
            )
            if words:
                found.append(PastWords(at=at, by=by, words=words))
        return found

    def save(self, *, source: Any, locale: Locale, words: Mapping[str, str], by: Any, submit: bool) -> Any:
        """Save the words as the translation of a source, and submit it.

        Raises ValidationError if they are not valid.
        """
        stored = self.row(source, locale).translation
        row = stored or self.model(translation_key=source.translation_key, locale=locale)
        if stored is not None and self.has_drafts:
            row = stored.get_latest_revision_as_object()
        for name in self.shared:
            setattr(row, name, getattr(source, name))
        for name in self.fields:
            setattr(row, name, words[name])
        if not self.has_drafts:
            row.full_clean()
            row.save()
            return row
        if stored is None:
            row.live = False
            row.full_clean()
            row.save()
        row.full_clean()
        revision = row.save_revision(user=by, log_action=True)
        if self.note:
            self.note(row, by)
        if submit and not isinstance(row, WorkflowMixin):
            # Wagtail checks a permission for all languages; callers check the one for this language.
            revision.publish(user=by, skip_permission_checks=True)
        elif submit and not row.workflow_in_progress and (workflow := row.get_workflow()):
            workflow.start(row, by)
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class PastWords:
    """An earlier version of the words: the changed ones, each as a difference to its predecessor."""

    at: datetime
    by: Any
    words: tuple[tuple[StrOrPromise, SafeString], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingRow:
    """A source and its translation into one language."""

    wording: Wording
    source: Any
    translation: Any
    is_waiting: bool

    @property
    def title(self) -> str:
        fields = self.source._meta
        about = [name for name in self.wording.shared if fields.get_field(name).is_relation]
        return str(getattr(self.source, (about or self.wording.fields)[0]))

    @property
    def state(self) -> WordingState:
        if self.translation is None:
            return WordingState.MISSING
        if not self.wording.has_drafts:
            return WordingState.CHANGED if self.changed_fields else WordingState.DONE
        if self.is_waiting:
            return WordingState.WAITING
        if self.translation.has_unpublished_changes or not self.translation.live:
            return WordingState.DRAFT
        written = self.translation.latest_revision and self.translation.latest_revision.created_at
        changed = self.source.last_published_at
        return WordingState.CHANGED if written and changed and changed > written else WordingState.DONE

    @property
    def changed_at(self) -> datetime | None:
        """The time when the source was last published, if it has drafts."""
        return getattr(self.source, "last_published_at", None)

    @property
    def is_to_do(self) -> bool:
        return self.state in TO_DO

    @property
    def made_from(self) -> Mapping[str, str]:
        """The source words that the translation was made from, as far as they are stored."""
        return self.wording.made_from(self.translation) if self.translation is not None else {}

    @property
    def changed_fields(self) -> list[str]:
        """The fields whose source has changed since the translation was made."""
        known = self.made_from
        return [name for name, _label, now in self.words() if name in known and differ(known[name], now)]

    def difference(self, name: str, now: str) -> SafeString | None:
        """The changes of a field's source since it was translated, in HTML; None if there are none."""
        before = self.made_from.get(name, now)
        return diff_text(before, now).to_html() if differ(before, now) else None

    @property
    def newest(self) -> Any:
        """The newest version of the translation, or None."""
        if self.translation is None or not self.wording.has_drafts:
            return self.translation
        return self.translation.get_latest_revision_as_object()

    @property
    def state_of_words(self) -> str:
        """A fingerprint of source and translation, by which a form detects an edit conflict."""
        newest = self.newest
        there = [getattr(newest, name, "") for name in self.wording.fields] if newest is not None else []
        said = json.dumps([*(now for _name, _label, now in self.words()), there])
        return blake2b(said.encode(), digest_size=8).hexdigest()

    def words(self) -> Iterator[tuple[str, StrOrPromise, str]]:
        """Yield the name, the label and the source text of each field that has words."""
        source = self.source.get_latest_revision_as_object() if self.wording.has_drafts else self.source
        for name in self.wording.fields:
            field = self.source._meta.get_field(name)
            yield name, field.verbose_name, getattr(source, name)


def differ(one: str, other: str) -> bool:
    """Return whether two texts have different words.

    Spaces and line ends, which forms change, do not count.
    """
    return one.split() != other.split()


def declared() -> Sequence[Wording]:
    """Return the words of all apps."""
    return declarations.collect("wordings")
