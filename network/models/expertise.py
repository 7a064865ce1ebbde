from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel
from wagtail.models import DraftStateMixin, RevisionMixin, TranslatableMixin
from wagtail_localize.fields import SynchronizedField

from core.languages import names
from network.models.members import Member


class ExpertiseQuerySet(models.QuerySet["Expertise"]):
    def named(self, language: str) -> dict[str, str]:
        """Return code → name in `language`, or in the source language until translated; sorted by name. One query."""
        rows = self.filter(
            live=True, locale__language_code__in={language, settings.LANGUAGE_CODE}
        ).values_list("code", "name", "locale__language_code")
        # The reader's own language comes last and so wins.
        found = {code: name for code, name, _ in sorted(rows, key=lambda row: row[2] == language)}
        return dict(sorted(found.items(), key=lambda item: names.sort_key(item[1])))


class Expertise(TranslatableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """A field of work, such as treatment or online safety. Members refer to it by its code, which is the same in every language."""

    code = models.SlugField(
        _("code"),
        max_length=40,
        help_text=_("Used in addresses, and the same in every language. It cannot be changed later."),
    )
    name = models.CharField(_("name"), max_length=80)

    panels = [FieldPanel("name"), FieldPanel("code")]

    # Members refer to the code.
    override_translatable_fields = [SynchronizedField("code")]

    objects = ExpertiseQuerySet.as_manager()

    class Meta(TranslatableMixin.Meta):
        verbose_name = pgettext_lazy("of work or study", "field")
        verbose_name_plural = pgettext_lazy("of work or study", "fields")
        constraints = [
            models.UniqueConstraint(fields=["locale", "code"], name="one_field_for_each_code_and_language")
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete one translation; after the last one, remove the field from members too."""
        gone = super().delete(*args, **kwargs)
        if not Expertise.objects.filter(code=self.code).exists():
            Member.objects.remove_expertise(self.code)
        return gone
