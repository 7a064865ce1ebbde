from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from core.blocks import Prose
from core.models import BasePage


class HomePage(BasePage):
    """The first page of the site, in one language: the way to help before anything else."""

    parent_page_types = ["wagtailcore.Page"]

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    body = StreamField(Prose(), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class StandardPage(BasePage):
    """A page of running text: about, contact, legal notice, privacy, accessibility, safety online."""

    parent_page_types = ["home.HomePage", "home.StandardPage"]

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    body = StreamField(Prose(), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
