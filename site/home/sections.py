"""The sections of a home page: each shows data of the site, and needs as little text from editors as possible."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.models import Page
from wagtail.snippets.blocks import SnippetChooserBlock

from core.blocks import PageLinkBlock, filled, sample_parts, sample_text
from core.languages import tree
from core.publishing import highlights, navigation
from core.publishing.highlights import Piece

# Meaning of the icons of entrances; the names are those of core/publishing/icons.py.
ENTRANCE_ICONS = [
    ("spread", _("A megaphone: to make something known")),
    ("people", _("People: to meet others")),
    ("evidence", _("A book: to learn something")),
    ("support", _("A lifebelt: to find support")),
]
MOST_DATES = 5


def links_to(pages: Iterable[Page | None]) -> dict[int, tuple[Page, str]]:
    """Map the primary key of each chosen page to its version in the active language and that version's path.

    One query.
    """
    code = translation.get_language()
    chosen = [page for page in pages if page is not None]
    found = navigation.in_language(chosen, code)
    return {
        page.pk: (found[page.translation_key], tree.page_path(found[page.translation_key], code))
        for page in chosen
        if page.translation_key in found
    }


def path_to(page: Page | None) -> str:
    """Return the path of a chosen page in the active language; empty if it has none there."""
    return next((path for _page, path in links_to([page]).values()), "")


class Entrance(blocks.StructBlock):
    """One kind of visitor, and the page where the site begins for them."""

    icon = blocks.ChoiceBlock(choices=ENTRANCE_ICONS, default="spread", label=_("Icon"))
    title = blocks.CharBlock(max_length=80, label=_("Title"), help_text=_("In their own words: “I run a campaign”."))
    text = blocks.TextBlock(max_length=300, label=_("Text"), help_text=_("One or two sentences."))
    page = PageLinkBlock(label=_("Page"))
    action = blocks.CharBlock(
        max_length=60, label=_("Words of the link"), help_text=_("What they do there: “See the campaigns”.")
    )

    class Meta:
        icon = "arrow-right"
        label = _("Entrance")


class Entrances(blocks.StreamBlock):
    """Entrances for visitors other than the people who look for help."""

    entrance = Entrance()


class HomeSection(blocks.StructBlock):
    """A part of the home page with a heading.

    Without a title, a general one is shown, in every language.
    """

    title = blocks.CharBlock(required=False, label=_("Title"), help_text=_("Without a title, a general one is shown."))

    # The highlight that an app must have registered for the section to have content.
    needs: type[highlights.Highlight] | None = None

    def is_offered(self) -> bool:
        """Return whether this site has the data that the section shows."""
        return self.needs is None or highlights.has(self.needs)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        if "page" in value:
            context["more_url"] = path_to(value["page"])
        return context

    def get_preview_value(self) -> Any:
        """Return the preview with data of this site."""
        return filled(self)


class Campaigns(HomeSection):
    """Campaigns with their pictures: those chosen, or the newest."""

    pages = blocks.ListBlock(
        PageLinkBlock(),
        default=[],
        max_num=6,
        label=_("Campaigns"),
        help_text=_("Shown in this order. If none are chosen, the newest are shown."),
    )
    count = blocks.IntegerBlock(default=3, min_value=1, max_value=6, label=_("Number of the newest"))
    page = PageLinkBlock(required=False, label=_("Page with all of them"))

    needs = highlights.PageHighlight

    class Meta:
        icon = "bullhorn"
        label = _("Campaigns")
        template = "home/sections/campaigns.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["pieces"] = self.pieces(value)
        return context

    def pieces(self, value: Any) -> Sequence[Piece]:
        highlight, language = highlights.page_highlight("campaigns"), translation.get_language()
        keys = [page.translation_key for page in value["pages"] if page is not None]
        if not keys:
            return highlight.newest(language, value["count"])
        found = highlight.chosen(language, keys)
        return [found[key] for key in keys if key in found]


class News(HomeSection):
    """The newest pieces of news, and beside them upcoming dates."""

    count = blocks.IntegerBlock(default=3, min_value=1, max_value=6, label=_("Number of the newest"))
    page = PageLinkBlock(required=False, label=_("Page with all of them"))
    dates = blocks.BooleanBlock(
        default=True,
        required=False,
        label=_("Dates ahead"),
        help_text=_("When campaigns begin and end. If nothing lies ahead, nothing is shown."),
    )

    needs = highlights.PageHighlight

    class Meta:
        icon = "calendar-alt"
        label = _("News and dates")
        template = "home/sections/news.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        language = translation.get_language()
        context["pieces"] = highlights.page_highlight("news").newest(language, value["count"])
        if value["dates"]:
            context["dates"] = highlights.ahead(language, timezone.localdate())[:MOST_DATES]
        return context


class HowWeCheck(HomeSection):
    """Explanation of how the services on the list are checked, with numbers counted when the page is rendered."""

    text = blocks.TextBlock(required=False, label=_("Text"), help_text=_("Two or three sentences."))
    page = PageLinkBlock(required=False, label=_("Page that says more"))

    needs = highlights.FigureHighlight

    class Meta:
        icon = "tick-inverse"
        label = _("How we check, in numbers")
        template = "home/sections/checked.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["figures"] = highlights.figures()
        return context


class Promises(HomeSection):
    """The promises of the site to all its readers."""

    items = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("title", blocks.CharBlock(label=_("Promise"), help_text=_("A few words: “No cookies”."))),
                ("text", blocks.TextBlock(required=False, label=_("Text"), help_text=_("One sentence."))),
            ]
        ),
        min_num=1,
        max_num=8,
        label=_("Promises"),
    )
    page = PageLinkBlock(required=False, label=_("Page that says more"))

    class Meta:
        icon = "lock"
        label = _("What we promise")
        template = "home/sections/promises.html"

    def get_preview_value(self) -> Any:
        return filled(self, items=sample_parts("title", "text"))


class PartnerLogos(HomeSection):
    """Partners behind the site, by logo or by name.

    Both are stored with the partner.
    """

    text = blocks.TextBlock(required=False, label=_("Text"), help_text=_("One or two sentences."))
    items = blocks.ListBlock(
        SnippetChooserBlock("campaigns.Partner", label=_("Partner")),
        min_num=1,
        max_num=24,
        label=_("Partners"),
    )
    page = PageLinkBlock(required=False, label=_("Page that says more"))

    needs = highlights.LogoHighlight

    class Meta:
        icon = "group"
        label = _("Partners")
        template = "home/sections/partners.html"

    def get_preview_value(self) -> Any:
        return filled(self, items=[])

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_preview_context(value, parent_context)
        names = ("Example Library", "Example Institute")
        return {**context, "logos": [highlights.Logo(name=name) for name in names]}

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        keys = [partner.pk for partner in value["items"] if partner is not None]
        context.setdefault("logos", highlights.logos(translation.get_language(), keys))
        return context


class Languages(HomeSection):
    """The languages on offer, by their own names."""

    text = blocks.TextBlock(required=False, label=_("Text"), help_text=_("One or two sentences."))

    class Meta:
        icon = "globe"
        label = _("Languages")
        template = "home/sections/languages.html"
        preview_template = "home/sections/languages_preview.html"


class QuietNote(blocks.RichTextBlock):
    """A short, unobtrusive note."""

    class Meta:
        icon = "info-circle"
        label = _("Quiet note")
        template = "home/sections/note.html"
        preview_value = staticmethod(sample_text)


def entrances(value: Any) -> list[dict[str, str]]:
    """Return the entrances as the home page shows them: icon, title, text, action and url.

    `url` only where the page exists in the active language.
    """
    links = links_to(block.value["page"] for block in value)
    shown = []
    for block in value:
        entrance = block.value
        page = entrance["page"]
        url = links[page.pk][1] if page is not None and page.pk in links else ""
        shown.append({name: entrance[name] for name in ("icon", "title", "text", "action")} | {"url": url})
    return shown
