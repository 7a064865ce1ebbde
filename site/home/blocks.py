"""Blocks of the home page."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.models import Locale

from core.blocks import TEXT, TITLE, PageLinkBlock, Prose, filled, sample_parts
from core.languages.tree import public_pages
from home.sections import (
    Campaigns,
    HomeSection,
    HowWeCheck,
    Languages,
    News,
    PartnerLogos,
    Promises,
    QuietNote,
    links_to,
)
from illustrations.blocks import IllustrationBlock


class Card(blocks.StructBlock):
    """One purpose of the site, and the page where it begins."""

    title = blocks.CharBlock(label=_("Title"))
    text = blocks.TextBlock(label=_("Text"), help_text=_("One or two sentences."))
    page = PageLinkBlock(label=_("Page"), required=False)


class Cards(blocks.StructBlock):
    """The purposes of the site, side by side."""

    items = blocks.ListBlock(Card(), label=_("Cards"), max_num=6)

    class Meta:
        icon = "grip"
        label = _("Cards")
        template = "home/blocks/cards.html"

    def get_preview_value(self) -> Any:
        return filled(self, items=[{**part, "page": None} for part in sample_parts("title", "text")])

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        links = links_to(item["page"] for item in value["items"])
        context["cards"] = [
            {
                "title": item["title"],
                "text": item["text"],
                "url": links[item["page"].pk][1] if item["page"] and item["page"].pk in links else "",
            }
            for item in value["items"]
        ]
        return context


class Highlights(blocks.StructBlock):
    """Pages to point out now.

    Those without a version in the reader's language are left out.
    """

    title = blocks.CharBlock(label=_("Title"))
    pages = blocks.ListBlock(PageLinkBlock(), label=_("Pages"), max_num=6)

    class Meta:
        icon = "pick"
        label = _("Highlighted pages")
        template = "home/blocks/highlights.html"

    def get_preview_value(self) -> Any:
        pages = public_pages().filter(depth=3, locale=Locale.get_active())[:3]
        return self.normalize({"title": str(TITLE), "pages": [*pages]})

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        links = links_to(value["pages"])
        found = [links[page.pk] for page in value["pages"] if page is not None and page.pk in links]
        context["cards"] = [{"title": page.title, "text": page.search_description, "url": url} for page, url in found]
        return context


class PageStory(Prose):
    """The text of an ordinary page."""

    illustration = IllustrationBlock()


class HomeStory(PageStory):
    """The body of the home page."""

    campaigns = Campaigns()
    news = News()
    checked = HowWeCheck()
    promises = Promises()
    partners = PartnerLogos()
    languages = Languages()
    cards = Cards()
    highlights = Highlights()
    note = QuietNote(features=TEXT)

    def ordered_child_blocks(self) -> list[blocks.Block]:
        """Leave sections that no app of this site supplies out of the editor's menu.

        The field, and its migration, include all sections.
        """
        return [
            block
            for block in super().ordered_child_blocks()
            if not isinstance(block, HomeSection) or block.is_offered()
        ]
