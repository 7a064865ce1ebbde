"""Lists of campaigns and news.

Pages of a list have their own paths, since prerendered pages cannot take a query string.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.routable_page.models import RoutablePageMixin, path

from campaigns.partners.activities import (
    Activity,
    ActivityList,
    ActivityQuerySet,
    UsageCard,
    UsageReport,
    campaigns_with_activities,
)
from campaigns.partners.models import public_partners
from campaigns.stories.models import CampaignPage, NewsPage, add_posters
from campaigns.stories.querysets import StoryQuerySet
from core.languages import names
from core.models import StartPage
from core.publishing import sharing
from core.publishing.lists import ListPage
from core.publishing.safety import SafetyClass


class StoryIndexPage(RoutablePageMixin, ListPage):
    """A list of the pages below it, newest first."""

    parent_page_types = ["home.HomePage"]
    safety_class = SafetyClass.MACHINE_TRANSLATABLE
    page_size = 24
    feed = ""

    class Meta:
        abstract = True

    def stories(self) -> StoryQuerySet:
        """Return the listed pages, in order."""
        raise NotImplementedError

    def groups(self, stories: Iterable[Any]) -> list[tuple[str, list[Any]]]:
        """Return the stories of one page of the list as (heading, stories)."""
        raise NotImplementedError

    @path("", name="first")
    def first(self, request: HttpRequest) -> HttpResponse:
        return self.render(request)

    @path("page/<int:number>/", name="further")
    def further(self, request: HttpRequest, number: int) -> HttpResponse:
        if number < 2 or number > self.paginator.num_pages:
            raise Http404
        paging = {"number": number, "total": self.paginator.num_pages}
        described = f"{sharing.description(self)} ({gettext('Page %(number)s of %(total)s') % paging})"
        return self.render(request, number=number, context_overrides={"description": described})

    @property
    def paginator(self) -> Paginator[Any]:
        return Paginator(self.stories().for_listing(), self.page_size)

    def prerendered_paths(self) -> list[str]:
        return ["", *(f"page/{number}/" for number in range(2, self.paginator.num_pages + 1))]

    def get_context(self, request: HttpRequest, *args: object, number: int = 1, **kwargs: object) -> dict[str, Any]:
        # Not stored on the page: the renderer uses one instance for all of its addresses, in any order.
        context = super().get_context(request, *args, **kwargs)
        context["page_obj"] = self.paginator.page(number)
        context["groups"] = self.groups(context["page_obj"].object_list)
        context["own_url"] = self.path_at_public
        return context


class CampaignIndexPage(StoryIndexPage):
    """All campaigns in one language."""

    subpage_types = ["campaigns.CampaignPage"]
    start_page = StartPage("campaigns", "Campaigns")
    feed = "campaigns"

    rendered_for = models.DateField(
        _("updated for"),
        null=True,
        editable=False,
        help_text=_("The day on which it was last looked at which campaigns are running. Set by the scheduler."),
    )

    class Meta:
        verbose_name = _("list of campaigns")
        verbose_name_plural = _("lists of campaigns")

    def stories(self) -> StoryQuerySet:
        return CampaignPage.objects.child_of(self).listed().newest_first()

    def prerendered_paths(self) -> list[str]:
        keys = campaigns_with_activities()
        slugs = self.stories().filter(translation_key__in=keys).values_list("slug", flat=True)
        # The pages of partners and activities always exist, even while they are empty.
        own = ["partners/", "activities/", *(f"activities/{slug}/" for slug in sorted(slugs))]
        return [*super().prerendered_paths(), *own]

    @path("partners/", name="partners")
    def partners(self, request: HttpRequest) -> HttpResponse:
        """Show every public partner with its description, and the campaigns that it supports."""
        language = self.locale.language_code
        campaigns: dict[int, list[CampaignPage]] = {}
        for page in self.stories().select_related("locale").only("title", "url_path", "partners", "locale"):
            for key in dict.fromkeys(block["value"] for block in page.partners.raw_data):
                campaigns.setdefault(key, []).append(page)
        rows = [(partner.shown_in(language), campaigns.get(partner.pk, [])) for partner in public_partners().values()]
        rows.sort(key=lambda row: names.sort_key(row[0].name))
        return self.render(
            request,
            template="campaigns/partners_page.html",
            context_overrides={
                "title": gettext("Partners"),
                "description": gettext("Who carries these campaigns, in which country, and what they do."),
                "rows": rows,
            },
        )

    @path("activities/", name="activities")
    def activities(self, request: HttpRequest) -> HttpResponse:
        """Show the activities of partners for all campaigns, as a list, a map and a table."""
        return self._activities(request, gettext("Activities of our partners"), Activity.objects.public())

    @path("activities/<slug:slug>/", name="activities-of-campaign")
    def activities_of_campaign(self, request: HttpRequest, slug: str) -> HttpResponse:
        campaign = self.stories().filter(slug=slug).select_related("locale").first()
        if campaign is None or not campaign.has_activities:
            raise Http404
        key = campaign.translation_key
        return self._activities(
            request,
            gettext("Activities: %(campaign)s") % {"campaign": campaign.title},
            Activity.objects.public().filter(campaign_key=key),
            campaign=campaign,
            reports=[
                UsageCard.of(report, self.locale.language_code)
                for report in UsageReport.objects.public().filter(campaign_key=key).for_showing()
            ],
        )

    def _activities(self, request: HttpRequest, title: str, activities: ActivityQuerySet, **more: Any) -> HttpResponse:
        language = self.locale.language_code
        found = ActivityList(
            activities.for_showing(),
            language=language,
            campaigns=CampaignPage.objects.public().titles_in(language),
        )
        described = f"{title}. {gettext('What partners do, on which days and in which country.')}"
        context = {"title": title, "description": described, "activities": found, **more}
        return self.render(request, template="campaigns/activities_page.html", context_overrides=context)

    def groups(self, stories: Iterable[CampaignPage]) -> list[tuple[str, list[CampaignPage]]]:
        """Return the campaigns by phase: running first, past last."""
        campaigns = [*stories]
        add_posters(campaigns)
        phases = ((phase, [each for each in campaigns if each.phase is phase]) for phase in CampaignPage.Phase)
        return [(str(phase.label), found) for phase, found in phases if found]


class NewsIndexPage(StoryIndexPage):
    """All news in one language."""

    subpage_types = ["campaigns.NewsPage"]
    start_page = StartPage("news", "News")
    feed = "news"

    class Meta:
        verbose_name = _("list of news")
        verbose_name_plural = _("lists of news")

    def stories(self) -> StoryQuerySet:
        return NewsPage.objects.child_of(self).listed().newest_first()

    def groups(self, stories: Iterable[NewsPage]) -> list[tuple[str, list[NewsPage]]]:
        return [(str(year), [*found]) for year, found in groupby(stories, key=lambda news: news.date.year)]
