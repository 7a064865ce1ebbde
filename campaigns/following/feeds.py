"""Feeds of campaigns, of news and of each theme, in every language, prerendered like the pages that they list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.apps import apps
from django.conf import settings
from django.contrib.syndication.views import Feed, FeedDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.feedgenerator import SyndicationFeed
from django.utils.html import escape
from django.utils.translation import gettext

from campaigns.following import days
from campaigns.materials import catalogue
from campaigns.materials.models import DownloadItem, download_list
from campaigns.models import CampaignPage, MaterialFile, MaterialIndexPage, NewsPage, Theme
from campaigns.results import open_data
from campaigns.sharing import shared
from campaigns.stories.indexes import StoryIndexPage
from campaigns.studio.variants import name_of_site
from core.http import public_url
from core.languages import names, tree
from core.publishing import routes
from core.publishing.feeds import LONG_AGO, StillAtom, StillRss


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFeedEntry:
    """A page or a material in a feed. Its identity survives moves and differs by language."""

    identity: uuid.UUID
    title: str
    summary: str
    path: str
    published: datetime
    updated: datetime
    categories: Sequence[str] = ()
    rights: str = ""

    @classmethod
    def of(cls, page: CampaignPage | NewsPage, *, categories: Sequence[str] = ()) -> StoryFeedEntry:
        published = page.first_published_at or LONG_AGO
        if isinstance(page, NewsPage):
            published = datetime.combine(page.date, time(), tzinfo=timezone.get_default_timezone())
        return cls(
            identity=uuid.uuid5(page.translation_key, page.language),
            title=page.title,
            summary=page.introduction,
            path=page.path_at_public,
            published=published,
            updated=page.last_published_at or published,
            categories=categories,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedTheme:
    """A theme in one language, with the library page that lists its materials."""

    theme: Theme
    library: MaterialIndexPage

    @property
    def language(self) -> str:
        return self.library.locale.language_code

    def entries(self) -> list[StoryFeedEntry]:
        """Return the entries, newest first, in a fixed number of queries."""
        of_theme = MaterialFile.objects.public().filter(material__theme__translation_key=self.theme.translation_key)
        themes = Theme.objects.filter(pk=self.theme.pk)
        downloads = download_list(of_theme.for_downloads(themes), language=self.language)
        keys = {item.material.campaign_key for item in downloads if item.material.campaign_key}
        campaigns = CampaignPage.objects.public().filter(translation_key__in=keys, locale__language_code=self.language)
        found = [self.material(item) for item in downloads]
        categories = [self.theme.name, gettext("Campaign")]
        found += [
            StoryFeedEntry.of(page, categories=categories) for page in campaigns.select_related("locale").defer("body")
        ]
        return sorted(found, key=lambda entry: (entry.updated, entry.path), reverse=True)

    def material(self, item: DownloadItem) -> StoryFeedEntry:
        material = item.material
        published = material.first_published_at or LONG_AGO
        return StoryFeedEntry(
            identity=uuid.uuid5(uuid.NAMESPACE_URL, public_url(f"/{self.language}/materials/{material.pk}")),
            title=item.title,
            summary=item.text.description if item.text else "",
            path=f"{tree.page_path(self.library, self.language)}{material.pk}/",
            published=published,
            updated=material.last_published_at or published,
            categories=[self.theme.name, str(material.get_kind_display())],
            rights=f"{material.terms_of_licence.name} {material.terms_of_licence.url}",
        )


def followed(language: str | None = None) -> list[FollowedTheme]:
    """Return the themes of public materials, sorted by name, in one language or in all public ones with a library."""
    keys = {*MaterialFile.objects.public().values_list("material__theme__translation_key", flat=True)} - {None}
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
# The page type that a feed belongs to.
INDEXES = {"campaigns": "campaigns.CampaignIndexPage", "news": "campaigns.NewsIndexPage"}


def public_path(name: str, language: str, *arguments: object) -> str:
    """Return a path below `/<language>/feeds/`."""
    with translation.override(language):
        return reverse(f"campaigns:{name}", urlconf=settings.PUBLIC_URLCONF, args=arguments)


def feed_path(kind: str, language: str, extension: str = "atom") -> str:
    """Return the path of a feed, such as `/de/feeds/campaigns.atom`."""
    return public_path(f"{kind}-{extension}", language)


def feed_url(page: StoryIndexPage) -> str:
    """Return the path of the Atom feed of an index page."""
    return feed_path(page.feed, page.locale.language_code)


def theme_feeds(language: str) -> list[tuple[str, str]]:
    """Return the name of each theme that can be followed in a language, with the path of its feed."""
    return [(each.theme.name, theme_feed_path(each.theme.translation_key, language)) for each in followed(language)]


def feed_paths(kind: str, language: str) -> list[str]:
    return [feed_path(kind, language, extension) for extension in FORMATS]


def feed_index(kind: str, language: str) -> StoryIndexPage | None:
    """Return the page that a feed belongs to; None if it is not public."""
    found = apps.get_model(INDEXES[kind]).objects.live().filter(locale__language_code=language)
    index: StoryIndexPage | None = found.exclude(tree.restricted()).order_by("path").first()
    return index


def indexes(language: str) -> list[StoryIndexPage]:
    """Return the pages that have a feed in a language."""
    return [page for kind in INDEXES if (page := feed_index(kind, language)) is not None]


def ways_to_follow_path(language: str) -> str:
    """Return the path of the page that lists what can be followed, `/de/feeds/`."""
    return public_path("ways-to-follow", language)


def theme_feed_path(key: uuid.UUID, language: str) -> str:
    """Return the path of the feed of a theme. It uses the translation key, so it survives renaming the theme."""
    return public_path("theme-atom", language, key)


class EntryFeed:
    """Entry fields shared by all feeds."""

    item_guid_is_permalink = False

    def author_name(self, subject: object) -> str:
        return name_of_site()

    def item_title(self, item: StoryFeedEntry) -> str:
        return item.title

    def item_description(self, item: StoryFeedEntry) -> str:
        return str(escape(item.summary))

    def item_link(self, item: StoryFeedEntry) -> str:
        return public_url(item.path)

    def item_guid(self, item: StoryFeedEntry) -> str:
        return f"urn:uuid:{item.identity}"

    def item_pubdate(self, item: StoryFeedEntry) -> datetime:
        return item.published

    def item_updateddate(self, item: StoryFeedEntry) -> datetime:
        return item.updated

    def item_categories(self, item: StoryFeedEntry) -> Sequence[str]:
        return item.categories

    def item_copyright(self, item: StoryFeedEntry) -> str | None:
        return item.rights or None


class StoryFeed(EntryFeed, Feed["StoryFeedEntry", "StoryIndexPage"]):
    """The newest entries of an index page, in the language of the address."""

    def __init__(self, *, kind: str, extension: str) -> None:
        self.kind = kind
        self.extension = extension
        self.feed_type = FORMATS[extension]

    def get_object(self, request: HttpRequest, *args: object, **kwargs: object) -> StoryIndexPage:
        index = feed_index(self.kind, translation.get_language() or settings.LANGUAGE_CODE)
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

    def items(self, index: StoryIndexPage) -> list[StoryFeedEntry]:
        return [StoryFeedEntry.of(page) for page in index.stories().select_related("locale")[:LENGTH]]


class ThemeFeed(EntryFeed, Feed["StoryFeedEntry", "FollowedTheme"]):
    """The newest campaigns and materials of a theme, in the language of the address."""

    feed_type = StillAtom

    def get_object(self, request: HttpRequest, key: uuid.UUID, *args: object, **kwargs: object) -> FollowedTheme:
        found = followed(translation.get_language()) if routes.may_render(request) else []
        theme = next((each for each in found if each.theme.translation_key == key), None)
        if theme is None:
            raise FeedDoesNotExist
        return theme

    def title(self, followed: FollowedTheme) -> str:
        return followed.theme.name

    def link(self, followed: FollowedTheme) -> str:
        return public_url(tree.page_path(followed.library, followed.language))

    def feed_url(self, followed: FollowedTheme) -> str:
        return public_url(theme_feed_path(followed.theme.translation_key, followed.language))

    def feed_guid(self, followed: FollowedTheme) -> str:
        # Not the link of the feed: the library page is shared by all themes.
        return f"urn:uuid:{uuid.uuid5(followed.theme.translation_key, followed.language)}"

    def categories(self, followed: FollowedTheme) -> list[str]:
        return [followed.theme.name]

    def items(self, followed: FollowedTheme) -> list[StoryFeedEntry]:
        return followed.entries()[:LENGTH]


def calendar(request: HttpRequest) -> HttpResponse:
    """Return the days of action, in the language of the address."""
    language = _language(request)
    if language not in days.languages():
        raise Http404
    return HttpResponse(days.calendar(language, request), content_type="text/calendar; charset=utf-8")


def ways_to_follow(request: HttpRequest) -> HttpResponse:
    """Render the page of all ways to follow campaigns: feeds, days of action, open materials."""
    language = _language(request)
    if not tree.is_public(language):
        raise Http404
    has_calendar = language in days.languages()
    context = {
        "title": gettext("Follow campaigns, and build on them"),
        "description": gettext(
            "Feeds of campaigns, news and themes, a calendar of the days of action, and all open materials."
        ),
        "lists": [(page.title, feed_path(page.feed, language)) for page in indexes(language)],
        "themes": theme_feeds(language),
        "calendar": days.calendar_path(language) if has_calendar else "",
        "subscribe": days.subscribe_url(language) if has_calendar else "",
        "turtle": catalogue.TURTLE,
        "json_ld": catalogue.JSON_LD,
        "results": open_data.CSV,
    }
    return render(request, "campaigns/ways_to_follow.html", context)


def _language(request: HttpRequest) -> str:
    if not routes.may_render(request):
        raise Http404
    return translation.get_language() or settings.LANGUAGE_CODE
