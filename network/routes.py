"""Prerendered pages that a change in the network invalidates.

The paths themselves come from DirectoryPage (`prerendered_paths`).
"""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote
from uuid import UUID

from django.db.models import Model
from wagtail.models import Locale

from core import sitemaps
from core.http import headers
from core.languages import tree
from core.publishing import routes
from core.publishing.routes import AppRoute
from helpline import directory
from network.digests.handouts import PrintablePage, printable_pages
from network.digests.models import PracticeArea
from network.directory.pages import OPPORTUNITIES, PRACTICES, ROOMS
from network.events import calendars
from network.members.querysets import MemberQuerySet
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
    Opportunity,
    Practice,
    PracticeMember,
)
from network.open_data import lists as open_records
from network.open_data.feeds import FEEDS, DigestFeed, EventFeed, OpportunityFeed, PracticeFeed
from network.opportunities.models import CATEGORIES as OPPORTUNITY_CATEGORIES
from network.practices import open_table
from network.practices.codes import CATEGORIES

HEADERS = headers.Policy(paths=re.compile("^/api/"), readable_by_others=True)
# The states in which a member is, or was until recently, visible to the public.
# Requests are private.
PUBLIC = frozenset({Member.State.LISTED, Member.State.PAUSED})
# Maximum number of members' pages that a change of a category invalidates one by one.
# Beyond that, all of them are invalidated.
MOST_PAGES = 500
# Number of the parts of the members' sitemap, and their names.
PARTS = 1024
BITS_BELOW = 118  # of the 128 of a UUID
PART = re.compile(r"/sitemaps/members-(\d{1,4})\.xml")


class DirectoryRoute(AppRoute):
    """Members on the directory page of each language, and on their own pages below it."""

    watches: Sequence[type[Model]] = (Member, Category)

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
            # The directory in its language links to it, or no longer does.
            yield from directories(changed.locale)

    def _showing(self, category: Category) -> Iterator[str]:
        """Yield the directories and the pages of members with a category, one by one or all."""
        code = category.replaced_by or category.code
        holders = Member.objects.with_page().with_facets({category.group: code})
        uuids = list(holders.values_list("uuid", flat=True)[: MOST_PAGES + 1])
        for above in directories():
            yield above
            if len(uuids) > MOST_PAGES:
                yield above + routes.EVERYTHING
            else:
                yield from (f"{above}{uuid}/" for uuid in uuids)


class MemberSitemap(AppRoute):
    """The parts of the sitemap that list members' own pages.

    A member is always in the same part, so that adding or removing one changes only that.

    At 100,000 members a part has about a hundred of them: 400 URLs in four languages, 3,600 in 36, of the 50,000
    allowed.
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
            # All members may gain or lose their page in its language.
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
        """Return the path of the directory in each language with a public one."""
        pages = tree.public_pages().type(DirectoryPage).select_related("locale")
        return {page.locale.language_code: tree.page_path(page) for page in pages}


def part_of(uuid: UUID) -> str:
    """Return the part of the sitemap for a member: the first ten bits of the UUID."""
    return f"members-{uuid.int >> BITS_BELOW}"


def _in_part(number: int) -> MemberQuerySet:
    """Return the members with a page in a part.

    Parts that do not exist are empty.
    """
    if number >= PARTS:
        return Member.objects.none()
    first, last = number << BITS_BELOW, (number + 1 << BITS_BELOW) - 1
    return Member.objects.with_page().filter(uuid__range=(UUID(int=first), UUID(int=last)))


class RecordRoute(AppRoute):
    """A list of records below the directory of each language, and the page of each record."""

    folder: str

    @abstractmethod
    def showing(self, changed: Model) -> Iterable[UUID]:
        """Return the identifiers of the records whose pages a change affects.

        Deleted records are included, so that their pages are removed.
        """

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        uuids = set(self.showing(changed))
        if not uuids:
            return
        for above in directories():
            yield f"{above}{self.folder}"
            yield from (f"{above}{self.folder}{uuid}/" for uuid in uuids)
        if isinstance(changed, self.watches[0]):
            yield from sitemaps.invalidated_paths()


class PracticeRoute(RecordRoute):
    """The registry of practices."""

    folder = PRACTICES
    watches: Sequence[type[Model]] = (
        Practice,
        PracticeMember,
        EvidenceReview,
        EvidenceCriterion,
        Category,
        Member,
        *directory.LISTINGS,
    )

    def showing(self, changed: Model) -> Iterator[UUID]:
        return practices_showing(changed)


def practices_showing(changed: Model) -> Iterator[UUID]:
    """Yield the identifiers of the practices whose pages show data of a row."""
    if isinstance(changed, Practice):
        yield changed.uuid
    elif isinstance(changed, PracticeMember | EvidenceReview):
        yield changed.practice.uuid
    elif isinstance(changed, EvidenceCriterion):
        found = Practice.objects.public().filter(reviews__criteria__contains=[changed.code])
        yield from found.values_list("uuid", flat=True)
    elif isinstance(changed, Category):
        # After a merge, practices have the new code already.
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


class OpportunityRoute(RecordRoute):
    """The public needs and offers."""

    folder = OPPORTUNITIES
    watches: Sequence[type[Model]] = (Opportunity, Category, Member)

    def showing(self, changed: Model) -> Iterator[UUID]:
        return opportunities_showing(changed)


def opportunities_showing(changed: Model) -> Iterator[UUID]:
    """Yield the identifiers of the reviewed opportunities that a change affects.

    The others are on no page.
    """
    read = Opportunity.objects.filter(read_at__isnull=False)
    if isinstance(changed, Opportunity):
        # One that was public until now may have new texts, or be for members only.
        yield changed.uuid
    elif isinstance(changed, Category):
        code = changed.replaced_by or changed.code
        for column, group in OPPORTUNITY_CATEGORIES.items():
            if group == changed.group:
                found = read.filter(**{f"{column}__contains": [code]})
                yield from found.values_list("uuid", flat=True)
    elif isinstance(changed, Member) and changed.state in PUBLIC:
        yield from read.filter(owner=changed).values_list("uuid", flat=True)


def opportunity_kinds(changed: Model) -> list[str]:
    """Return the kinds of the opportunities that a change affects: needs, offers, both or none."""
    if isinstance(changed, Opportunity):
        return [changed.kind]
    found = Opportunity.objects.filter(uuid__in=set(opportunities_showing(changed)))
    return sorted(set(found.values_list("kind", flat=True)))


def directories(*locales: Locale) -> Iterator[str]:
    """Yield the path of the directory in each language that has one, or in each of these."""
    pages = DirectoryPage.objects.live().select_related("locale")
    for page in pages.filter(locale__in=locales) if locales else pages:
        yield tree.page_path(page)


class PrintoutRoute(AppRoute):
    """The PDF beside each digest and worksheet, and the lists that link to them."""

    urgent = True

    def addresses(self) -> Iterator[str]:
        yield from (page.pdf_path for page in printable_pages())

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Return the existing PDFs among these paths.

        Checks only their pages, because whether a page may be rendered depends on all of its texts.
        """
        parts = [path.split("/") for path in paths if path.endswith(".pdf")]
        slugs = {part[-2] for part in parts if len(part) > len(("", "en", "slug", "name"))}
        return [page.pdf_path for page in printable_pages(slugs)] if slugs else []

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if not isinstance(changed, PrintablePage):
            return
        # Also if the page is no longer public: the renderer then removes it.
        yield changed.pdf_path
        index = changed.path_at_public.removesuffix("/").rpartition("/")[0] + "/"
        yield index
        if isinstance(changed, DigestPage):
            # Including areas that it no longer belongs to.
            yield from (f"{index}for/{area.value}/" for area in PracticeArea)
            if changed.is_source:  # the review of a source covers its translations
                others = DigestPage.objects.filter(translation_key=changed.translation_key)
                for page in others.exclude(pk=changed.pk).select_related("locale"):
                    yield page.path_at_public
                    yield page.pdf_path


class EventRoute(AppRoute):
    """The calendar of events in each language, the calendar file beside each event, and the lists of events."""

    urgent = True

    def addresses(self) -> Iterator[str]:
        yield from map(calendars.feed_path, calendars.languages())
        yield from (page.calendar_path for page in calendars.public_events())

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Return the existing calendar files among these paths.

        Checks only their events, because whether a page may be rendered depends on all of its texts.
        """
        asked = {path for path in paths if path.endswith(".ics")}
        if not asked:
            return ()
        events = calendars.public_events(slugs={PurePosixPath(path).parent.name for path in asked})
        feeds = map(calendars.feed_path, calendars.languages())
        return asked.intersection([*feeds, *(unquote(page.calendar_path) for page in events)])

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, EventIndexPage):
            yield calendars.feed_path(changed.locale.language_code)
        elif isinstance(changed, EventPage):
            # The facts of the original page apply to every language.
            # Also if the page is no longer public: the renderer then removes it.
            pages = EventPage.objects.filter(translation_key=changed.translation_key).select_related("locale")
            for page in (pages.in_bulk() | {changed.pk: changed}).values():
                yield page.path_at_public
                yield page.calendar_path
                yield page.path_at_public.removesuffix("/").rpartition("/")[0] + "/"
                yield calendars.feed_path(page.language)


def languages_of_event(changed: EventPage) -> set[str]:
    """Return the languages with a page of an event, because the facts of the original page apply to all of them."""
    pages = EventPage.objects.filter(translation_key=changed.translation_key)
    return {changed.locale.language_code, *pages.values_list("locale__language_code", flat=True)}


class GroupRoute(AppRoute):
    """The public list of groups, with name and purpose of announced groups."""

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, GroupPage):
            yield tree.page_path(changed).removesuffix("/").rpartition("/")[0] + "/"


class NewestRoute(AppRoute):
    """The feeds of `network.open_data.feeds`, in every language with the page that lists their entries."""

    endings = (".atom",)
    watches: Sequence[type[Model]] = (Practice, Opportunity, Member)

    def addresses(self) -> Iterator[str]:
        for feed in FEEDS:
            yield from (feed.path(code) for code in feed.pages())

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, Practice):
            yield from (PracticeFeed.path(code) for code in PracticeFeed.pages())
        elif isinstance(changed, Opportunity | Member):
            if opportunity_kinds(changed):
                yield from (OpportunityFeed.path(code) for code in OpportunityFeed.pages())
        elif isinstance(changed, DirectoryPage):
            yield PracticeFeed.path(changed.locale.language_code)
            yield OpportunityFeed.path(changed.locale.language_code)
        elif isinstance(changed, EventPage):
            yield from map(EventFeed.path, languages_of_event(changed))
        elif isinstance(changed, EventIndexPage):
            yield EventFeed.path(changed.locale.language_code)
        elif isinstance(changed, DigestPage | DigestIndexPage):
            yield DigestFeed.path(changed.locale.language_code)


class ApiRoute(AppRoute):
    """The open API in each language with a directory, and the table of practices.

    Of the API, its root, its description and the first page of each list are prerendered.
    """

    unhurried = True
    watches: Sequence[type[Model]] = (*PracticeRoute.watches, Opportunity)
    LIST = re.compile(r"/api/[a-z0-9-]+/(?P<name>[a-z]+)")

    def addresses(self) -> Iterator[str]:
        codes = open_records.languages()
        for code in codes:
            yield from api_paths(code)
        if codes:
            yield from open_table.PATHS

    def sitemap_paths(self) -> list[str]:
        return [open_records.about_path(code) for code in open_records.languages()]

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, DirectoryPage):
            yield from api_paths(changed.locale.language_code)
            yield from open_table.PATHS
        elif isinstance(changed, DigestPage):
            yield open_records.list_path(changed.locale.language_code, "digests")
        elif isinstance(changed, EventPage):
            yield from (open_records.list_path(code, "events") for code in languages_of_event(changed))
        elif isinstance(changed, tuple(self.watches)):
            names = lists_showing(changed)
            if isinstance(changed, (Practice, EvidenceReview, Category, *directory.LISTINGS)):
                yield open_table.PATH
            for code in open_records.languages():
                yield from (open_records.list_path(code, name) for name in names)

    def answers_query(self, path: str) -> bool:
        found = self.LIST.fullmatch(path)
        return found is not None and found["name"] in open_records.LISTS


def lists_showing(changed: Model) -> list[str]:
    """Return the lists of the open API that show data of a row that is not a page."""
    if isinstance(changed, Member) and changed.state not in PUBLIC:
        return []
    kinds = [f"{kind}s" for kind in opportunity_kinds(changed)]
    if isinstance(changed, Opportunity):
        return kinds
    people = ["members"] if isinstance(changed, Member | Category) else []
    return [*people, "practices", *kinds]


def api_paths(code: str) -> list[str]:
    """Return the paths that the API of a language always has, even if its lists are empty."""
    root = f"{open_records.FOLDER}{code}"
    lists = [open_records.list_path(code, name) for name in open_records.LISTS]
    return [open_records.about_path(code), root, f"{root}/openapi.json", *lists]


ROUTES = (
    DirectoryRoute(),
    MemberSitemap(),
    PracticeRoute(),
    OpportunityRoute(),
    PrintoutRoute(),
    EventRoute(),
    GroupRoute(),
    NewestRoute(),
    ApiRoute(),
)
