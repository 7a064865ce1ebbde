"""The blocks of running text, and links to pages within it.

Extend `Prose` by subclassing it.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.html import format_html_join, strip_tags
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StructBlock
from wagtail.blocks.stream_block import StreamValue
from wagtail.images.blocks import ImageBlock
from wagtail.models import Page

from core.publishing.navigation import known_pages

# Texts for the previews of blocks in the admin.
# They suit any page of the site and imply nothing about any person.
TITLE = _("What you can do")
SECOND_TITLE = _("Whom you can ask")
SENTENCE = _("Ask how somebody is, listen, and say what you have noticed.")
SECOND_SENTENCE = _("People who know the subject answer, and you do not have to say who you are.")
PARTS = ((TITLE, SENTENCE), (SECOND_TITLE, SECOND_SENTENCE))


def sample_text() -> str:
    return format_html_join("", "<p>{}</p>", [(SENTENCE,), (SECOND_SENTENCE,)])


def sample_parts(title: str, words: str) -> list[dict[str, object]]:
    """Return two titles with their texts, keyed by the fields of a block."""
    return [{title: str(name), words: str(sentence)} for name, sentence in PARTS]


def filled(block: StructBlock, **values: object) -> Any:
    """Return the value of a block as an editor gets it, with some of its fields filled in."""
    return block.normalize({**block.get_default(), **values})


# The fewest headings for which a text gets a table of contents.
FEWEST = 3
WORDS_PER_MINUTE = 200


class HeadingLink(NamedTuple):
    anchor: str
    title: str


def headings(text: StreamValue, *, telling: bool = True) -> list[HeadingLink | None]:
    """Return the heading and its anchor for each block of a text that is a heading; None for other blocks.

    An anchor is made from the words of its heading.
    On help pages anchors are neutral (`telling` is false), because they stay in the browser's history.
    """
    found: list[HeadingLink | None] = []
    taken: set[str] = set()
    for block in text:
        if block.block_type != "heading":
            found.append(None)
            continue
        title = str(block.value)
        first = anchor = f"h-{slugify(title, allow_unicode=True) if telling else neutral(title)}"
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{first}-{number}"
        taken.add(anchor)
        found.append(HeadingLink(anchor, title))
    return found


def neutral(title: str) -> str:
    return hashlib.sha256(title.encode()).hexdigest()[:4]


def contents(text: StreamValue, *, telling: bool = True) -> list[HeadingLink]:
    """Return the headings of a text that is long enough for a table of contents; otherwise none."""
    found = [heading for heading in headings(text, telling=telling) if heading]
    return found if len(found) >= FEWEST else []


def minutes(*texts: StreamValue | str) -> int:
    """Return the reading time in minutes, at least one."""
    words = 0
    for text in texts:
        parts = [text] if isinstance(text, str) else text.stream_block.get_searchable_content(text)
        words += sum(len(strip_tags(str(part)).split()) for part in parts)
    return max(1, round(words / WORDS_PER_MINUTE))


TEXT = ["bold", "italic", "ol", "ul", "link"]


class Heading(blocks.CharBlock):
    """A heading of the second level."""

    class Meta:
        icon = "title"
        label = _("Heading")
        template = "blocks/heading.html"
        preview_value = TITLE


class Text(blocks.RichTextBlock):
    """Paragraphs and lists."""

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "blocks/text.html"
        preview_value = staticmethod(sample_text)


class Callout(blocks.StructBlock):
    """A few sentences that must not be missed."""

    title = blocks.CharBlock(label=_("Title"))
    html = blocks.RichTextBlock(features=TEXT, label=_("Text"))

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "blocks/callout.html"

    def get_preview_value(self) -> object:
        return self.normalize({"title": str(TITLE), "html": sample_text()})


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
        return self.normalize({"items": sample_parts("title", "html")})


class Questions(blocks.StructBlock):
    """Questions that open to their answers."""

    items = blocks.ListBlock(Part(), label=_("Questions"))

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "blocks/questions.html"

    def get_preview_value(self) -> object:
        return self.normalize({"items": sample_parts("title", "html")})


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
        return self.normalize({"items": sample_parts("term", "description")})


class Prose(blocks.StreamBlock):
    """The blocks for texts on any page."""

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

    def get_context(self, value: StreamValue, parent_context: dict[str, object] | None = None) -> dict[str, object]:
        context = super().get_context(value, parent_context=parent_context)
        is_sensitive = getattr(context.get("page"), "is_sensitive", False)
        context["parts"] = [*zip(value, headings(value, telling=not is_sensitive), strict=True)]
        return context


class PageLinkBlock(blocks.PageChooserBlock):
    """A page to link to.

    Makes no query for pages that the batch has loaded already, so their number does not matter.
    """

    def bulk_to_python(self, values: Iterable[int | None]) -> list[Page | None]:
        keys = list(values)
        known = known_pages(None).by_primary_key
        missing = [key for key in dict.fromkeys(keys) if key is not None and key not in known]
        found = known | dict(zip(missing, super().bulk_to_python(missing), strict=True)) if missing else known
        return [found[key] if key is not None else None for key in keys]
