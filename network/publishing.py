"""Which printed pages a change in the network invalidates. The pages themselves are DirectoryPage's (`printed_paths`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from core import sitemaps
from core.doors import headers
from core.languages import tree
from core.publishing import printing
from helpline import directory
from network.models import (
    Category,
    DigestIndexPage,
    DigestPage,
    DirectoryPage,
    EventIndexPage,
    EventPage,
    EvidenceCriterion,
    EvidenceReview,
    GroupPage,
    Member,
    Posting,
    Practice,
    PracticeMember,
)
from network.models.digests import PracticeArea
from network.models.postings import CATEGORIES as POSTING_CATEGORIES
from network.models.practice_codes import CATEGORIES
from network.models.printable import PrintablePage
from network.public import event_calendars, open_records
from network.public.downloads import printable_pages
from network.public.feeds import FEEDS, DigestFeed, PracticeFeed
from network.public.pages import POSTINGS, PRACTICES, ROOMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model
    from wagtail.models import Locale

    from network.querysets import MemberQuerySet


HEADERS = headers.Policy(paths=re.compile("^/api/"), readable_by_others=True)
# The states in which the public sees something of a member, or did until a moment ago. Requests are private.
PUBLIC = frozenset({Member.State.LISTED, Member.State.PAUSED})
# Pages of members that a change of a category names one by one. Beyond that, all pages of members are printed again.
MOST_PAGES = 500
# How many parts of the sitemap members are divided into, and their names.
PARTS = 1024
BITS_BELOW = 118  # of the 128 of a UUID
PART = re.compile(r"/sitemaps/members-(\d{1,4})\.xml")


class DirectoryPrinting:
    """Members on the directory page of each language, and on their own pages below it."""

    watches: Sequence[type[Model]] = (Member, Category)

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, Member):
            if changed.state not in PUBLIC:
                return
            for above in directories():
                yield above
                # Also if the page no longer exists, so that it is removed.
                yield f"{above}{changed.uuid}/"
        elif isinstance(changed, Category):
            yield from self._showing(changed)
        elif isinstance(changed, ROOMS):
            # The directory in its language leads there, or does so no more.
            yield from directories(changed.locale)

    def _showing(self, category: Category) -> Iterator[str]:
        """The directories, and the pages of those who show a category: one by one, or all of them if there are many."""
        code = category.replaced_by or category.code
        holders = Member.objects.with_page().with_facets({category.group: code})
        uuids = list(holders.values_list("uuid", flat=True)[: MOST_PAGES + 1])
        for above in directories():
            yield above
            if len(uuids) > MOST_PAGES:
                yield above + printing.EVERYTHING
            else:
                yield from (f"{above}{uuid}/" for uuid in uuids)


class MemberSitemap:
    """The parts of the sitemap that list members' own pages: a member is always in the same, so that one who comes or goes changes only that.

    At 100,000 members a part has about a hundred of them: 400 addresses in four languages, 3,600 in 36, of 50,000 that are allowed.
    """

    unhurried = True
    watches: Sequence[type[Model]] = (Member,)

    def addresses(self) -> Iterable[str]:
        return [sitemaps.part_path(name) for name in self.sitemap_parts()]

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        numbers = [int(found[1]) for path in paths if (found := PART.fullmatch(path))]
        if not numbers or not self._pages():
            return []
        return [sitemaps.part_path(f"members-{number}") for number in numbers if _in_part(number).exists()]

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, Member) and changed.state in PUBLIC:
            yield sitemaps.INDEX
            yield sitemaps.part_path(part_of(changed.uuid))
        elif isinstance(changed, DirectoryPage):
            # In its language, all members may have a page from now on, or none.
            yield sitemaps.INDEX
            yield from (sitemaps.part_path(f"members-{number}") for number in range(PARTS))

    def sitemap_parts(self) -> Iterable[str]:
        if not self._pages():
            return []
        uuids = Member.objects.with_page().order_by("uuid").values_list("uuid", flat=True)
        return dict.fromkeys(map(part_of, uuids))

    def sitemap_part(self, name: str) -> Iterator[dict[str, str]]:
        found = PART.fullmatch(sitemaps.part_path(name))
        pages = self._pages() if found else {}
        if found is None or not pages:
            return
        for uuid in _in_part(int(found[1])).order_by("uuid").values_list("uuid", flat=True):
            yield {code: f"{path}{uuid}/" for code, path in pages.items()}

    def _pages(self) -> dict[str, str]:
        """Return the path of the directory in each language that has one in public."""
        pages = tree.public_pages().type(DirectoryPage).select_related("locale")
        return {page.locale.language_code: tree.page_path(page) for page in pages}


def part_of(uuid: UUID) -> str:
    """Return the part of the sitemap that a member is in: by the first ten bits of the UUID."""
    return f"members-{uuid.int >> BITS_BELOW}"


def _in_part(number: int) -> MemberQuerySet:
    """Return the members of a part who have a page. Nobody is in a part that does not exist."""
    if number >= PARTS:
        return Member.objects.none()
    first, last = number << BITS_BELOW, (number + 1 << BITS_BELOW) - 1
    return Member.objects.with_page().filter(uuid__range=(UUID(int=first), UUID(int=last)))


class PracticePrinting:
    """The registry of practices below the directory of each language, and the page of each practice."""

    watches: Sequence[type[Model]] = (
        Practice,
        PracticeMember,
        EvidenceReview,
        EvidenceCriterion,
        Category,
        Member,
        *directory.LISTINGS,
    )

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        uuids = set(practices_showing(changed))
        if not uuids:
            return
        for above in directories():
            yield f"{above}{PRACTICES}"
            # Also those that are gone, so that they are removed.
            yield from (f"{above}{PRACTICES}{uuid}/" for uuid in uuids)
        if isinstance(changed, Practice):
            yield from sitemaps.invalidated_paths()


def practices_showing(changed: Model) -> Iterator[UUID]:
    """Yield the identifiers of the practices whose pages show something of a row."""
    if isinstance(changed, Practice):
        yield changed.uuid
    elif isinstance(changed, PracticeMember | EvidenceReview):
        yield changed.practice.uuid
    elif isinstance(changed, EvidenceCriterion):
        found = Practice.objects.public().filter(reviews__criteria__contains=[changed.code])
        yield from found.values_list("uuid", flat=True)
    elif isinstance(changed, Category):
        # Of what was merged, practices have the new code by now.
        code = changed.replaced_by or changed.code
        for column, group in CATEGORIES.items():
            if group == changed.group:
                found = Practice.objects.public().filter(**{f"{column}__contains": [code]})
                yield from found.values_list("uuid", flat=True)
    elif isinstance(changed, Member):
        if changed.state in PUBLIC:
            yield from Practice.objects.public().filter(people__member=changed).values_list("uuid", flat=True)
    elif isinstance(changed, directory.LISTINGS):
        found = Practice.objects.public().filter(listings__contains=[changed.uuid])
        yield from found.values_list("uuid", flat=True)


class PostingPrinting:
    """The needs and offers that everybody sees, below the directory of each language, and the page of each."""

    watches: Sequence[type[Model]] = (Posting, Category, Member)

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        uuids = set(postings_showing(changed))
        if not uuids:
            return
        for above in directories():
            yield f"{above}{POSTINGS}"
            # Also those that are closed, so that they are removed.
            yield from (f"{above}{POSTINGS}{uuid}/" for uuid in uuids)
        if isinstance(changed, Posting):
            yield from sitemaps.invalidated_paths()


def postings_showing(changed: Model) -> Iterator[UUID]:
    """Yield the identifiers of the postings that a change concerns and that a person has read: the others are on no page."""
    read = Posting.objects.filter(read_at__isnull=False)
    if isinstance(changed, Posting):
        # What was public a moment ago may have new words, or be for members alone.
        yield changed.uuid
    elif isinstance(changed, Category):
        code = changed.replaced_by or changed.code
        for column, group in POSTING_CATEGORIES.items():
            if group == changed.group:
                found = read.filter(**{f"{column}__contains": [code]})
                yield from found.values_list("uuid", flat=True)
    elif isinstance(changed, Member) and changed.state in PUBLIC:
        yield from read.filter(owner=changed).values_list("uuid", flat=True)


def directories(*locales: Locale) -> Iterator[str]:
    """Yield the path of the directory in each language that has one, or in each of these."""
    pages = DirectoryPage.objects.live().select_related("locale")
    for page in pages.filter(locale__in=locales) if locales else pages:
        yield tree.page_path(page)


class PrintoutPrinting:
    """The PDF beside each digest and worksheet, and the lists that name them."""

    urgent = True
    watches: Sequence[type[Model]] = ()

    def addresses(self) -> Iterator[str]:
        yield from (page.pdf_path for page in printable_pages())

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Ask only the pages of the PDFs among these paths: whether a page may be printed takes a look at all of its texts."""
        parts = [path.split("/") for path in paths if path.endswith(".pdf")]
        slugs = {part[-2] for part in parts if len(part) > len(("", "en", "slug", "name"))}
        return [page.pdf_path for page in printable_pages(slugs)] if slugs else []

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if not isinstance(changed, PrintablePage):
            return
        # Also if the page is not public any more: the press then removes it.
        yield changed.pdf_path
        index = changed.path_at_public.removesuffix("/").rpartition("/")[0] + "/"
        yield index
        if isinstance(changed, DigestPage):
            # Also those of areas that it no longer belongs to.
            yield from (f"{index}for/{area.value}/" for area in PracticeArea)
            if changed.is_source:  # the review of a source covers its translations
                others = DigestPage.objects.filter(translation_key=changed.translation_key)
                for page in others.exclude(pk=changed.pk).select_related("locale"):
                    yield page.path_at_public
                    yield page.pdf_path


class EventPrinting:
    """The calendar of events in each language, the calendar file beside each event, and the lists of events."""

    urgent = True
    watches: Sequence[type[Model]] = ()

    def addresses(self) -> Iterator[str]:
        yield from map(event_calendars.feed_path, event_calendars.languages())
        yield from (page.calendar_path for page in event_calendars.public_events())

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, EventIndexPage):
            yield event_calendars.feed_path(changed.locale.language_code)
        elif isinstance(changed, EventPage):
            # What was published first holds in every language. Also if the page is not public any more: the press then removes it.
            pages = EventPage.objects.filter(translation_key=changed.translation_key).select_related("locale")
            for page in (pages.in_bulk() | {changed.pk: changed}).values():
                yield page.path_at_public
                yield page.calendar_path
                yield page.path_at_public.removesuffix("/").rpartition("/")[0] + "/"
                yield event_calendars.feed_path(page.language)


class GroupPrinting:
    """The public list of groups, which shows name and purpose of those that are announced."""

    watches: Sequence[type[Model]] = ()

    def addresses(self) -> Iterable[str]:
        return ()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, GroupPage):
            yield tree.page_path(changed).removesuffix("/").rpartition("/")[0] + "/"


class NewestPrinting:
    """The feeds of practices and of digests, in every language with the page that they are listed on."""

    watches: Sequence[type[Model]] = (Practice,)

    def addresses(self) -> Iterator[str]:
        for feed in FEEDS:
            yield from (feed.path(code) for code in feed.pages())

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, Practice):
            yield from (PracticeFeed.path(code) for code in PracticeFeed.pages())
        elif isinstance(changed, DirectoryPage):
            yield PracticeFeed.path(changed.locale.language_code)
        elif isinstance(changed, DigestPage | DigestIndexPage):
            yield DigestFeed.path(changed.locale.language_code)


class ApiPrinting:
    """The open interface in each language with a directory: what there is, its description, and the first page of each list."""

    unhurried = True
    watches: Sequence[type[Model]] = PracticePrinting.watches
    LIST = re.compile(r"/api/[a-z0-9-]+/(?P<name>[a-z]+)")

    def addresses(self) -> Iterator[str]:
        for code in open_records.languages():
            yield from api_paths(code)

    def sitemap_paths(self) -> list[str]:
        return [open_records.about_path(code) for code in open_records.languages()]

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, DirectoryPage):
            yield from api_paths(changed.locale.language_code)
        elif isinstance(changed, DigestPage):
            yield open_records.list_path(changed.locale.language_code, "digests")
        elif isinstance(changed, tuple(self.watches)):
            if isinstance(changed, Member) and changed.state not in PUBLIC:
                return
            names = ("members", "practices") if isinstance(changed, Member | Category) else ("practices",)
            for code in open_records.languages():
                yield from (open_records.list_path(code, name) for name in names)

    def answers_query(self, path: str) -> bool:
        found = self.LIST.fullmatch(path)
        return found is not None and found["name"] in open_records.LISTS


def api_paths(code: str) -> list[str]:
    """Return the paths that the interface of a language always has, even if its lists are empty."""
    root = f"{open_records.FOLDER}{code}"
    lists = [open_records.list_path(code, name) for name in open_records.LISTS]
    return [open_records.about_path(code), root, f"{root}/openapi.json", *lists]
