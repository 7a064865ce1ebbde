"""What of the network anybody may read with a program: the lists of the open interface, and how one page of each is made.

A new list is one row of `LISTS`: it then has an address, paging, a place in the OpenAPI description, and a first page that is rendered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.http import public_url
from core.languages import tree
from core.languages.lazy import StrOrPromise
from network.members import profiles
from network.models import DigestPage, DirectoryPage, Event, EventPage, Member, Opportunity, Practice
from network.open_data import linked_data
from network.open_data.linked_data import Node
from network.opportunities import board
from network.opportunities.models import OpportunityKind
from network.practices import registry
from network.vocabulary.details import DetailAudience
from network.vocabulary.models import vocabulary

FOLDER = "/api/"
PER_PAGE, MOST_PER_PAGE = 50, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenList:
    """One kind of public record: which there are in a language, by what each is known, and how some of them are described."""

    name: str
    title: StrOrPromise
    rows: Callable[[str], QuerySet[Any]]
    describe: Callable[[Iterable[Any], str], list[Node]]
    # A random number, which is the order of the list, too: it says nothing about how many there are or which came first.
    identity: str = "uuid"
    # Records about people are no open data: nobody may keep them longer than they are here.
    is_open_data: bool = True


def _members(language: str) -> QuerySet[Any]:
    """Members with a page of their own: the others have no address, so a copy of theirs could never be withdrawn."""
    return Member.objects.with_page().prefetch_related("publications")


def _describe_members(rows: Iterable[Member], language: str) -> list[Node]:
    known = vocabulary(language)
    return [linked_data.member(profiles.public(member, known), language) for member in rows]


def _describe_practices(rows: Iterable[Practice], language: str) -> list[Node]:
    return [
        reading.linked_data | {"url": public_url(f"/{language}/network/practices/{reading.practice.uuid}/")}
        for reading in registry.readings(rows, language)
    ]


def _digests(language: str) -> QuerySet[Any]:
    return DigestPage.objects.listed().filter(locale__language_code=language).select_related("locale")


def _describe_digests(rows: Iterable[DigestPage], language: str) -> list[Node]:
    return [linked_data.digest(page) | {"identifier": f"urn:uuid:{page.translation_key}"} for page in rows]


def _opportunities(language: str, kind: OpportunityKind) -> QuerySet[Any]:
    return Opportunity.objects.public().filter(kind=kind).for_showing()


def _describe_opportunities(rows: Iterable[Opportunity], language: str) -> list[Node]:
    read = board.readings(rows, DetailAudience.EVERYBODY)
    return [linked_data.opportunity(reading, language) for reading in read]


def _events(language: str) -> QuerySet[Any]:
    """Pages of events in a language. One whose first page was never published has no facts, and is on no list."""
    pages = EventPage.objects.listed().filter(translation_key__in=Event.objects.values("uuid"))
    return pages.filter(locale__language_code=language).select_related("locale")


def _describe_events(rows: Iterable[EventPage], language: str) -> list[Node]:
    pages = {page.translation_key: page for page in rows}
    for event in Event.objects.filter(uuid__in=pages):
        pages[event.uuid].published = event
    return [linked_data.event(page) for page in pages.values()]


LISTS = {
    each.name: each
    for each in (
        OpenList(
            name="members",
            title=_("Members who have a public page"),
            rows=_members,
            describe=_describe_members,
            is_open_data=False,
        ),
        OpenList(
            name="practices",
            title=_("Practices of prevention, with what is known of their effects"),
            rows=lambda language: (
                Practice.objects.public().filter(texts__isnull=False).distinct().for_showing()
            ),
            describe=_describe_practices,
        ),
        OpenList(
            name="digests",
            title=_("Research digests"),
            rows=_digests,
            identity="translation_key",
            describe=_describe_digests,
        ),
        OpenList(
            name="needs",
            title=_("What members look for"),
            rows=partial(_opportunities, kind=OpportunityKind.NEED),
            describe=_describe_opportunities,
            is_open_data=False,
        ),
        OpenList(
            name="offers",
            title=_("What members offer"),
            rows=partial(_opportunities, kind=OpportunityKind.OFFER),
            describe=_describe_opportunities,
            is_open_data=False,
        ),
        OpenList(
            name="events",
            title=_("Events"),
            rows=_events,
            identity="translation_key",
            describe=_describe_events,
        ),
    )
}


def languages() -> list[str]:
    """Return the codes of the languages that have the interface: those with a public directory."""
    found = tree.public_pages().type(DirectoryPage).values_list("locale__language_code", flat=True)
    return sorted(found)


def about_path(language: str) -> str:
    """Return the path of the page that explains the interface."""
    return f"/{language}/network/data/"


def list_path(language: str, name: str) -> str:
    return f"{FOLDER}{language}/{name}"


def root(language: str) -> Node:
    """Return what there is, and where."""
    return {
        "language": language,
        "documentation": public_url(about_path(language)),
        "openapi_url": public_url(f"{FOLDER}{language}/openapi.json"),
        "lists": {name: public_url(list_path(language, name)) for name in LISTS},
    }


def page(
    wanted: OpenList,
    language: str,
    *,
    number: int = 1,
    per_page: int = PER_PAGE,
    identity: UUID | None = None,
) -> Node:
    """Return one page of a list, or the record with an identifier: a list of one, or of none, whatever the reason. A fixed number of queries."""
    rows = wanted.rows(language).order_by(wanted.identity)
    if identity is not None:
        rows = rows.filter(**{wanted.identity: identity})
    total = rows.count()
    pages = max(1, -(-total // per_page))
    start = (number - 1) * per_page
    contents = wanted.describe(list(rows[start : start + per_page]), language)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": number,
        "size": len(contents),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not contents,
        "license": settings.OPEN_DATA_LICENCE["url"] if wanted.is_open_data else None,
        "contents": contents,
    }


def card_of(identity: UUID, language: str) -> profiles.Profile | None:
    """Return what everybody sees of a member with a page; None for whoever has none, is hidden or paused, has left or never was there."""
    member = Member.objects.with_page().filter(uuid=identity).first()
    return profiles.public(member, vocabulary(language)) if member is not None else None
