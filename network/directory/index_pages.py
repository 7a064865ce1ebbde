"""What the pages have in common on which the network lists its events, groups, digests and worksheets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from core.blocks import Prose
from core.models import BasePage


class IndexPage(BasePage):
    """The list of what is below it, in one language, with a text above and one below."""

    max_count_per_parent = 1

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    body = StreamField(Prose(), verbose_name=_("text"), blank=True, help_text=_("Shown below the list."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        abstract = True
