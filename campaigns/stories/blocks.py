"""Blocks for campaigns and news only."""

from django.db import models
from django.db.models import Model, Prefetch, prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock
from wagtail.models import Page
from wagtail.snippets.blocks import SnippetChooserBlock

from campaigns.materials.models import Material
from core.blocks import SECOND_SENTENCE, SECOND_TITLE, SENTENCE, TITLE, Prose, sample_parts, sample_text
from core.models import Rendition
from illustrations.blocks import IllustrationBlock

GALLERY_PICTURE = "max-720x720"


class Download(SnippetChooserBlock):
    """A material within the text. It may belong to another campaign."""

    class Meta:
        icon = "download"
        label = _("Material to download")
        template = "campaigns/blocks/download.html"

    def get_context(self, value: Model | None, parent_context: dict[str, object] | None = None) -> dict[str, object]:
        context = super().get_context(value, parent_context=parent_context)
        # The page loads the published materials of all its blocks together.
        page = context.get("page")
        context["download"] = (
            page.downloads_by_material.get(value.pk) if page is not None and value is not None else None
        )
        return context

    def get_preview_value(self) -> Model | None:
        """Return the newest material of a campaign. A material of no campaign would have no page to load its files."""
        return self.target_model._default_manager.exclude(campaign_key=None).order_by("-pk").first()

    def get_preview_context(
        self, value: Material | None, parent_context: dict[str, object] | None = None
    ) -> dict[str, object]:
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
        self, value: blocks.StructValue, parent_context: dict[str, object] | None = None
    ) -> dict[str, object]:
        context = super().get_context(value, parent_context=parent_context)
        drawn = Rendition.objects.filter(filter_spec__startswith=GALLERY_PICTURE)
        pictures = [picture for picture in value["pictures"] if picture is not None]
        prefetch_related_objects(pictures, Prefetch("renditions", queryset=drawn, to_attr="prefetched_renditions"))
        context["pictures"] = pictures
        return context


class CampaignStory(Prose):
    """The text of a campaign or a news page."""

    download = Download("campaigns.Material")
    gallery = Gallery()
    illustration = IllustrationBlock()


class TextToCopy(blocks.StructBlock):
    """A text to paste unchanged into a newsletter, a post or a letter."""

    title = blocks.CharBlock(label=_("What it is for"), help_text=_("A newsletter, a post, a letter home."))
    text = blocks.TextBlock(label=_("Text"), help_text=_("Without formatting, as it will be pasted."))

    class Meta:
        icon = "copy"
        label = _("Text to copy")
        template = "campaigns/blocks/text_to_copy.html"

    def get_preview_value(self) -> blocks.StructValue:
        return self.normalize({"title": str(TITLE), "text": str(SENTENCE)})


class Announcement(blocks.StructBlock):
    """A press release."""

    title = blocks.CharBlock(label=_("Headline"))
    lead = blocks.TextBlock(label=_("First paragraph"), help_text=_("Who does what, when, where and why."))
    html = blocks.RichTextBlock(features=["bold", "italic", "ol", "ul", "link"], label=_("Text"))
    about = blocks.TextBlock(label=_("About the sender"))
    contact = blocks.TextBlock(label=_("Contact for journalists"))

    class Meta:
        icon = "doc-full"
        label = _("Press release")
        template = "campaigns/blocks/announcement.html"

    def get_preview_value(self) -> blocks.StructValue:
        return self.normalize(
            {
                "title": str(TITLE),
                "lead": str(SENTENCE),
                "html": sample_text(),
                "about": str(SECOND_SENTENCE),
                "contact": "press@example.org",
            }
        )


class Effort(models.TextChoices):
    """Time that an idea takes."""

    MINUTES = "minutes", _("In ten minutes")
    HOURS = "hours", _("In an afternoon")
    WEEKS = "weeks", _("With partners, over some weeks")


class Idea(blocks.StructBlock):
    effort = blocks.ChoiceBlock(choices=Effort.choices, label=_("How long it takes"))
    title = blocks.CharBlock(label=_("Title"))
    text = blocks.TextBlock(label=_("Text"))


class IdeasValue(blocks.StructValue):
    @property
    def by_effort(self) -> list[tuple[str, list[blocks.StructValue]]]:
        """The ideas as (how long they take, ideas), the quickest first."""
        groups = ((effort, [idea for idea in self["items"] if idea["effort"] == effort]) for effort in Effort)
        return [(str(effort.label), ideas) for effort, ideas in groups if ideas]


class Ideas(blocks.StructBlock):
    """Ideas for things to do, by effort."""

    items = blocks.ListBlock(Idea(), label=_("Ideas"))

    class Meta:
        icon = "pick"
        label = _("Ideas, by effort")
        template = "campaigns/blocks/ideas.html"
        value_class = IdeasValue

    def get_preview_value(self) -> blocks.StructValue:
        ideas = zip(Effort.values, sample_parts("title", "text"), strict=False)
        return self.normalize({"items": [{"effort": effort, **idea} for effort, idea in ideas]})


class WordAdvice(blocks.StructBlock):
    rather = blocks.CharBlock(label=_("Rather"))
    instead_of = blocks.CharBlock(label=_("Instead of"))
    why = blocks.TextBlock(label=_("Why"))


class WordGuide(blocks.StructBlock):
    """Words that help and words that harm, for everyone who writes about the subject."""

    items = blocks.ListBlock(WordAdvice(), label=_("Words"))

    class Meta:
        icon = "openquote"
        label = _("Guide to words")
        template = "campaigns/blocks/word_guide.html"
        names_words = True  # for the terminology checker

    def get_preview_value(self) -> blocks.StructValue:
        words = (str(TITLE), str(SECOND_TITLE))
        advice = {"rather": words[0], "instead_of": words[1], "why": str(SENTENCE)}
        return self.normalize({"items": [advice]})


class Messages(blocks.StructBlock):
    """Sentences to repeat, as they are or in other words."""

    items = blocks.ListBlock(blocks.CharBlock(label=_("Message")), label=_("Key messages"))

    class Meta:
        icon = "openquote"
        label = _("Key messages")
        template = "campaigns/blocks/messages.html"

    def get_preview_value(self) -> blocks.StructValue:
        return self.normalize({"items": [str(SENTENCE), str(SECOND_SENTENCE)]})


class ToolkitStory(CampaignStory):
    """The text of a toolkit: the blocks of a campaign, and blocks to pass on."""

    messages = Messages()
    text_to_copy = TextToCopy()
    announcement = Announcement()
    ideas = Ideas()
    word_guide = WordGuide()


class KeyMessages(blocks.StreamBlock):
    """The main messages of a campaign."""

    message = blocks.CharBlock(label=_("Message"), icon="openquote", max_length=300)


class Partners(blocks.StreamBlock):
    """The organisations that support a campaign."""

    partner = SnippetChooserBlock("campaigns.Partner", label=_("Partner"), icon="group")
