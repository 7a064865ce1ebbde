from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import LockableMixin, RevisionMixin, TranslatableMixin, WorkflowMixin
from wagtail_localize.fields import SynchronizedField, TranslatableField

from core.publishing import publication_checks
from helpline.approval.mixins import TwoPersonApproval
from helpline.approval.rule import NotApprovedError
from helpline.approval.versions import BOOKKEEPING
from helpline.records.querysets import TextQuerySet


class ApprovedText(TranslatableMixin, WorkflowMixin, TwoPersonApproval, LockableMixin, RevisionMixin):
    """Words in one language, approved separately from the listing."""

    class Meta(TranslatableMixin.Meta):
        abstract = True
        base_manager_name = "objects"

    def visibility_blockers(self) -> Iterator[str]:
        yield from super().visibility_blockers()
        yield from publication_checks.blockers(self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, but never change published words.

        wagtail-localize writes new words to the row before it saves a revision, which keeps them.
        """
        try:
            super().save(*args, **kwargs)
        except NotApprovedError:
            super().save(update_fields=sorted(BOOKKEEPING & {field.name for field in self._meta.fields}))


class ProgrammeText(ApprovedText):
    """Description of a programme in one language, approved separately.

    It never holds numbers or opening hours.
    """

    programme = models.ForeignKey(
        "helpline.Programme",
        verbose_name=_("programme"),
        to_field="uuid",
        on_delete=models.CASCADE,
        related_name="texts",
    )
    summary = models.TextField(_("what it is"), max_length=600, help_text=_("Two or three plain sentences."))
    contact = models.TextField(
        _("what happens when you make contact"),
        max_length=1000,
        blank=True,
        help_text=_("What they ask, and what comes next."),
    )
    answers = models.CharField(
        _("who answers"), max_length=300, blank=True, help_text=_("Trained advisers, psychologists …")
    )
    not_for = models.CharField(
        _("who it is not for"),
        max_length=300,
        blank=True,
        help_text=_("What the codes of the programme cannot express."),
    )
    note = models.TextField(
        _("unconfirmed note"),
        max_length=1000,
        blank=True,
        help_text=_(
            "From a public page. Shown as “not confirmed” until confidentiality has been reviewed; then clear it."
        ),
    )
    operator = models.CharField(
        _("operator"),
        max_length=200,
        blank=True,
        help_text=_("Only if the operator has an official name in this language other than that of the programme."),
    )

    objects = TextQuerySet.as_manager()

    panels = [
        FieldPanel("programme"),
        FieldPanel("summary"),
        FieldPanel("contact"),
        FieldPanel("answers"),
        FieldPanel("not_for"),
        FieldPanel("note"),
        FieldPanel("operator"),
    ]
    translatable_fields = [
        SynchronizedField("programme", overridable=False),
        TranslatableField("summary"),
        TranslatableField("contact"),
        TranslatableField("answers"),
        TranslatableField("not_for"),
        TranslatableField("note"),
        TranslatableField("operator"),
    ]

    class Meta(ApprovedText.Meta):
        verbose_name = _("text of a programme")
        verbose_name_plural = _("texts of programmes")
        constraints = [
            models.UniqueConstraint(fields=("programme", "locale"), name="one_text_of_a_programme_for_each_language")
        ]

    def __str__(self) -> str:
        return f"{self.programme} ({self.locale.language_code})"
