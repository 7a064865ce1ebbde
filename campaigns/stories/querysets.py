"""Querysets of campaign, news and toolkit pages."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Collection
from datetime import datetime

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Length, Substr
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from wagtail.models import Page, Revision
from wagtail.query import PageQuerySet

from core.languages import tree
from core.models import Rendition

LISTING_PICTURE = "fill-640x320"  # as in components/card.html


LISTING_POSTER = "max-320x320"


class StoryQuerySet(PageQuerySet):
    """Pages of campaigns and news."""

    def listed(self) -> StoryQuerySet:
        """Return pages for lists, feeds and search: live and unrestricted."""
        return self.live().exclude(tree.restricted())

    @abstractmethod
    def newest_first(self) -> StoryQuerySet:
        """Return the pages in the order of their list."""

    def scheduled_revisions(self) -> models.QuerySet[Revision]:
        """Return revisions that are scheduled to go live, soonest first."""
        return (
            Revision.objects.filter(content_type=ContentType.objects.get_for_model(self.model))
            .exclude(approved_go_live_at=None)
            .order_by("approved_go_live_at", "pk")
        )

    def beside(self, page: Page, number: int) -> StoryQuerySet:
        """Return up to `number` listed pages after a page or, at the end of the list, before it.

        Return none if the page was deleted while it was being rendered.
        """
        keys = self.around(page)
        if page.pk not in keys:
            return self.none()
        here = keys.index(page.pk)
        near = [*keys[here + 1 : here + 1 + number], *reversed(keys[:here])][:number]
        return self.listed().filter(pk__in=near).newest_first()

    def around(self, page: Page) -> list[int]:
        """Return the primary keys of the listed siblings of `page` and of itself, newest first."""
        listed = self.sibling_of(page, inclusive=False).listed()
        return [*(listed | self.filter(pk=page.pk)).newest_first().values_list("pk", flat=True)]

    def for_listing(self) -> StoryQuerySet:
        """Load the data of cards, in a fixed number of queries."""
        drawn = Rendition.objects.filter(filter_spec__startswith=LISTING_PICTURE)
        return (
            self.select_related("locale", "picture")
            .prefetch_related(Prefetch("picture__renditions", queryset=drawn, to_attr="prefetched_renditions"))
            .defer("body")
        )


class CampaignQuerySet(StoryQuerySet):
    def listed(self) -> CampaignQuerySet:
        """Leave out campaigns under embargo, even if they are live already.

        A page published after its go-live time stays public, even if the system clock is set back.
        """
        is_over = Q(embargo__lte=timezone.now()) | Q(last_published_at__gte=F("embargo"))
        return super().listed().filter(Q(embargo__isnull=True) | is_over)

    def public(self) -> CampaignQuerySet:
        """Return campaigns that readers can open, in any public language."""
        return self.listed().filter(pk__in=tree.public_pages().values("pk"))

    def newest_first(self) -> CampaignQuerySet:
        return self.order_by(F("period_start").desc(nulls_last=True), "-first_published_at", "-pk")

    def go_live_times(self, keys: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, datetime | None]:
        """Return the go-live time of campaigns by translation key; None without an embargo. Two queries.

        It is set on the original page and applies to every language.
        The published or scheduled version decides.
        A draft can postpone the go-live time, as it will be published, but can neither bring it forward nor lift it.
        """
        originals = self.originals() if keys is None else self.filter(translation_key__in=keys).originals()
        rows = {
            str(pk): (key, embargo, latest)
            for pk, key, embargo, latest in originals.values_list("pk", "translation_key", "embargo", "latest_revision")
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
        """Return the original page of each campaign, which the others translate."""
        first = self.model.objects.filter(translation_key=OuterRef("translation_key")).order_by("pk").values("pk")[:1]
        return self.filter(pk=Subquery(first))

    def titles_in(self, language: str) -> dict[uuid.UUID, tuple[str, str]]:
        """Return (title, path) of each campaign by key, in a language or else in its nearest fallback. One query."""
        pages = self.select_related("locale").only("title", "url_path", "translation_key", "locale__language_code")
        order = tree.fallbacks(language)
        found: dict[uuid.UUID, tuple[int, str, str]] = {}
        for page in pages.order_by("pk"):
            code = page.locale.language_code
            rank = order.index(code) if code in order else len(order)
            if page.translation_key not in found or rank < found[page.translation_key][0]:
                found[page.translation_key] = (rank, page.title, page.path_at_public)
        return {key: (title, path) for key, (_rank, title, path) in found.items()}

    def supported_by(self, partner: int) -> CampaignQuerySet:
        """Return campaigns that list a partner."""
        return self.filter(partners__contains=[{"type": "partner", "value": partner}])


class ToolkitQuerySet(StoryQuerySet):
    def listed(self) -> ToolkitQuerySet:
        """Leave out toolkits of campaigns that are not public (yet)."""
        steplen = self.model.steplen
        above = Substr("path", 1, Length("path") - steplen)
        campaigns = apps.get_model("campaigns.CampaignPage").objects.listed()
        return super().listed().alias(above=above).filter(above__in=campaigns.values("path"))

    def newest_first(self) -> ToolkitQuerySet:
        """Return the pages in tree order, which editors choose."""
        return self.order_by("path")


class NewsQuerySet(StoryQuerySet):
    def newest_first(self) -> NewsQuerySet:
        return self.order_by("-date", "-pk")
