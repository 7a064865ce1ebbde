"""Routes of the feeds, the calendar and the page that lists them."""

import uuid
from collections.abc import Iterator, Sequence

from django.apps import apps
from django.db.models import Model

from campaigns.following import days, feeds
from campaigns.materials.routes import MaterialRoute, libraries
from campaigns.models import (
    CampaignPage,
    Material,
    MaterialFile,
    MaterialIndexPage,
    MaterialText,
    NewsPage,
    Theme,
)
from campaigns.stories.indexes import StoryIndexPage
from core import memo
from core.languages import tree
from core.models.languages import LanguageState
from core.publishing.routes import AppRoute


class FeedRoute(AppRoute):
    """The feeds: one for each kind and format, in every public language with an index page for it."""

    urgent = True
    endings = tuple(f".{extension}" for extension in feeds.FORMATS)

    def addresses(self) -> Iterator[str]:
        for kind, label in feeds.INDEXES.items():
            indexes = apps.get_model(label).objects.live().exclude(tree.restricted())
            public = indexes.filter(locale__language_state__state=LanguageState.State.PUBLIC)
            for code in public.values_list("locale__language_code", flat=True).distinct():
                yield from feeds.feed_paths(kind, code)

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        code = changed.locale.language_code if isinstance(changed, CampaignPage | NewsPage | StoryIndexPage) else ""
        if isinstance(changed, CampaignPage) or (isinstance(changed, StoryIndexPage) and changed.feed == "campaigns"):
            yield from feeds.feed_paths("campaigns", code)
        elif isinstance(changed, NewsPage | StoryIndexPage):
            yield from feeds.feed_paths("news", code)


class ThemeFeedRoute(AppRoute):
    """The feed of each theme that has public materials. It changes with its materials and their campaigns."""

    endings = (".atom",)
    watches: Sequence[type[Model]] = (*MaterialRoute.watches, LanguageState)

    def addresses(self) -> Iterator[str]:
        for each in feeds.followed():
            yield feeds.theme_feed_path(each.theme.translation_key, each.language)

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if not isinstance(
            changed,
            LanguageState | CampaignPage | MaterialIndexPage | Material | MaterialText | MaterialFile | Theme,
        ):
            return
        # Include feeds without entries, so that the renderer removes them.
        # The material may have had another theme before.
        for key, code in _themes():
            yield feeds.theme_feed_path(key, code)
        # The library page links to these feeds.
        for page in libraries():
            yield page.path_at_public


class FollowingRoute(AppRoute):
    """The calendar of each language, and the page of all ways to follow."""

    watches: Sequence[type[Model]] = (LanguageState, Material, MaterialFile, Theme)

    def addresses(self) -> Iterator[str]:
        yield from (days.calendar_path(code) for code in days.languages())
        yield from (feeds.ways_to_follow_path(code) for code in tree.public_codes())

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, LanguageState | CampaignPage | StoryIndexPage | MaterialIndexPage):
            code = changed.locale.language_code
            if not isinstance(changed, MaterialIndexPage):
                yield days.calendar_path(code)
            yield feeds.ways_to_follow_path(code)
        elif isinstance(changed, tuple(self.watches)):
            yield from (feeds.ways_to_follow_path(code) for code in tree.public_codes())


@memo.per_batch
def _themes() -> list[tuple[uuid.UUID, str]]:
    return [*Theme.objects.values_list("translation_key", "locale__language_code")]


ROUTES = (
    FeedRoute(),
    FollowingRoute(),
    ThemeFeedRoute(),
)
