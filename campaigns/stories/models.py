from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import CommentPanel, FieldPanel, FieldRowPanel, MultiFieldPanel, Panel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import PageManager
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from campaigns.materials.files import MaterialFile
from campaigns.materials.models import (
    DownloadItem,
    Material,
    Theme,
    download_list,
    language_position,
)
from campaigns.partners.activities import campaigns_with_activities
from campaigns.partners.models import PartnerCard, public_partners
from campaigns.stories.blocks import CampaignStory, KeyMessages, Partners
from campaigns.stories.querysets import LISTING_POSTER, CampaignQuerySet, NewsQuerySet
from campaigns.studio.models import RetiredOutput, RetiredOutputQuerySet
from core.admin.features import Feature, Missing, MissingFeaturesPanel
from core.languages.names import TIMES_IN
from core.models import BasePage, Rendition
from core.publishing import sharing
from core.publishing.safety import SafetyClass


class MaterialsPanel(Panel):
    """Lists the materials of a campaign with links to them, as they belong to all its languages and not to the page."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "campaigns/admin/materials_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            page = self.instance
            query = f"?{urlencode({'campaign_key': page.translation_key})}"
            context["can_add"] = page.pk is not None
            context["materials"] = page.materials if page.pk else []
            context["listing_url"] = reverse("wagtailsnippets_campaigns_material:list") + query
            context["add_url"] = reverse("wagtailsnippets_campaigns_material:add") + query
            return context


# Number of related pages at the end of a story.
RELATED = 3


class StoryPage(BasePage):
    """Abstract base of campaigns and news: a story with a picture, written to be read and shared."""

    safety_class = SafetyClass.MACHINE_TRANSLATABLE

    introduction = models.TextField(
        _("introduction"),
        help_text=_("Two or three sentences. Also shown in lists, feeds and shared links."),
    )
    content_note = models.TextField(
        _("content note"),
        blank=True,
        help_text=_(
            "Only if the page mentions something that may bring back memories: say what it is, in one calm sentence. "
            "It is shown above everything else."
        ),
    )
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Calm and hopeful. No recognisable children, no fear, no handcuffs, no shadows."),
    )
    picture_alt = models.CharField(
        _("text alternative of the picture"),
        max_length=300,
        blank=True,
        help_text=_("What it shows, for people who cannot see it. Leave empty if it is only decorative."),
    )
    body = StreamField(CampaignStory(), verbose_name=_("text"), blank=True)

    # Search engines and messengers show it as an article.
    is_article = True
    picture_panel = MultiFieldPanel([FieldPanel("picture"), FieldPanel("picture_alt")], heading=_("Picture"))
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        abstract = True

    @property
    def card_path(self) -> str:
        """The address of its share card; empty for a page that is not saved yet."""
        return sharing.card_path_of("pages", self.pk, self.language) if self.pk else ""

    @property
    def oembed_path(self) -> str:
        return f"/oembed/{self.language}/pages/{self.pk}.json"

    @property
    def campaign_key(self) -> uuid.UUID | None:
        """The key by which materials refer to a campaign; None if the page is not one."""
        return None

    @cached_property
    def downloads_by_material(self) -> dict[int, DownloadItem]:
        """All downloads by primary key of the material, for the blocks in the text."""
        return {download.material.pk: download for download in self.all_downloads}

    @cached_property
    def all_downloads(self) -> list[DownloadItem]:
        """Every material that this page can show, loaded together."""
        chosen = {block["value"] for block in self.body.raw_data if block["type"] == "download"}
        if self.campaign_key is None and not chosen:
            return []
        files = MaterialFile.objects.shown().of_campaign(self.campaign_key, and_materials=chosen)
        themes = Theme.objects.filter(locale__language_code=self.language)
        return download_list(files.for_downloads(themes), language=self.language)

    @cached_property
    def related(self) -> list[StoryPage]:
        """Other pages of the same list, shown at the end of this one."""
        return [*type(self).objects.beside(self, RELATED).for_listing()] if self.pk else []

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        # One query for all renditions of all pictures of the page.
        small = [download.picture.picture for download in self.all_downloads if download.picture]
        pictures = [picture for picture in (self.picture, *small) if picture is not None]
        drawn = Prefetch("renditions", queryset=Rendition.objects.all(), to_attr="prefetched_renditions")
        prefetch_related_objects(pictures, drawn)
        return context


class CampaignPage(StoryPage):
    """One awareness campaign, in one language."""

    parent_page_types = ["campaigns.CampaignIndexPage"]
    subpage_types = ["campaigns.ToolkitPage"]

    audience = models.CharField(_("audience"), max_length=200, blank=True, help_text=_("Who the campaign is for."))
    period_start = models.DateField(_("from"), null=True, blank=True)
    period_end = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("The page stays online: materials remain useful for years."),
    )
    key_messages = StreamField(KeyMessages(), verbose_name=_("key messages"), blank=True)
    partners = StreamField(Partners(), verbose_name=_("partners"), blank=True)
    terms = RichTextField(
        _("terms of use"),
        blank=True,
        features=["bold", "italic", "ol", "ul", "link"],
        help_text=_("What partners may do with the materials without asking, and what you ask of them."),
    )
    embargo = models.DateTimeField(
        _("not public before"),
        null=True,
        blank=True,
        help_text=_(
            "Publish when you are ready: in every language, the campaign waits until this time and then goes live "
            "automatically."
        ),
    )

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("content_note"),
        StoryPage.picture_panel,
        FieldPanel("audience"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("period_start"), FieldPanel("period_end")]),
                FieldPanel("embargo"),
                FieldPanel(
                    "expire_at",
                    heading=_("unpublish at"),
                    help_text=_(
                        "In every language, the campaign and its toolkits are unpublished at this time. Leave it empty "
                        "unless you may show them for a limited time only: materials remain useful for years."
                    ),
                ),
            ],
            help_text=TIMES_IN,
            heading=_("When"),
        ),
        FieldPanel("key_messages"),
        FieldPanel("body"),
        MaterialsPanel(heading=_("Materials")),
        FieldPanel("partners"),
        FieldPanel("terms"),
    ]
    # The embargo decides when it goes live, so Wagtail's own scheduling is left out.
    settings_panels = [CommentPanel(), MissingFeaturesPanel()]
    missing_features: Missing = {
        **StoryPage.missing_features,
        Feature.SCHEDULE: _(
            "“Not public before”, or the launch plan, schedules all languages of a campaign together. “Unpublish at” "
            "ends them together."
        ),
    }
    search_fields = [
        *StoryPage.search_fields,
        index.SearchField("audience"),
        index.SearchField("key_messages"),
        index.FilterField("period_start"),
        index.FilterField("translation_key"),
    ]

    # Fields of the campaign, not of one language.
    override_translatable_fields = [
        *BasePage.override_translatable_fields,
        SynchronizedField("period_start", overridable=False),
        SynchronizedField("period_end", overridable=False),
        SynchronizedField("embargo", overridable=False),
        SynchronizedField("partners", overridable=False),
    ]

    # The file shown in lists if the page has no picture (`add_posters`).
    poster: MaterialFile | None = None

    objects = PageManager.from_queryset(CampaignQuerySet)()

    class Meta:
        verbose_name = _("campaign page")
        verbose_name_plural = _("campaign pages")

    @property
    def campaign_key(self) -> uuid.UUID:
        return self.translation_key

    class Phase(models.TextChoices):
        """The phase of a campaign on a given day, in the order of the list."""

        RUNNING = "running", _("Running now")
        AHEAD = "ahead", _("Still to come")
        PAST = "past", _("Past campaigns: the materials are still useful")

    @property
    def phase(self) -> Phase:
        """Today's phase. A campaign without dates is always running."""
        today = timezone.localdate()
        if self.period_start and self.period_start > today:
            return self.Phase.AHEAD
        return self.Phase.PAST if self.period_end and self.period_end < today else self.Phase.RUNNING

    @cached_property
    def related(self) -> list[StoryPage]:
        found = super().related
        add_posters(found)
        return found

    @cached_property
    def head_file(self) -> MaterialFile | None:
        """The file whose picture heads a campaign page without a picture."""
        return next((item.picture for item in self.downloads if item.picture), None)

    @property
    def materials(self) -> models.QuerySet[Material]:
        """All materials of this campaign, including drafts."""
        return Material.objects.filter(campaign_key=self.translation_key)

    @property
    def downloads(self) -> list[DownloadItem]:
        """The materials of this campaign, with files in the reader's language if there are any."""
        return [download for download in self.all_downloads if download.material.campaign_key == self.campaign_key]

    @cached_property
    def partner_cards(self) -> list[PartnerCard]:
        """Its public partners in the order of the editor, for readers of this language."""
        keys = [block["value"] for block in self.partners.raw_data]
        found = public_partners() if keys else {}
        return [found[key].shown_in(self.language) for key in dict.fromkeys(keys) if key in found]

    @property
    def path_of_list(self) -> str:
        """The path of the list of campaigns above it. Needs no database query."""
        return self.path_at_public.removesuffix("/").rpartition("/")[0] + "/"

    @property
    def has_activities(self) -> bool:
        """True if its page of activities has entries."""
        return self.translation_key in campaigns_with_activities()

    @property
    def recalled(self) -> RetiredOutputQuerySet:
        """Posters and cards of this campaign with a number that is no longer correct."""
        return RetiredOutput.objects.recalled().filter(campaign_key=self.translation_key)

    @property
    def is_open(self) -> bool:
        """True if the page is live and not under embargo. Does not check whether its language is public."""
        return self.live and not self.is_embargoed

    @cached_property
    def toolkits(self) -> list[Any]:
        """Its toolkits, in the order of the tree."""
        toolkits = apps.get_model("campaigns.ToolkitPage").objects
        return [*toolkits.child_of(self).listed().newest_first().select_related("locale")] if self.pk else []

    # --- Embargo ---

    @property
    def is_embargoed(self) -> bool:
        if self.embargo is None or self.embargo <= timezone.now():
            return False
        # Once published after its go-live time, it stays public even if the system clock is set back.
        return self.last_published_at is None or self.last_published_at < self.embargo

    @property
    def original(self) -> CampaignPage | None:
        """The page that the others translate, as stored; None before it is."""
        return CampaignPage.objects.filter(translation_key=self.translation_key).order_by("pk").first()

    def embargo_of_campaign(self) -> datetime | None:
        """Return the embargo of the campaign, which applies to every language. The original uses its own."""
        first = self.original
        if first is None:
            return self.embargo
        hour = CampaignPage.objects.go_live_times([self.translation_key])[self.translation_key]
        if first.pk != self.pk:
            return hour
        drafted = first.latest_revision.content.get("embargo") if first.latest_revision else None
        postponed = parse_datetime(drafted) if drafted else None
        return max(self.embargo, postponed) if self.embargo and postponed else self.embargo

    def with_content_json(self, content: dict[str, Any]) -> CampaignPage:
        # Every way of publishing calls this, and Wagtail then holds back a page with a future `go_live_at`.
        # A translation may have been submitted under an embargo that has since been moved forward,
        # and would stay hidden until the old time.
        page: CampaignPage = super().with_content_json(content)
        page.embargo = page.go_live_at = page.embargo_of_campaign()
        if (original := page.original) is not None and original.pk != page.pk:
            page.expire_at = original.expire_at
        return page

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and self.is_embargoed:
            self.live = False
        super().save(*args, **kwargs)

    def render_blockers(self) -> list[str]:
        reasons = super().render_blockers()
        return [*reasons, gettext("The campaign is under embargo.")] if self.is_embargoed else reasons

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_embargoed:
            raise Http404
        return super().serve(request, *args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self.period_start and self.period_end and self.period_end < self.period_start:
            raise ValidationError({"period_end": gettext("The end date must not be before the start date.")})
        if self.embargo and self.expire_at and self.expire_at <= self.embargo:
            raise ValidationError({"expire_at": gettext("Choose a time after “not public before”.")})


def expire_together(instance: CampaignPage, **kwargs: object) -> None:
    """Give the translations of a campaign the time at which its original is unpublished."""
    if (original := instance.original) is not None and original.pk == instance.pk:
        translations = CampaignPage.objects.filter(translation_key=instance.translation_key).exclude(pk=instance.pk)
        translations.update(expire_at=instance.expire_at)


def add_posters(campaigns: Iterable[CampaignPage]) -> None:
    """Set the poster shown in lists for each campaign without a picture, in its language if possible. Two queries."""
    bare = [page for page in campaigns if page.picture_id is None]
    if not bare:
        return
    found: dict[uuid.UUID, list[MaterialFile]] = {}
    for file in MaterialFile.objects.shown().with_pictures_of({page.campaign_key for page in bare}):
        found.setdefault(file.material.campaign_key, []).append(file)
    kinds = Material.Kind.values
    for page in bare:
        page.poster = min(
            (file for file in found.get(page.campaign_key, ()) if file.picture),
            key=lambda file: (
                file.language != page.locale.language_code,
                kinds.index(file.material.kind),
                language_position(file.language),
                file.pk,
            ),
            default=None,
        )
    shown = [picture for page in bare if page.poster and (picture := page.poster.picture)]
    drawn = Rendition.objects.filter(filter_spec__startswith=LISTING_POSTER)
    prefetch_related_objects(shown, Prefetch("renditions", queryset=drawn, to_attr="prefetched_renditions"))


class NewsPage(StoryPage):
    """One piece of news, in one language."""

    parent_page_types = ["campaigns.NewsIndexPage"]
    subpage_types: list[str] = []

    date = models.DateField(_("date"), default=timezone.localdate)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("date"),
        FieldPanel("introduction"),
        FieldPanel("content_note"),
        StoryPage.picture_panel,
        FieldPanel("body"),
    ]
    search_fields = [*StoryPage.search_fields, index.FilterField("date")]

    override_translatable_fields = [
        *BasePage.override_translatable_fields,
        SynchronizedField("date", overridable=False),
    ]

    objects = PageManager.from_queryset(NewsQuerySet)()

    class Meta:
        verbose_name = _("news page")
        verbose_name_plural = _("news pages")
