"""What is new in the registry of practices, among the digests, needs and offers, and events, as Atom feeds in every language."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication.views import Feed, FeedDoesNotExist
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from core.doors import public_url
from core.languages import tree
from core.models import SiteSettings
from core.publishing import printing
from core.publishing.feeds import LONG_AGO, StillAtom
from network.events import times
from network.models import (
    DigestIndexPage,
    DigestPage,
    DirectoryPage,
    Event,
    EventIndexPage,
    EventPage,
    Posting,
    Practice,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from wagtail.models import Page

    from network.models import PracticeText

LENGTH = 30


class NewestFeed[Item](Feed[Item, "Page"]):
    """The newest records of one kind, in the language of the address. `page_type` is the page that they are listed on."""

    feed_type = StillAtom
    item_guid_is_permalink = False
    name = ""
    page_type: type[Page]

    @classmethod
    def path(cls, language: str) -> str:
        """Return the path of the feed, such as `/de/feeds/practices.atom`."""
        with translation.override(language):
            return reverse(f"{cls.name}-atom", urlconf=settings.PUBLIC_URLCONF)

    @classmethod
    def pages(cls) -> dict[str, Page]:
        """Return the public page that each language lists them on: the languages that have the feed."""
        found = tree.public_pages().type(cls.page_type).select_related("locale")
        return {page.locale.language_code: page for page in found}

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Page:
        page = self.pages().get(translation.get_language()) if printing.may_render(request) else None
        if page is None:
            raise FeedDoesNotExist
        return page

    def author_name(self, page: Page) -> str:
        return SiteSettings.for_site(page.get_site()).name

    def feed_url(self, page: Page) -> str:
        return public_url(self.path(translation.get_language()))


class PracticeFeed(NewestFeed["tuple[Practice, PracticeText]"]):
    """The newest practices. One whose words change is an update of its entry."""

    name = "practices"
    page_type = DirectoryPage

    def title(self, page: Page) -> str:
        return _("New in the registry of practices")

    def link(self, page: Page) -> str:
        return public_url(f"{tree.page_path(page)}practices/")

    def items(self, page: Page) -> Sequence[tuple[Practice, PracticeText]]:
        language = translation.get_language()
        newest = Practice.objects.public().prefetch_related("texts").order_by("-first_published_at", "-pk")
        return [(each, text) for each in newest[:LENGTH] if (text := each.text_in(language)) is not None]

    def item_title(self, item: tuple[Practice, PracticeText]) -> str:
        return item[1].title

    def item_description(self, item: tuple[Practice, PracticeText]) -> str:
        return str(escape(item[1].summary))

    def item_link(self, item: tuple[Practice, PracticeText]) -> str:
        return public_url(f"/{translation.get_language()}/network/practices/{item[0].uuid}/")

    def item_guid(self, item: tuple[Practice, PracticeText]) -> str:
        return f"urn:uuid:{uuid.uuid5(item[0].uuid, translation.get_language())}"

    def item_pubdate(self, item: tuple[Practice, PracticeText]) -> datetime:
        return item[0].first_published_at or LONG_AGO

    def item_updateddate(self, item: tuple[Practice, PracticeText]) -> datetime:
        return item[0].last_published_at or self.item_pubdate(item)


class DigestFeed(NewestFeed[DigestPage]):
    """The newest research digests."""

    name = "digests"
    page_type = DigestIndexPage

    def title(self, page: Page) -> str:
        return page.title

    def link(self, page: Page) -> str:
        return public_url(tree.page_path(page))

    def items(self, page: Page) -> Sequence[DigestPage]:
        newest = DigestPage.objects.child_of(page).listed().order_by("-first_published_at", "-pk")
        return list(newest.select_related("locale")[:LENGTH])

    def item_title(self, item: DigestPage) -> str:
        return item.title

    def item_description(self, item: DigestPage) -> str:
        return str(escape(item.introduction))

    def item_link(self, item: DigestPage) -> str:
        return public_url(item.path_at_public)

    def item_guid(self, item: DigestPage) -> str:
        return f"urn:uuid:{uuid.uuid5(item.translation_key, item.language)}"

    def item_pubdate(self, item: DigestPage) -> datetime:
        return item.first_published_at or LONG_AGO

    def item_updateddate(self, item: DigestPage) -> datetime:
        return item.last_published_at or self.item_pubdate(item)


class PostingFeed(NewestFeed[Posting]):
    """The newest needs and offers that everybody sees, each in the language that it is written in."""

    name = "postings"
    page_type = DirectoryPage

    def title(self, page: Page) -> str:
        return _("Needs and offers")

    def link(self, page: Page) -> str:
        return public_url(f"{tree.page_path(page)}postings/")

    def items(self, page: Page) -> Sequence[Posting]:
        return list(Posting.objects.public().order_by("-read_at", "-pk")[:LENGTH])

    def item_title(self, item: Posting) -> str:
        return f"{item.get_kind_display()}: {item.title}"

    def item_description(self, item: Posting) -> str:
        return str(escape(item.text))

    def item_link(self, item: Posting) -> str:
        return public_url(f"/{translation.get_language()}/network/postings/{item.uuid}/")

    def item_guid(self, item: Posting) -> str:
        return f"urn:uuid:{uuid.uuid5(item.uuid, translation.get_language())}"

    def item_pubdate(self, item: Posting) -> datetime:
        return item.read_at or LONG_AGO

    def item_updateddate(self, item: Posting) -> datetime:
        return self.item_pubdate(item)


class EventFeed(NewestFeed[EventPage]):
    """The events that were announced last. One that is moved or called off is an update of its entry."""

    name = "events"
    page_type = EventIndexPage

    def title(self, page: Page) -> str:
        return page.title

    def link(self, page: Page) -> str:
        return public_url(tree.page_path(page))

    def items(self, page: Page) -> Sequence[EventPage]:
        newest = EventPage.objects.child_of(page).listed().order_by("-first_published_at", "-pk")
        shown = newest.select_related("locale")[:LENGTH]
        events = {
            each.uuid: each for each in Event.objects.filter(uuid__in=[one.translation_key for one in shown])
        }
        for each in shown:
            each.published = events.get(each.translation_key, each)
        return list(shown)

    def item_title(self, item: EventPage) -> str:
        return item.title

    def item_description(self, item: EventPage) -> str:
        return str(escape(f"{times.meta(item.published)}. {item.introduction}"))

    def item_link(self, item: EventPage) -> str:
        return public_url(item.path_at_public)

    def item_guid(self, item: EventPage) -> str:
        return f"urn:uuid:{uuid.uuid5(item.translation_key, item.language)}"

    def item_pubdate(self, item: EventPage) -> datetime:
        return item.first_published_at or LONG_AGO

    def item_updateddate(self, item: EventPage) -> datetime:
        return max(item.last_published_at or LONG_AGO, getattr(item.published, "changed_at", LONG_AGO))


FEEDS: tuple[type[NewestFeed[Any]], ...] = (PracticeFeed, DigestFeed, PostingFeed, EventFeed)
