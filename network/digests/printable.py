"""What digests and worksheets have in common: a page that can also be had as a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from core import typesetting
from core.languages import tree
from core.models import BasePage
from network.digests import handouts

if TYPE_CHECKING:
    from django.http import HttpRequest

    from network.digests.handouts import Printout


class PrintablePage(BasePage):
    """A page with a PDF beside it, in each language, which is printed, changed and withdrawn with the page."""

    subpage_types: list[str] = []
    is_article = True

    introduction = models.TextField(_("introduction"), help_text=_("Two or three sentences."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction")]

    class Meta:
        abstract = True

    @cached_property
    def language(self) -> str:
        return self.locale.language_code

    @property
    def path_at_public(self) -> str:
        """Its path at the public door. Needs no database query."""
        return tree.page_path(self, self.language)

    @property
    def pdf_path(self) -> str:
        """The path of its PDF, whose name says what it is once it lies in a folder of downloads."""
        return f"{self.path_at_public}{self.slug}-{self.language}.pdf"

    def printout(self) -> Printout:
        """Return what its PDF shows, in its language."""
        raise NotImplementedError

    def reasons_not_to_publish(self) -> list[str]:
        reasons = super().reasons_not_to_publish()
        if missing := typesetting.missing_letters(self.printout().all_text()):
            reasons.append(
                gettext("The PDF cannot show these characters: %(letters)s") % {"letters": missing}
            )
        return reasons

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context = super().get_context(request, *args, **kwargs)
        context["pdf_size"] = len(handouts.pdf_of(self))
        return context
