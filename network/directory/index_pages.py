"""What the pages of events, groups, digests and worksheets have in common, and the pages on which they are listed."""

from typing import Any, Self
from uuid import UUID

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.query import PageQuerySet
from wagtail.search import index

from core.blocks import Prose
from core.languages import tree
from core.models import BasePage


class IndexedPageQuerySet(PageQuerySet):
    """Pages that lists name."""

    def listed(self) -> Self:
        """Pages that lists may show: live and unrestricted."""
        return self.live().exclude(tree.restricted())

    def nearest(self, language: str) -> dict[UUID, Any]:
        """Return the live pages in a language or its fallbacks, by translation key. One query."""
        order = {code: place for place, code in enumerate(tree.fallbacks(language))}
        found: dict[UUID, Any] = {}
        pages = self.live().select_related("locale")
        for page in sorted(pages, key=lambda page: order.get(page.locale.language_code, len(order))):
            found.setdefault(page.translation_key, page)
        return found


class IndexedPage(BasePage):
    """A page below an index page, which knows its language and path."""

    subpage_types: list[str] = []

    class Meta:
        abstract = True

    @cached_property
    def language(self) -> str:
        return self.locale.language_code

    @property
    def path_at_public(self) -> str:
        """Its path at the public door. Needs no database query."""
        return tree.page_path(self, self.language)


class IndexPage(BasePage):
    """The list of what is below it, in one language, with a text above and one below."""

    max_count_per_parent = 1

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    body = StreamField(Prose(), verbose_name=_("text"), blank=True, help_text=_("Shown below the list."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        abstract = True
