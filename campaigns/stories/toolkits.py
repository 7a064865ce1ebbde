"""Toolkits: a campaign for one audience."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import WagtailAdminPageForm
from wagtail.admin.panels import CommentPanel, FieldPanel
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail.search import index
from wagtail.signals import page_published, page_unpublished

from campaigns.materials.models import DownloadItem, Readership
from campaigns.stories.blocks import ToolkitStory
from campaigns.stories.models import CampaignPage, StoryPage, expire_together
from campaigns.stories.querysets import ToolkitQuerySet
from core.admin.features import Feature, Missing, MissingFeaturesPanel
from core.declarations import Receiver
from core.models import BasePage

TAKEN = _("This campaign already has a toolkit for these readers.")


class ToolkitForm(WagtailAdminPageForm):
    """Checks the audience of a new toolkit against its future siblings; it is not in the tree yet."""

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean()
        if not self.instance.pk and self.parent_page is not None:
            others = ToolkitPage.objects.child_of(self.parent_page)
            if others.filter(audience=cleaned.get("audience")).exists():
                self.add_error("audience", TAKEN)
        return cleaned


class ToolkitPage(StoryPage):
    """A campaign for one audience, in one language: reasons, instructions, messages, and materials for the audience."""

    parent_page_types = ["campaigns.CampaignPage"]
    subpage_types: list[str] = []
    base_form_class = ToolkitForm
    # Readers of the subject at work may not want to be seen reading it.
    WITH_EXIT = frozenset({Readership.JOURNALISTS, Readership.WORRIED})

    audience = models.CharField(
        _("audience"),
        max_length=20,
        choices=Readership,
        help_text=_("The materials of the campaign for these readers are listed on the page."),
    )
    body = StreamField(ToolkitStory(), verbose_name=_("text"), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("audience"),
        FieldPanel("introduction"),
        FieldPanel("content_note"),
        StoryPage.picture_panel,
        FieldPanel("body"),
    ]
    # Published with its campaign: scheduling it separately would compete with the embargo.
    settings_panels = [CommentPanel(), MissingFeaturesPanel()]
    missing_features: Missing = {
        **StoryPage.missing_features,
        Feature.SCHEDULE: _("A toolkit goes live with its campaign, and is unpublished with it."),
    }
    search_fields = [*StoryPage.search_fields, index.FilterField("audience")]

    objects = PageManager.from_queryset(ToolkitQuerySet)()

    class Meta:
        verbose_name = _("toolkit")
        verbose_name_plural = _("toolkits")

    @cached_property
    def campaign(self) -> CampaignPage:
        return self.get_parent().specific

    @property
    def campaign_key(self) -> uuid.UUID:
        return self.campaign.translation_key

    @property
    def has_exit(self) -> bool:
        return self.audience in self.WITH_EXIT

    @property
    def downloads(self) -> list[DownloadItem]:
        """The materials of the campaign for this audience, and those without an audience."""
        return [
            item
            for item in self.all_downloads
            if item.material.campaign_key == self.campaign_key
            and (self.audience in item.material.audiences or not item.material.audiences)
        ]

    # --- Public with its campaign, never before ---

    def with_content_json(self, content: dict[str, object]) -> ToolkitPage:
        page: ToolkitPage = super().with_content_json(content)
        page.go_live_at = CampaignPage.objects.go_live_times([page.campaign_key])[page.campaign_key]
        return page

    def untranslated(self) -> list[str]:
        reasons = super().untranslated()
        if self.campaign.live or self.campaign.scheduled_revision is not None:
            return reasons
        return [*reasons, gettext("Publish the campaign first: a toolkit is public together with it.")]

    def prerendered_paths(self) -> list[str]:
        return super().prerendered_paths() if self.campaign.is_open else []

    def render_blockers(self) -> list[str]:
        reasons = super().render_blockers()
        return reasons if self.campaign.is_open else [*reasons, gettext("The campaign is not public.")]

    def serve(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not self.campaign.is_open:
            raise Http404
        return super().serve(request, *args, **kwargs)

    def clean(self) -> None:
        super().clean()
        others = ToolkitPage.objects.sibling_of(self, inclusive=False) if self.pk else ()
        if any(other.audience == self.audience for other in others):
            raise ValidationError({"audience": TAKEN})


def unpublish_toolkits(instance: CampaignPage, **kwargs: object) -> None:
    """Unpublish the toolkits of a campaign that was unpublished: their links to it would be broken."""
    for toolkit in ToolkitPage.objects.child_of(instance).live():
        toolkit.unpublish()


RECEIVERS = (
    Receiver(signal=page_published, function=expire_together, senders=(CampaignPage,)),
    Receiver(signal=page_unpublished, function=unpublish_toolkits, senders=(CampaignPage,)),
)
