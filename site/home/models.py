from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult
from wagtail_localize.fields import SynchronizedField

from core.languages import names, tree
from core.models import BasePage
from core.search.folding import words
from core.search.sources import matches
from home.blocks import HomeStory, PageStory
from home.sections import Entrances, entrances
from illustrations.blocks import SceneSelect
from illustrations.blocks import choices as scene_choices
from illustrations.scenes import BY_NAME

# Levels below the home page that are looked up: no page is deeper, and the rest of a path is a route within a page.
MAX_DEPTH = 12


class HomePage(BasePage):
    """The home page in one language: the way to help comes first."""

    is_home = True
    is_rendered_first = True

    parent_page_types = ["wagtailcore.Page"]

    headline = models.CharField(
        _("headline"),
        max_length=120,
        blank=True,
        help_text=_(
            "One sentence that says what this site is for, and that anybody understands. "
            "The name of the site is in its header. "
            "Without a headline, the title is shown."
        ),
    )
    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    scene = models.CharField(
        _("illustration"),
        max_length=50,
        blank=True,
        choices=scene_choices,
        help_text=_("Beside the headline, where there is room. It is decoration and has no text alternative."),
    )
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_(
            "Instead of the illustration. Calm and hopeful. "
            "No recognisable children, no fear, no handcuffs, no shadows."
        ),
    )
    picture_alt = models.CharField(
        _("text alternative of the picture"),
        max_length=300,
        blank=True,
        help_text=_("What it shows, for people who cannot see it. Leave empty if it is only decorative."),
    )
    help_title = models.CharField(
        _("title"), max_length=100, blank=True, help_text=_("Without a title, a general text is shown.")
    )
    help_text = models.TextField(
        _("text"), blank=True, help_text=_("Two or three sentences for people who look for support.")
    )
    emergency = RichTextField(
        _("when a child is in danger now"),
        blank=True,
        features=["bold", "link"],
        help_text=_("One or two sentences with the emergency number. Without a text, a general one is shown."),
    )
    entrances = StreamField(
        Entrances(),
        verbose_name=_("entrances"),
        blank=True,
        max_num=4,
        help_text=_("Who else comes here, beside people who look for help: two are best."),
    )
    body = StreamField(HomeStory(), blank=True)
    rendered_for = models.DateField(
        _("updated for"),
        null=True,
        editable=False,
        help_text=_("The day whose dates the page was last queued to be updated with. Set by the scheduler."),
    )

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("headline"),
        FieldPanel("introduction"),
        MultiFieldPanel(
            [
                FieldPanel("scene", widget=SceneSelect),
                FieldPanel("picture"),
                FieldPanel("picture_alt"),
            ],
            heading=_("Picture"),
        ),
        MultiFieldPanel(
            [FieldPanel("help_title"), FieldPanel("help_text"), FieldPanel("emergency")],
            heading=_("The way to help, before anything else"),
        ),
        FieldPanel("entrances"),
        FieldPanel("body", heading=_("Text")),
    ]
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("headline"),
        index.SearchField("introduction"),
        index.SearchField("help_title"),
        index.SearchField("help_text"),
        index.SearchField("entrances"),
        index.SearchField("body"),
    ]
    # The illustration is the same in every language.
    override_translatable_fields = [*BasePage.override_translatable_fields, SynchronizedField("scene")]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    @property
    def shown_scene(self) -> str:
        """The illustration; none if it is no longer in the set."""
        return self.scene if self.scene in BY_NAME else ""

    @property
    def has_all_parts(self) -> bool:
        """Return whether the title may mention all parts that a site can have."""
        return set(settings.APPS) == set(settings.PARTS)

    @property
    def shows_dates(self) -> bool:
        """Return whether the page shows upcoming dates, and so differs from day to day."""
        return any(block["type"] == "news" and block["value"].get("dates") for block in self.body.raw_data)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["entrances"] = entrances(self.entrances)
        return context

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page at a path with one query at any depth; Wagtail takes two per level."""
        steps = path_components[:MAX_DEPTH]
        below = {self.url_path + "/".join(steps[:count]) + "/": count for count in range(1, len(steps) + 1)}
        found = (
            list(Page.objects.filter(url_path__in=below).annotate(is_restricted=tree.restricted()).order_by("depth"))
            if below
            else []
        )
        if not found:
            return super().route(request, path_components)
        page = found[-1]
        specific = page.specific
        if isinstance(specific, BasePage):
            specific.keys_above = [self.translation_key, *(above.translation_key for above in found[:-1])]
            specific.is_restricted = page.is_restricted
        return specific.route(request, path_components[below[page.url_path] :])


class StandardPage(BasePage):
    """A page of running text: about, contact, legal notice, privacy, accessibility, safety online."""

    parent_page_types = [
        "home.HomePage",
        "home.StandardPage",
        *(["network.DirectoryPage"] if apps.is_installed("network") else []),
    ]

    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Two or three sentences."))
    body = StreamField(PageStory(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("body", heading=_("Text")),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        below = tree.public_pages().child_of(self).order_by("path") if self.numchild else []
        context["below"] = [
            {
                "title": page.title,
                "text": page.search_description,
                "url": tree.page_path(page, translation.get_language()),
            }
            for page in below
        ]
        return context


class PromotedPage(models.Model):
    """A page that editors promote for phrases that people search for, such as “I am attracted to children”.

    Not `wagtail.contrib.search_promotions`: its template tag and its views store each query that they look up, and
    queries of visitors may not be stored.
    """

    page = models.ForeignKey(Page, verbose_name=_("page"), on_delete=models.CASCADE, related_name="+")
    phrases = models.TextField(
        _("phrases"),
        max_length=5000,
        help_text=_(
            "What people type, in the language of the page, one phrase a line: "
            "“attracted to children”. A search must have all its words, "
            "in any order; those of one or two letters do not count. "
            "A word of four letters or more also stands for words that begin with it."
        ),
    )

    panels = [PageChooserPanel("page"), FieldPanel("phrases")]

    class Meta:
        verbose_name = _("promoted page")
        verbose_name_plural = _("promoted pages")
        ordering = ("page__title", "pk")

    def __str__(self) -> str:
        return self.page.title

    def language(self) -> str:
        return names.language_name(self.page.locale.language_code)

    def closeness(self, asked: list[str]) -> int:
        """Return the number of words of the longest phrase that a query contains; 0 if it contains none."""
        return max((len(words(phrase)) for phrase in self.phrases.splitlines() if matches(phrase, asked)), default=0)
