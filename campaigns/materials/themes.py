from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import TranslatableMixin
from wagtail.search import index

from core.publishing import guards


class Theme(TranslatableMixin, index.Indexed, models.Model):
    """What a material is about, in one language: online safety, bystanders, help for adults who worry about themselves."""

    name = models.CharField(
        _("name"), max_length=100, help_text=_("A few words. Shown to readers beside each material.")
    )

    panels = [FieldPanel("name")]
    search_fields = [index.SearchField("name"), index.AutocompleteField("name"), index.FilterField("locale")]

    class Meta(TranslatableMixin.Meta):
        ordering = ("name",)
        verbose_name = _("theme")
        verbose_name_plural = _("themes")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        guards.ensure(self)  # a theme has no drafts: readers see it as soon as it is saved
