"""The blocks of running text. Extend `Prose` by subclassing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from core.blocks import samples
from core.blocks.contents import headings

if TYPE_CHECKING:
    from wagtail.blocks.stream_block import StreamValue

TEXT = ["bold", "italic", "ol", "ul", "link"]


class Heading(blocks.CharBlock):
    """A heading of the second level."""

    class Meta:
        icon = "title"
        label = _("Heading")
        template = "blocks/heading.html"
        preview_value = samples.TITLE


class Text(blocks.RichTextBlock):
    """Paragraphs and lists."""

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "blocks/text.html"
        preview_value = staticmethod(samples.text)


class Callout(blocks.StructBlock):
    """A few sentences that must not be missed."""

    title = blocks.CharBlock(label=_("Title"))
    html = blocks.RichTextBlock(features=TEXT, label=_("Text"))

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "blocks/callout.html"

    def get_preview_value(self) -> object:
        return self.normalize({"title": str(samples.TITLE), "html": samples.text()})


class Part(blocks.StructBlock):
    """A title with its text: a step, or a question and its answer."""

    title = blocks.CharBlock(label=_("Title"))
    html = blocks.RichTextBlock(features=TEXT, label=_("Text"))


class Steps(blocks.StructBlock):
    """Things to do, in order."""

    items = blocks.ListBlock(Part(), label=_("Steps"))

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "blocks/steps.html"

    def get_preview_value(self) -> object:
        return self.normalize({"items": samples.parts("title", "html")})


class Questions(blocks.StructBlock):
    """Questions that open to their answers."""

    items = blocks.ListBlock(Part(), label=_("Questions"))

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "blocks/questions.html"

    def get_preview_value(self) -> object:
        return self.normalize({"items": samples.parts("title", "html")})


class Fact(blocks.StructBlock):
    term = blocks.CharBlock(label=_("Term"))
    description = blocks.TextBlock(label=_("Description"))


class Facts(blocks.StructBlock):
    """A list of terms and their descriptions."""

    items = blocks.ListBlock(Fact(), label=_("Facts"))

    class Meta:
        icon = "list-ul"
        label = _("Facts")
        template = "blocks/facts.html"

    def get_preview_value(self) -> object:
        return self.normalize({"items": samples.parts("term", "description")})


class Prose(blocks.StreamBlock):
    """What an editor writes on any page."""

    heading = Heading()
    text = Text(features=[*TEXT, "document-link"])
    callout = Callout()
    steps = Steps()
    questions = Questions()
    facts = Facts()
    picture = ImageBlock(template="blocks/picture.html", preview_template="blocks/previews/picture.html")

    class Meta:
        # Renders the blocks without the wrappers that Wagtail would add.
        template = "blocks/prose.html"
        block_counts: dict[str, dict[str, int]] = {}

    def get_context(
        self, value: StreamValue, parent_context: dict[str, object] | None = None
    ) -> dict[str, object]:
        context = super().get_context(value, parent_context=parent_context)
        is_sensitive = getattr(context.get("page"), "is_sensitive", False)
        context["parts"] = [*zip(value, headings(value, telling=not is_sensitive), strict=True)]
        return context
