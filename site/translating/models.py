"""Subjects of translation, and their progress: a row for each subject, and a cell for each of its languages.

Subjects and cells are derived from the pages and texts themselves (`translating.states`), and `manage.py translations`
rebuilds them.
Users' decisions have separate tables: due dates, languages that are not wanted, and actions on many cells.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# The kind of a subject that is a page; the others are the keys of registered wordings.
PAGES = "pages"


class CellState(models.TextChoices):
    MISSING = "missing", pgettext_lazy("state of a translation", "missing")
    IN_WORK = "in_work", pgettext_lazy("state of a translation", "in work")
    MACHINE = "machine", pgettext_lazy("state of a translation", "by a machine, not reviewed")
    DOUBTFUL = "doubtful", pgettext_lazy("state of a translation", "doubtful")
    WHOLE = "whole", pgettext_lazy("state of a translation", "whole, not public")
    STALE = "stale", pgettext_lazy("state of a translation", "out of date")
    PUBLIC = "public", pgettext_lazy("state of a translation", "public")
    NOT_WANTED = "not_wanted", pgettext_lazy("state of a translation", "not wanted")


class Subject(models.Model):
    """An object that is translated as a whole: a page, the texts of a material, the name of a theme."""

    wagtail_reference_index_ignore = True

    kind = models.CharField(max_length=50)
    # Key that its versions in all languages share, as text: a translation key, or the key of a wording.
    key = models.CharField(max_length=64)
    # The row in the source language: of a page, or of the model of the wording.
    source_pk = models.PositiveBigIntegerField()
    title = models.CharField(_("title"), max_length=255)
    # Position in the tree of the source language: the tree path of the page itself, or of the page that it belongs to.
    path = models.CharField(max_length=255, blank=True, db_index=True)
    words = models.PositiveIntegerField(_("words"), default=0)
    # Of a page: whether it is public, has a newer draft, and takes two people to approve.
    live = models.BooleanField(default=True)
    has_draft = models.BooleanField(default=False)
    needs_second_person = models.BooleanField(default=False)

    class Meta:
        ordering = ("kind", "path", "title", "pk")
        verbose_name = _("thing to translate")
        verbose_name_plural = _("things to translate")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_subject")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_page(self) -> bool:
        return self.kind == PAGES


class CellQuerySet(models.QuerySet["Cell"]):
    def in_languages(self, codes: Iterable[str]) -> CellQuerySet:
        return self.filter(locale__language_code__in=codes)

    def with_subjects(self) -> CellQuerySet:
        return self.select_related("subject", "locale")


class Cell(models.Model):
    """Progress of a subject in one language."""

    wagtail_reference_index_ignore = True

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="cells")
    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(_("state"), max_length=20, choices=CellState, default=CellState.MISSING)
    # Numbers of texts: all, untranslated ones, machine translations, and those that their translators doubt.
    total = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    machine = models.PositiveIntegerField(default=0)
    doubtful = models.PositiveIntegerField(default=0, db_default=0)
    words_left = models.PositiveIntegerField(default=0)
    # Texts that are left and were translated before their source changed.
    changed = models.PositiveIntegerField(default=0)
    stale_since = models.DateTimeField(null=True)
    # Since when something waits for a translator: it was sent, or has changed.
    waits_since = models.DateTimeField(null=True)
    is_public = models.BooleanField(default=False)
    # Submitted, and not decided.
    waits = models.BooleanField(default=False)
    # The page in this language, and wagtail-localize's record of its translation; empty where there is none.
    page_pk = models.PositiveBigIntegerField(null=True)
    translation_pk = models.PositiveBigIntegerField(null=True)
    due = models.DateField(_("due"), null=True)

    objects = CellQuerySet.as_manager()

    class Meta:
        ordering = ("subject", "locale")
        verbose_name = _("state of a translation")
        verbose_name_plural = _("states of translations")
        constraints = [models.UniqueConstraint(fields=["subject", "locale"], name="one_cell")]
        indexes = [models.Index(fields=["locale", "state"], name="cells_by_state")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.locale_id}): {self.state}"

    @property
    def done(self) -> int:
        return self.total - self.left


class StaleSubject(models.Model):
    """A change after which the cells of a subject have not been written yet.

    Written in the transaction of the change, so that neither exists without the other; append-only, so that changes do
    not wait for each other.
    """

    wagtail_reference_index_ignore = True

    kind = models.CharField(max_length=50)
    key = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("change of a thing to translate")
        verbose_name_plural = _("changes of things to translate")

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class DueDate(models.Model):
    """Due date of a page, all pages below it and everything that belongs to it, in one language."""

    wagtail_reference_index_ignore = True

    page_key = models.UUIDField()
    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("due"))

    class Meta:
        verbose_name = _("due date of translations")
        verbose_name_plural = _("due dates of translations")
        constraints = [models.UniqueConstraint(fields=["page_key", "locale"], name="one_due_date")]

    def __str__(self) -> str:
        return f"{self.page_key} ({self.locale_id}): {self.day}"


class NotWanted(models.Model):
    """A subject that is not wanted in one language, with the reason."""

    wagtail_reference_index_ignore = True

    kind = models.CharField(max_length=50)
    key = models.CharField(max_length=64)
    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("translation that is not wanted")
        verbose_name_plural = _("translations that are not wanted")
        constraints = [models.UniqueConstraint(fields=["kind", "key", "locale"], name="not_wanted_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.locale_id}): {self.reason}"


class TranslationRun(models.Model):
    """An action on many cells.

    The worker carries it out, step by step.
    """

    wagtail_reference_index_ignore = True

    class Action(models.TextChoices):
        SEND = "send", _("Send to translators")
        PUBLISH = "publish", _("Publish what is whole")
        PUBLISH_ALL = "publish_all", _("Publish the source and what is whole")

    action = models.CharField(_("action"), max_length=20, choices=Action)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("action on many translations")
        verbose_name_plural = _("actions on many translations")

    def __str__(self) -> str:
        return f"{self.get_action_display()} ({self.pk})"


class TranslationStep(models.Model):
    """One subject in one language of a run; without a language, its source."""

    wagtail_reference_index_ignore = True

    class Outcome(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("a step of an action", "waiting")
        DONE = "done", pgettext_lazy("a step of an action", "done")
        LEFT = "left", pgettext_lazy("a step of an action", "not done")

    run = models.ForeignKey(TranslationRun, on_delete=models.CASCADE, related_name="steps")
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+")
    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.CASCADE, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("step of an action")
        verbose_name_plural = _("steps of an action")

    def __str__(self) -> str:
        return f"{self.subject_id} ({self.locale_id}): {self.outcome}"


class DigestSent(models.Model):
    """Time of the last mail to a translator: one mail a day at most."""

    wagtail_reference_index_ignore = True

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("mail to a translator")
        verbose_name_plural = _("mails to translators")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.at}"
