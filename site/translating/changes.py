"""Signals that make a cell stale: changes of a page or text, of a translation, of a review, of a language."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from wagtail import signals
from wagtail.models import Locale, Page, WorkflowState
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from core.declarations import Receiver
from core.languages import wordings
from core.languages.changes import follow
from core.models import KeptText, LanguageState
from translating import states, tasks
from translating.models import PAGES, Subject


def note_changed(sender: object, instance: Any, **kwargs: Any) -> None:
    """Note the subject whose cells are stale after a row was saved or deleted."""
    if kwargs.get("raw"):
        return
    if isinstance(instance, LanguageState | Locale):
        states.note_all()  # all subjects have a cell more, or one less
        transaction.on_commit(tasks.write_noted.enqueue, robust=True)
    elif isinstance(instance, WorkflowState):
        if (about := instance.content_object) is not None:
            note_changed(type(about), about)
    elif isinstance(instance, KeptText):
        states.note(instance.kind, instance.key)
    elif (key := page_key(instance)) is not None:
        states.note(PAGES, key)
    else:
        for wording in wordings.declared():
            if isinstance(instance, wording.model):
                states.note(wording.key, wording.key_of(instance))


def page_key(instance: Any) -> UUID | None:
    """Return the translation key of the page that a row belongs to; None if there is none."""
    found: UUID | None = None
    if isinstance(instance, Page):
        found = instance.translation_key
    elif isinstance(instance, StringTranslation):
        found = instance.context.object_id if instance.context else None
    elif isinstance(instance, Translation):
        found = instance.source.object_id
    elif isinstance(instance, TranslationSource):
        found = instance.object_id
    return found


def note_published(sender: object, instance: Page, **kwargs: Any) -> None:
    """Update the texts to translate from a source page that was just published."""
    if instance.locale.language_code == settings.LANGUAGE_CODE and not instance.alias_of_id:
        follow(instance)


def note_moved(sender: object, instance: Page, **kwargs: Any) -> None:
    """Note everything that was moved with a page: the order of the table is that of the tree."""
    before = kwargs["instance_before"].path if "instance_before" in kwargs else ""
    for page in instance.get_descendants(inclusive=True).only("translation_key"):
        states.note(PAGES, page.translation_key)
    for kind, key in (
        Subject.objects.filter(path__startswith=before or instance.path).exclude(kind=PAGES).values_list("kind", "key")
    ):
        states.note(kind, key)


RECEIVERS = (
    Receiver(signal=post_save, function=note_changed),
    Receiver(signal=post_delete, function=note_changed),
    Receiver(signal=signals.page_published, function=note_published),
    Receiver(signal=signals.post_page_move, function=note_moved),
)
