"""Blocks that only campaigns and news use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock
from wagtail.models import Page
from wagtail.snippets.blocks import SnippetChooserBlock

from core.blocks import Prose
from core.models import Rendition
from illustrations.blocks import IllustrationBlock

if TYPE_CHECKING:
    from django.db.models import Model

GALLERY_PICTURE = "max-720x720"


class Download(SnippetChooserBlock):
    """A material within the text. It may belong to another campaign."""

    class Meta:
        icon = "download"
        label = _("Material to download")
        template = "campaigns/blocks/download.html"

    def get_context(
        self, value: Model | None, parent_context: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        # The page loads the materials of all its blocks at once, without unpublished ones.
        page = context.get("page")
        context["download"] = (
            page.downloads_by_material.get(value.pk) if page is not None and value is not None else None
        )
        return context

    def get_preview_value(self) -> Any:
        """The newest material of a campaign: what it looks like depends on its files."""
        return self.target_model._default_manager.exclude(campaign_key=None).order_by("-pk").first()

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_preview_context(value, parent_context)
        if value is not None:
            campaign = Page.objects.live().filter(translation_key=value.campaign_key).specific().first()
            context["page"] = campaign
        return context


class Gallery(blocks.StructBlock):
    """Pictures side by side."""

    title = blocks.CharBlock(label=_("Title"), required=False)
    pictures = blocks.ListBlock(ImageBlock(), label=_("Pictures"), min_num=1)

    class Meta:
        icon = "image"
        label = _("Picture gallery")
        template = "campaigns/blocks/gallery.html"
        preview_template = "campaigns/blocks/gallery_preview.html"

    def get_context(
        self, value: blocks.StructValue, parent_context: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        drawn = Rendition.objects.filter(filter_spec__startswith=GALLERY_PICTURE)
        pictures = [picture for picture in value["pictures"] if picture is not None]
        prefetch_related_objects(
            pictures, Prefetch("renditions", queryset=drawn, to_attr="prefetched_renditions")
        )
        context["pictures"] = pictures
        return context


class CampaignStory(Prose):
    """The text of a campaign or a news page."""

    download = Download("campaigns.Material")
    gallery = Gallery()
    illustration = IllustrationBlock()


class KeyMessages(blocks.StreamBlock):
    """The sentences that a campaign wants people to remember."""

    message = blocks.CharBlock(label=_("Message"), icon="openquote", max_length=300)


class Partner(blocks.StructBlock):
    """An organisation that supports the campaign."""

    name = blocks.CharBlock(label=_("Name"), max_length=200)
    website = blocks.URLBlock(label=_("Website"), required=False)

    class Meta:
        icon = "group"
        label = _("Partner")


class Partners(blocks.StreamBlock):
    partner = Partner()
