"""Worksheets: steps, questions and clauses to fill in, on paper or together at a table."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from core.models import StartPage
from core.publishing.lists import ListPage
from network.blocks import WorksheetParts
from network.digests import handouts
from network.digests.handouts import PrintablePage, Printout


class WorksheetIndexPage(ListPage):
    """List of worksheets in one language."""

    section = "network.DirectoryPage"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["network.WorksheetPage"]
    start_page = StartPage("worksheets", "Worksheets")

    class Meta:
        verbose_name = _("list of worksheets")
        verbose_name_plural = _("lists of worksheets")

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context = super().get_context(request, *args, **kwargs)
        found = WorksheetPage.objects.child_of(self).live().order_by("path").select_related("locale")
        context["worksheets"] = [*found]
        return context


class WorksheetPage(PrintablePage):
    """One worksheet, in one language."""

    parent_page_types = ["network.WorksheetIndexPage"]

    audience = models.CharField(_("audience"), max_length=200)
    minutes = models.PositiveSmallIntegerField(_("how long it takes, in minutes"), default=60)
    body = StreamField(WorksheetParts(), verbose_name=_("worksheet"), blank=True)

    content_panels = [
        *PrintablePage.content_panels,
        FieldRowPanel([FieldPanel("audience"), FieldPanel("minutes")]),
        FieldPanel("body"),
    ]
    search_fields = [
        *PrintablePage.search_fields,
        index.SearchField("audience"),
        index.SearchField("body"),
    ]
    override_translatable_fields = [
        *PrintablePage.override_translatable_fields,
        SynchronizedField("minutes", overridable=False),
    ]

    class Meta:
        verbose_name = _("worksheet")
        verbose_name_plural = _("worksheets")

    def printout(self) -> Printout:
        return handouts.worksheet(self)

    def numbered(self) -> list[tuple[int, int, Any]]:
        """Return each part with its number and the level of its heading.

        Steps, questions and clauses are numbered; other parts have 0.
        """
        found, number, level = [], 0, 2
        for part in self.body:
            counts = part.block_type in handouts.NUMBERED
            number += counts
            found.append((number if counts else 0, level, part))
            if part.block_type == "heading":
                level = 3
        return found
