"""Feeds of campaigns, of news and of each theme, in every language, printed like the pages that they list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.syndication.views import Feed, FeedDoesNotExist
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext

from campaigns.materials.models import download_list
from campaigns.models import CampaignPage, MaterialFile, Theme
from campaigns.sharing import shared
from campaigns.studio.variants import name_of_site
from core.doors import public_url
from core.languages import names, tree
from core.publishing import printing
from core.publishing.feeds import LONG_AGO, StillAtom, StillRss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.utils.feedgenerator import SyndicationFeed

    from campaigns.materials.models import DownloadItem
    from campaigns.models import CampaignPage, MaterialIndexPage, NewsPage
    from campaigns.stories.indexes import StoryIndexPage


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeEntry:
    """A campaign or a material of a theme. Its identity is the same wherever it is moved, and different for each language."""

    identity: uuid.UUID
    title: str
    summary: str
    path: str
    published: datetime
    updated: datetime
    categories: list[str]
    rights: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedTheme:
    """A theme in one language, with the library that its materials are in."""

    theme: Theme
    library: MaterialIndexPage

    @property
    def language(self) -> str:
        return self.library.locale.language_code

    def entries(self) -> list[ThemeEntry]:
        """Return the newest first. A fixed number of queries."""
        of_theme = MaterialFile.objects.public().filter(
            material__theme__translation_key=self.theme.translation_key
        )
        themes = Theme.objects.filter(pk=self.theme.pk)
        downloads = download_list(of_theme.for_downloads(themes), language=self.language)
        keys = {item.material.campaign_key for item in downloads if item.material.campaign_key}
        campaigns = CampaignPage.objects.public().filter(
            translation_key__in=keys, locale__language_code=self.language
        )
        found = [self.material(item) for item in downloads]
        found += [self.campaign(page) for page in campaigns.select_related("locale").defer("body")]
        return sorted(found, key=lambda entry: (entry.updated, entry.path), reverse=True)

    def material(self, item: DownloadItem) -> ThemeEntry:
        material = item.material
        published = material.first_published_at or BEGINNING
        return ThemeEntry(
            identity=uuid.uuid5(uuid.NAMESPACE_URL, public_url(f"/{self.language}/materials/{material.pk}")),
            title=item.title,
            summary=item.text.description if item.text else "",
            path=f"{tree.page_path(self.library, self.language)}{material.pk}/",
            published=published,
            updated=material.last_published_at or published,
            categories=[self.theme.name, str(material.get_kind_display())],
            rights=f"{material.terms_of_licence.name} {material.terms_of_licence.url}",
        )

    def campaign(self, page: CampaignPage) -> ThemeEntry:
        published = page.first_published_at or BEGINNING
        return ThemeEntry(
            identity=uuid.uuid5(page.translation_key, page.language),
            title=page.title,
            summary=page.introduction,
            path=page.path_at_public,
            published=published,
            updated=page.last_published_at or published,
            categories=[self.theme.name, gettext("Campaign")],
        )


def followed(language: str | None = None) -> list[FollowedTheme]:
    """Return the themes that a public material has, in every public language with a library, or in one, sorted by name."""
    keys = {*MaterialFile.objects.public().values_list("material__theme__translation_key", flat=True)} - {
        None
    }
    by_language = {page.locale.language_code: page for page in shared.libraries()}
    if language is not None:
        by_language = {code: page for code, page in by_language.items() if code == language}
    found = Theme.objects.filter(translation_key__in=keys, locale__language_code__in=by_language)
    themes = [
        FollowedTheme(theme=theme, library=by_language[theme.locale.language_code])
        for theme in found.select_related("locale")
    ]
    return sorted(themes, key=lambda each: (each.language, names.sort_key(each.theme.name)))


LENGTH = 30
FORMATS: dict[str, type[SyndicationFeed]] = {"atom": StillAtom, "rss": StillRss}
# The page that a feed belongs to.
INDEXES = {"campaigns": "campaigns.CampaignIndexPage", "news": "campaigns.NewsIndexPage"}


def feed_path(kind: str, language: str, extension: str = "atom") -> str:
    """Return the path of a feed, such as `/de/feeds/campaigns.atom`."""
    with translation.override(language):
        return reverse(f"campaigns:{kind}-{extension}", urlconf=settings.PUBLIC_URLCONF)


def feed_url(page: StoryIndexPage) -> str:
    """Return the path of the Atom feed of an index page."""
    return feed_path(page.feed, page.locale.language_code)


def theme_feeds(language: str) -> list[tuple[str, str]]:
    """Return the name of each theme that can be followed in a language, with the path of its feed."""
    return [
        (each.theme.name, theme_feed_path(each.theme.translation_key, language))
        for each in followed(language)
    ]


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
        found = followed(translation.get_language()) if printing.may_render(request) else []
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
