"""Atom feeds in every language: new practices, digests, needs and offers, and events."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.syndication.views import Feed, FeedDoesNotExist
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from wagtail.models import Page

from core.http import public_url
from core.languages import names, tree
from core.models import SiteSettings
from core.publishing import routes
from core.publishing.feeds import LONG_AGO, StillAtom
from network.events import facts
from network.models import (
    DigestIndexPage,
    DigestPage,
    DirectoryPage,
    Event,
    EventIndexPage,
    EventPage,
    Opportunity,
    Practice,
)

LENGTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry of a feed: the UUID of its subject, its text, its public path and its times."""

    about: UUID
    title: str
    text: str
    path: str
    published: datetime | None
    updated: datetime | None = None


class NewestFeed(Feed[FeedEntry, "Page"]):
    """The newest records of one kind, in the language of the URL.

    `page_type` is the page that lists them.
    """

    feed_type = StillAtom
    item_guid_is_permalink = False
    name = ""
    page_type: type[Page]
    # Path of the list below that page.
    below = ""

    @classmethod
    def path(cls, language: str) -> str:
        """Return the path of the feed, such as `/de/feeds/practices.atom`."""
        with translation.override(language):
            return reverse(f"{cls.name}-atom", urlconf=settings.PUBLIC_URLCONF)

    @classmethod
    def pages(cls) -> dict[str, Page]:
        """Return the public page of each language that lists the records.

        These languages have the feed.
        """
        found = tree.public_pages().type(cls.page_type).select_related("locale")
        return {page.locale.language_code: page for page in found}

    def get_object(self, request: HttpRequest, *args: object, **kwargs: object) -> Page:
        page = self.pages().get(translation.get_language()) if routes.may_render(request) else None
        if page is None:
            raise FeedDoesNotExist
        return page

    def title(self, page: Page) -> str:
        return page.title

    def link(self, page: Page) -> str:
        return public_url(f"{tree.page_path(page)}{self.below}")

    def author_name(self, page: Page) -> str:
        return SiteSettings.for_site(page.get_site()).name

    def feed_url(self, page: Page) -> str:
        return public_url(self.path(translation.get_language()))

    @abstractmethod
    def entries(self, page: Page) -> Iterable[FeedEntry]:
        """Return the entries, the newest first."""

    def items(self, page: Page) -> list[FeedEntry]:
        return list(self.entries(page))

    def item_title(self, item: FeedEntry) -> str:
        return item.title

    def item_description(self, item: FeedEntry) -> str:
        return str(escape(item.text))

    def item_link(self, item: FeedEntry) -> str:
        return public_url(item.path)

    def item_guid(self, item: FeedEntry) -> str:
        return f"urn:uuid:{uuid5(item.about, translation.get_language())}"

    def item_pubdate(self, item: FeedEntry) -> datetime:
        return item.published or LONG_AGO

    def item_updateddate(self, item: FeedEntry) -> datetime:
        return item.updated or self.item_pubdate(item)


class PracticeFeed(NewestFeed):
    """The newest practices.

    A changed text updates the entry.
    """

    name, page_type, below = "practices", DirectoryPage, "practices/"

    def title(self, page: Page) -> str:
        return _("New in the registry of practices")

    def entries(self, page: Page) -> Iterator[FeedEntry]:
        language = translation.get_language()
        newest = Practice.objects.public().prefetch_related("texts").order_by("-first_published_at", "-pk")
        for each in newest[:LENGTH]:
            if (text := each.text_in(language)) is not None:
                yield FeedEntry(
                    about=each.uuid,
                    title=text.title,
                    text=text.summary,
                    path=f"/{language}/network/practices/{each.uuid}/",
                    published=each.first_published_at,
                    updated=each.last_published_at,
                )


class DigestFeed(NewestFeed):
    """The newest research digests."""

    name, page_type = "digests", DigestIndexPage

    def entries(self, page: Page) -> Iterator[FeedEntry]:
        newest = DigestPage.objects.child_of(page).listed().order_by("-first_published_at", "-pk")
        for each in newest.select_related("locale")[:LENGTH]:
            yield FeedEntry(
                about=each.translation_key,
                title=each.title,
                text=each.introduction,
                path=each.path_at_public,
                published=each.first_published_at,
                updated=each.last_published_at,
            )


class OpportunityFeed(NewestFeed):
    """The newest public needs and offers, each in its own language."""

    name, page_type, below = "opportunities", DirectoryPage, "opportunities/"

    def title(self, page: Page) -> str:
        return _("Needs and offers")

    def entries(self, page: Page) -> Iterator[FeedEntry]:
        for each in Opportunity.objects.public().order_by("-read_at", "-pk")[:LENGTH]:
            yield FeedEntry(
                about=each.uuid,
                title=names.labelled(each.get_kind_display(), each.title),
                text=each.text,
                path=f"/{translation.get_language()}/network/opportunities/{each.uuid}/",
                published=each.read_at,
            )


class EventFeed(NewestFeed):
    """The most recently announced events.

    An event that is moved or called off updates its entry.
    """

    name, page_type = "events", EventIndexPage

    def entries(self, page: Page) -> Iterator[FeedEntry]:
        newest = EventPage.objects.child_of(page).listed().order_by("-first_published_at", "-pk")
        shown = list(newest.select_related("locale")[:LENGTH])
        events = {
            event.uuid: event for event in Event.objects.filter(uuid__in=[each.translation_key for each in shown])
        }
        for each in shown:
            event = events.get(each.translation_key)
            yield FeedEntry(
                about=each.translation_key,
                title=each.title,
                text=f"{facts.meta(event or each)}. {each.introduction}",
                path=each.path_at_public,
                published=each.first_published_at,
                updated=max(each.last_published_at or LONG_AGO, event.changed_at if event else LONG_AGO),
            )


FEEDS: tuple[type[NewestFeed], ...] = (PracticeFeed, DigestFeed, OpportunityFeed, EventFeed)
