"""Texts of materials, designs and partners for translators: rows with the code of their language.

The history of a material covers all languages; that of one language is extracted from it.
Text alternatives and transcripts are not translated: they describe a file in its own language, and come with it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from campaigns.models import ActivityText, DesignText, Material, MaterialText, PartnerText, Theme
from core.languages.wordings import MOST_VERSIONS, PastWords, Wording, WordingRow


class RecordWording(Wording):
    """Texts that are children of a record, with the code of their language. `shared` names the record field."""

    @property
    def record(self) -> str:
        return self.shared[0]

    def in_language(self, rows: QuerySet[Any], code: str) -> QuerySet[Any]:
        return rows.filter(language=code)

    def key_of(self, row: Any) -> Any:
        return getattr(row, f"{self.record}_id")

    def translations_of(self, source: Any) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{f"{self.record}_id": self.key_of(source)})

    def page_key(self, source: Any) -> UUID | None:
        key: UUID | None = getattr(getattr(source, self.record), "campaign_key", None)
        return key

    def made_from(self, translation: Any) -> Mapping[str, str]:
        # Texts of a design have no `made_from`.
        known: dict[str, str] = getattr(translation, "made_from", {})
        return known

    @transaction.atomic
    def save(self, *, source: Any, locale: Locale, words: Mapping[str, str], by: Any, submit: bool) -> Any:
        text = self.write(source, locale, words)
        getattr(source, self.record).save()  # pages refer to the record, not to its texts: saving it renders them again
        return text

    def write(self, source: Any, locale: Locale, words: Mapping[str, str]) -> Any:
        """Save the texts without their record."""
        text = self.row(source, locale).translation or self.model(
            **{self.record: getattr(source, self.record), "language": locale.language_code}
        )
        for name, said in words.items():
            setattr(text, name, said)
        if hasattr(text, "made_from"):
            text.made_from = source.words()
        text.full_clean()
        text.save()
        return text


class MaterialWording(RecordWording):
    """Texts of a material, which has drafts."""

    def past(self, row: WordingRow, locale: Locale) -> list[PastWords]:
        versions = row.source.material.revisions.order_by("-created_at").select_related("user")
        return self.compared(self._versions(versions[:MOST_VERSIONS], locale.language_code))

    @staticmethod
    def _versions(revisions: QuerySet[Any], code: str) -> Iterator[tuple[datetime, Any, Mapping[str, Any]]]:
        for each in revisions:
            texts = each.content.get("texts", [])
            yield each.created_at, each.user, next((t for t in texts if t.get("language") == code), {})

    @transaction.atomic
    def save(self, *, source: Any, locale: Locale, words: Mapping[str, str], by: Any, submit: bool) -> Any:
        """Add the texts to the newest version, which is published unless it is an unpublished draft."""
        material = Material.objects.select_for_update().get(pk=source.material_id)
        has_draft = material.has_unpublished_changes
        text = self.write(source, locale, words)
        newest = material.get_latest_revision_as_object()
        others = [each for each in newest.texts.all() if each.language != text.language]
        newest.texts = [*others, text]
        revision = newest.save_revision(user=by, log_action=True)
        if not has_draft:
            # Wagtail checks permission to change the whole material; the caller has checked the language.
            revision.publish(user=by, skip_permission_checks=True)
        return text


MATERIALS = MaterialWording(
    key="materials",
    title=_("Materials"),
    model=MaterialText,
    fields=MaterialText.WORDS,
    shared=("material",),
    sources=lambda: MaterialText.objects.filter(material__live=True),
)


class DesignWording(RecordWording):
    """Texts on outputs of the studio. They are saved immediately, and drawn with the next batch."""

    def save(self, *, source: Any, locale: Locale, words: Mapping[str, str], by: Any, submit: bool) -> Any:
        return self.write(source, locale, words)


DESIGNS = DesignWording(
    key="designs",
    title=_("Words on posters, cards and leaflets"),
    model=DesignText,
    fields=("headline", "text", "call", "pages", "alt_text"),
    shared=("design",),
    sources=lambda: DesignText.objects.select_related("design__material"),
)


PARTNERS = RecordWording(
    key="partners",
    title=_("Words about partners"),
    model=PartnerText,
    fields=PartnerText.WORDS,
    shared=("partner",),
)
ACTIVITIES = RecordWording(
    key="activities",
    title=_("Activities of partners"),
    model=ActivityText,
    fields=ActivityText.WORDS,
    shared=("activity",),
    sources=lambda: ActivityText.objects.prefetch_related("activity__texts"),  # which name it
)
THEMES = Wording(key="themes", title=_("Themes"), model=Theme, fields=("name",))
WORDINGS = (MATERIALS, DESIGNS, PARTNERS, ACTIVITIES, THEMES)
