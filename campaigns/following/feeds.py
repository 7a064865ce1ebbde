"""Feeds of campaigns, of news and of each theme, in every language, printed like the pages that they list."""

from __future__ import annotations

import uuid
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.syndication.views import Feed, FeedDoesNotExist
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape

from campaigns.following import themes
from campaigns.studio.variants import name_of_site
from core.doors import public_url
from core.languages import tree
from core.publishing import printing
from core.publishing.feeds import LONG_AGO, StillAtom, StillRss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.utils.feedgenerator import SyndicationFeed

    from campaigns.following.themes import FollowedTheme, ThemeEntry
    from campaigns.models import CampaignPage, NewsPage
    from campaigns.stories.indexes import StoryIndexPage

LENGTH = 30
FORMATS: dict[str, type[SyndicationFeed]] = {"atom": StillAtom, "rss": StillRss}
# The page that a feed belongs to.
INDEXES = {"campaigns": "campaigns.CampaignIndexPage", "news": "campaigns.NewsIndexPage"}


def feed_path(kind: str, language: str, extension: str = "atom") -> str:
    """Return the path of a feed, such as `/de/feeds/campaigns.atom`."""
    with translation.override(language):
        return reverse(f"campaigns:{kind}-{extension}", urlconf=settings.PUBLIC_URLCONF)


def feed_paths(kind: str, language: str) -> list[str]:
    return [feed_path(kind, language, extension) for extension in FORMATS]


def indexes(language: str) -> list[StoryIndexPage]:
    """Return the pages that have a feed in a language."""
    found = [
        apps.get_model(label)
        .objects.live()
        .filter(locale__language_code=language)
        .exclude(tree.restricted())
        .first()
        for label in INDEXES.values()
    ]
    return [page for page in found if page is not None]


def ways_to_follow_path(language: str) -> str:
    """Return the path of the page that lists what can be followed, `/de/feeds/`."""
    with translation.override(language):
        return reverse("campaigns:ways-to-follow", urlconf=settings.PUBLIC_URLCONF)


def theme_feed_path(key: uuid.UUID, language: str) -> str:
    """Return the path of the feed of a theme, by the translation key of the theme: it stays when the theme is renamed."""
    with translation.override(language):
        return reverse("campaigns:theme-atom", urlconf=settings.PUBLIC_URLCONF, args=[key])


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

    def author_name(self, index: StoryIndexPage) -> str:
        return name_of_site()

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
        return item.first_published_at or LONG_AGO

    def item_updateddate(self, item: CampaignPage | NewsPage) -> datetime:
        return item.last_published_at or self.item_pubdate(item)


class CampaignFeed(StoryFeed):
    kind = "campaigns"


class NewsFeed(StoryFeed):
    kind = "news"

    def item_pubdate(self, item: CampaignPage | NewsPage) -> datetime:
        day = getattr(item, "date", timezone.localdate())
        return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


class ThemeFeed(Feed["ThemeEntry", "FollowedTheme"]):
    """The newest campaigns and materials of a theme, in the language of the address."""

    feed_type = StillAtom
    item_guid_is_permalink = False

    def get_object(self, request: HttpRequest, key: uuid.UUID, *args: Any, **kwargs: Any) -> FollowedTheme:
        found = themes.followed(translation.get_language()) if printing.may_render(request) else []
        theme = next((each for each in found if each.theme.translation_key == key), None)
        if theme is None:
            raise FeedDoesNotExist
        return theme

    def author_name(self, followed: FollowedTheme) -> str:
        return name_of_site()

    def title(self, followed: FollowedTheme) -> str:
        return followed.theme.name

    def link(self, followed: FollowedTheme) -> str:
        return public_url(tree.page_path(followed.library, followed.language))

    def feed_url(self, followed: FollowedTheme) -> str:
        return public_url(theme_feed_path(followed.theme.translation_key, followed.language))

    def feed_guid(self, followed: FollowedTheme) -> str:
        # Not its link: the library is the page of all themes.
        return f"urn:uuid:{uuid.uuid5(followed.theme.translation_key, followed.language)}"

    def categories(self, followed: FollowedTheme) -> list[str]:
        return [followed.theme.name]

    def items(self, followed: FollowedTheme) -> list[ThemeEntry]:
        return followed.entries()[:LENGTH]

    def item_title(self, item: ThemeEntry) -> str:
        return item.title

    def item_description(self, item: ThemeEntry) -> str:
        return str(escape(item.summary))

    def item_link(self, item: ThemeEntry) -> str:
        return public_url(item.path)

    def item_guid(self, item: ThemeEntry) -> str:
        return f"urn:uuid:{item.identity}"

    def item_pubdate(self, item: ThemeEntry) -> datetime:
        return item.published

    def item_updateddate(self, item: ThemeEntry) -> datetime:
        return item.updated

    def item_categories(self, item: ThemeEntry) -> list[str]:
        return item.categories

    def item_copyright(self, item: ThemeEntry) -> str | None:
        return item.rights or None


FEEDS: dict[str, type[StoryFeed]] = {"campaigns": CampaignFeed, "news": NewsFeed}
