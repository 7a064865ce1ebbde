"""Feeds of campaigns and news, in every language, printed like the pages that they list."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.syndication.views import Feed, FeedDoesNotExist
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.html import escape

from core.doors import public_url
from core.languages import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.utils.feedgenerator import SyndicationFeed

    from campaigns.models import CampaignPage, NewsPage
    from campaigns.models.indexes import StoryIndexPage

LENGTH = 30
FORMATS: dict[str, type[SyndicationFeed]] = {"atom": Atom1Feed, "rss": Rss201rev2Feed}
# The page that a feed belongs to.
INDEXES = {"campaigns": "campaigns.CampaignIndexPage", "news": "campaigns.NewsIndexPage"}


def feed_path(kind: str, language: str, extension: str = "atom") -> str:
    """Return the path of a feed, such as `/de/feeds/campaigns.atom`."""
    with translation.override(language):
        return reverse(f"campaigns:{kind}-{extension}", urlconf=settings.PUBLIC_URLCONF)


def feed_paths(kind: str, language: str) -> list[str]:
    return [feed_path(kind, language, extension) for extension in FORMATS]


class StoryFeed(Feed["CampaignPage | NewsPage", "StoryIndexPage"]):
    """The newest entries of an index page, in the language of the address."""

    kind = ""

    def __init__(self, *, extension: str) -> None:
        self.extension = extension
        self.feed_type = FORMATS[extension]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> StoryIndexPage:
        code = translation.get_language() or settings.LANGUAGE_CODE
        found = apps.get_model(INDEXES[self.kind]).objects.live().filter(locale__language_code=code)
        index: StoryIndexPage | None = found.exclude(tree.restricted()).order_by("path").first()
        if index is None:
            raise FeedDoesNotExist
        return index

    def title(self, index: StoryIndexPage) -> str:
        return index.title

    def subtitle(self, index: StoryIndexPage) -> str:
        return index.introduction

    description = subtitle

    def link(self, index: StoryIndexPage) -> str:
        return public_url(tree.page_path(index, translation.get_language()))

    def feed_url(self, index: StoryIndexPage) -> str:
        return public_url(feed_path(self.kind, translation.get_language() or "", self.extension))

    def items(self, index: StoryIndexPage) -> Sequence[CampaignPage | NewsPage]:
        return list(index.stories().select_related("locale")[:LENGTH])

    def item_title(self, item: CampaignPage | NewsPage) -> str:
        return item.title

    def item_description(self, item: CampaignPage | NewsPage) -> str:
        return str(escape(item.introduction))

    def item_link(self, item: CampaignPage | NewsPage) -> str:
        return public_url(item.path_at_public)

    def item_guid(self, item: CampaignPage | NewsPage) -> str:
        # Stable when a page moves, and different for each language.
        return f"urn:uuid:{uuid.uuid5(item.translation_key, item.language)}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: CampaignPage | NewsPage) -> datetime:
        return item.first_published_at or datetime(1970, 1, 1, tzinfo=UTC)

    def item_updateddate(self, item: CampaignPage | NewsPage) -> datetime:
        return item.last_published_at or self.item_pubdate(item)


class CampaignFeed(StoryFeed):
    kind = "campaigns"


class NewsFeed(StoryFeed):
    kind = "news"

    def item_pubdate(self, item: CampaignPage | NewsPage) -> datetime:
        day = getattr(item, "date", timezone.localdate())
        return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


FEEDS: dict[str, type[StoryFeed]] = {"campaigns": CampaignFeed, "news": NewsFeed}
