"""The base of pages that list something."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search.index import SearchField

from core.blocks import Prose
from core.models.pages import BasePage


class ListPage(BasePage):
    """A page that lists something in one language, between an introduction and a text."""

    max_count_per_parent = 1

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    body = StreamField(Prose(), verbose_name=_("text"), blank=True, help_text=_("Shown below the list."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, SearchField("introduction"), SearchField("body")]

    class Meta:
        abstract = True
