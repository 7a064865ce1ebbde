"""Querysets of campaigns, news and materials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Count, F, Max, Min, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Length, Substr
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from wagtail.models import Revision
from wagtail.query import PageQuerySet

from core.languages import tree
from core.models import Rendition

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from wagtail.models import Page

LISTING_PICTURE = "fill-640x320"  # as in components/card.html
LISTING_POSTER = "max-320x320"
LOGO = "max-400x160"


class StoryQuerySet(PageQuerySet):
    """Pages of campaigns and news."""

    def listed(self) -> StoryQuerySet:
        """Pages that lists, feeds and search may show: live and unrestricted."""
        return self.live().exclude(tree.restricted())

    def newest_first(self) -> StoryQuerySet:
        raise NotImplementedError

    def scheduled_revisions(self) -> models.QuerySet[Revision]:
        """Return the revisions that have been published but are scheduled to go live later, soonest first."""
        return (
            Revision.objects.filter(content_type=ContentType.objects.get_for_model(self.model))
            .exclude(approved_go_live_at=None)
            .order_by("approved_go_live_at", "pk")
        )

    def beside(self, page: Page, number: int) -> StoryQuerySet:
        """Return the pages of a list that come next after one, or, at its end, before it: `number` of them, if there are as many.

        There are none beside a page that was deleted a moment ago, while the press was rendering it.
        """
        keys = self.around(page)
        if page.pk not in keys:
            return self.none()
        here = keys.index(page.pk)
        near = [*keys[here + 1 : here + 1 + number], *reversed(keys[:here])][:number]
        return self.listed().filter(pk__in=near).newest_first()

    def around(self, page: Page) -> list[int]:
        """Return the primary keys of the pages that a list has, newest first, and that of `page` in its place among them."""
        listed = self.sibling_of(page, inclusive=False).listed()
        return [*(listed | self.filter(pk=page.pk)).newest_first().values_list("pk", flat=True)]

    def for_listing(self) -> StoryQuerySet:
        """Load what a card shows, in a fixed number of queries."""
        drawn = Rendition.objects.filter(filter_spec__startswith=LISTING_PICTURE)
        return (
            self.select_related("locale", "picture")
            .prefetch_related(
                Prefetch("picture__renditions", queryset=drawn, to_attr="prefetched_renditions")
            )
            .defer("body")
        )


class CampaignQuerySet(StoryQuerySet):
    def listed(self) -> CampaignQuerySet:
        """Leave out campaigns under embargo, even if something has made the page live early.

        What was published after its hour stays public, even if the clock of the machine is then set back.
        """
        is_over = Q(embargo__lte=timezone.now()) | Q(last_published_at__gte=F("embargo"))
        return super().listed().filter(Q(embargo__isnull=True) | is_over)

    def public(self) -> CampaignQuerySet:
        """Campaigns that readers can open, in any public language."""
        return self.listed().filter(pk__in=tree.public_pages().values("pk"))

    def newest_first(self) -> CampaignQuerySet:
        return self.order_by(F("period_start").desc(nulls_last=True), "-first_published_at", "-pk")

    def hours_of(self, keys: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, datetime | None]:
        """Return the hour before which campaigns are not public, by translation key; None where there is no embargo. Two queries.

        It is set on the original page and applies to every language. What has been published or scheduled decides; a draft can postpone
        the hour, because somebody is about to, but can neither bring it forward nor lift it.
        """
        originals = self.originals() if keys is None else self.filter(translation_key__in=keys).originals()
        rows = {
            str(pk): (key, embargo, latest)
            for pk, key, embargo, latest in originals.values_list(
                "pk", "translation_key", "embargo", "latest_revision"
            )
        }
        decided = {pk: embargo for pk, (_key, embargo, _latest) in rows.items()}
        drafts: dict[str, datetime] = {}
        revisions = Revision.objects.filter(
            Q(approved_go_live_at__isnull=False) | Q(pk__in=[latest for *_rest, latest in rows.values()]),
            content_type=ContentType.objects.get_for_model(self.model),
            object_id__in=rows,
        )
        fields = ("pk", "object_id", "approved_go_live_at", "content__embargo")
        for pk, object_id, scheduled, text in revisions.order_by("pk").values_list(*fields):
            said = parse_datetime(text) if text else None
            if scheduled is not None:
                decided[object_id] = said
            if pk == rows[object_id][2] and said is not None:
                drafts[object_id] = said
        return {
            rows[pk][0]: max((at for at in (embargo, drafts.get(pk)) if at is not None), default=None)
            for pk, embargo in decided.items()
        }

    def originals(self) -> CampaignQuerySet:
        """One page for each campaign: the original, which the others translate."""
        first = (
            self.model.objects.filter(translation_key=OuterRef("translation_key"))
            .order_by("pk")
            .values("pk")[:1]
        )
        return self.filter(pk=Subquery(first))

    def titles_in(self, language: str) -> dict[uuid.UUID, tuple[str, str]]:
        """Return (title, path) of each campaign by its key: of its page in a language or, if there is none, in the nearest. One query."""
        pages = self.select_related("locale").only(
            "title", "url_path", "translation_key", "locale__language_code"
        )
        order = tree.fallbacks(language)
        found: dict[uuid.UUID, tuple[int, str, str]] = {}
        for page in pages.order_by("pk"):
            code = page.locale.language_code
            rank = order.index(code) if code in order else len(order)
            if page.translation_key not in found or rank < found[page.translation_key][0]:
                found[page.translation_key] = (rank, page.title, page.path_at_public)
        return {key: (title, path) for key, (_rank, title, path) in found.items()}

    def supported_by(self, partner: int) -> CampaignQuerySet:
        """Campaigns that have chosen a partner."""
        return self.filter(partners__contains=[{"type": "partner", "value": partner}])


class ToolkitQuerySet(StoryQuerySet):
    def listed(self) -> ToolkitQuerySet:
        """Leave out toolkits of campaigns that are not public (yet)."""
        steplen = self.model.steplen
        above = Substr("path", 1, Length("path") - steplen)
        campaigns = apps.get_model("campaigns.CampaignPage").objects.listed()
        return super().listed().alias(above=above).filter(above__in=campaigns.values("path"))

    def newest_first(self) -> ToolkitQuerySet:
        """In the order of the tree, which editors choose."""
        return self.order_by("path")


class NewsQuerySet(StoryQuerySet):
    def newest_first(self) -> NewsQuerySet:
        return self.order_by("-date", "-pk")


class MaterialQuerySet(models.QuerySet[Any]):
    def of_campaign(self, campaign_key: uuid.UUID) -> Self:
        """The materials of a campaign, by the translation key of its pages."""
        return self.filter(campaign_key=campaign_key)


class MaterialFileQuerySet(models.QuerySet[Any]):
    def shown(self) -> Self:
        """Files of published materials."""
        return self.filter(material__live=True)

    def public(self) -> Self:
        """Files that readers can get in the library: of materials of a public campaign, and of materials of none."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.shown().filter(
            Q(material__campaign_key__in=campaigns.values("translation_key"))
            | Q(material__campaign_key__isnull=True)
        )

    def of_campaign(self, campaign_key: uuid.UUID | None, *, and_materials: Collection[int] = ()) -> Self:
        """Files of a campaign (if any), and of materials that an editor has placed in a text."""
        of_campaign = Q(material__campaign_key=campaign_key) if campaign_key else Q()
        return self.filter(Q(material__in=and_materials) | of_campaign)

    def with_pictures_of(self, campaigns: Collection[uuid.UUID]) -> Self:
        """Files of campaigns, with what shows them."""
        found = self.filter(material__campaign_key__in=campaigns)
        return found.select_related("material", "document__first_page", "preview")

    def for_downloads(self, themes: models.QuerySet[Any]) -> Self:
        """Load all that a download list shows: documents, texts, and the theme's name in the language of `themes`."""
        theme = themes.filter(translation_key=OuterRef("material__theme__translation_key")).values("name")[:1]
        return (
            self.select_related("material", "document__first_page", "document__sheet", "preview", "captions")
            .prefetch_related("material__texts")
            .annotate(theme_name=Coalesce(Subquery(theme), "material__theme__name"))
            .order_by("material__name", "material_id", "language", "pk")
        )


class DesignQuerySet(models.QuerySet[Any]):
    def for_listing(self) -> Self:
        """Load what the list at the desk shows: the languages that there are words in, and how many sheets are drawn."""
        return self.select_related("material").annotate(
            in_languages=ArrayAgg("texts__language", distinct=True, default=[]),
            drawn_count=Count("sheets", distinct=True, filter=Q(sheets__document__isnull=False)),
        )


class RetiredSheetQuerySet(models.QuerySet[Any]):
    def of_campaign(self, campaign_key: uuid.UUID) -> Self:
        return self.filter(campaign_key=campaign_key)

    def with_wrong_numbers(self) -> Self:
        """Those whose number must not be relied on: it has changed, or is no longer confirmed."""
        return self.filter(why__in=["number", "closed"])


class PartnerQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        return self.filter(is_public=True)

    def with_address(self) -> Self:
        """Those that a letter can be written to."""
        return self.exclude(contact_email="")

    def for_showing(self) -> Self:
        """Load what shows a partner: its logo and its words. A fixed number of queries."""
        drawn = Rendition.objects.filter(filter_spec__startswith=LOGO)
        return self.select_related("logo").prefetch_related(
            "texts", Prefetch("logo__renditions", queryset=drawn, to_attr="prefetched_renditions")
        )

    def for_drawing(self) -> Self:
        """Load what the studio draws, in the order of the sheets."""
        return self.select_related("logo").prefetch_related("texts").order_by("name", "pk")


class LaunchContactQuerySet(models.QuerySet[Any]):
    def for_showing(self) -> Self:
        """Load the partners that have a record, with their words. Two queries."""
        return self.select_related("partner").prefetch_related("partner__texts")


class ActivityQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Those that everybody may see: of public partners, for no campaign or for one that is public."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.filter(
            Q(campaign_key__in=campaigns.values("translation_key")) | Q(campaign_key__isnull=True),
            is_public=True,
            partner__is_public=True,
        )

    def of_campaign(self, campaign_key: uuid.UUID) -> Self:
        return self.filter(campaign_key=campaign_key)

    def for_showing(self) -> Self:
        """Load what a list shows: words, and the partner with its words. A fixed number of queries."""
        return self.select_related("partner").prefetch_related("texts", "partner__texts")


class UsageReportQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Those that nobody has read."""
        return self.filter(state="waiting")

    def public(self) -> Self:
        """Those that everybody may see: an editor has let them through, of public partners."""
        return self.filter(state="shown", partner__is_public=True)

    def of_campaign(self, campaign_key: uuid.UUID) -> Self:
        return self.filter(campaign_key=campaign_key)

    def matching(self, wanted: Mapping[str, Any]) -> Self:
        """Those that an editor has read, of a campaign, a country and a language, as far as one is given."""
        fields = {"campaign_key": "campaign_key", "country": "country", "language": "material_language"}
        narrowed = {own: wanted[name] for name, own in fields.items() if wanted.get(name)}
        return self.exclude(state="waiting").filter(**narrowed)

    def copies_by(self, field: str) -> models.QuerySet[Any, Any]:
        """Return how many copies were reported, for each value of a field."""
        told = self.exclude(copies=None).order_by(field)
        return told.values_list(field).annotate(Sum("copies"))

    def for_showing(self) -> Self:
        return self.select_related("material", "partner").prefetch_related(
            "material__texts", "partner__texts"
        )


class CampaignResultQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Those of campaigns that everybody may see."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.filter(campaign_key__in=campaigns.values("translation_key"))

    def added_up(self, *by: str) -> models.QuerySet[Any, dict[str, Any]]:
        """Return one row for each combination of the fields `by`, with the days and the sums of all numbers; None where nobody told one."""
        sums = {f"{name}_sum": Sum(name) for name in ("shown", "clicked", "put_up", "people")}
        days = {"begun": Min("first_day"), "ended": Max("last_day")}
        return self.order_by(*by).values(*by).annotate(results=Count("pk"), **days, **sums)


class SecretLinkQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Links that work."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def ended_before(self, moment: datetime) -> Self:
        """Links that have not worked since a moment."""
        return self.filter(Q(expires_at__lt=moment) | Q(revoked_at__lt=moment))
