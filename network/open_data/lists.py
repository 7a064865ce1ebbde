"""The lists of the open API, and the content of a page of each.

A new row of `LISTS` is all that a new list needs to get a URL, paging, a place in the OpenAPI description, and a
prerendered first page.
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
    """A list of one kind of public record: its rows in a language, their identifier, and their description."""

    name: str
    title: StrOrPromise
    rows: Callable[[str], QuerySet[Any]]
    describe: Callable[[Iterable[Any], str], list[Node]]
    # A random identifier, which also gives the order of the list, and so reveals neither the number of records nor
    # their age.
    identity: str = "uuid"
    # Records about people are not open data, because copies must not outlive them.
    is_open_data: bool = True


def _members(language: str) -> QuerySet[Any]:
    """Return the members with a page.

    The others have no URL by which a copy could be withdrawn.
    """
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
    """Return the pages of events in a language.

    A page whose original was never published has no facts, and is in no list.
    """
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
            rows=lambda language: Practice.objects.public().filter(texts__isnull=False).distinct().for_showing(),
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
    """Return the codes of the languages with the API: those with a public directory."""
    found = tree.public_pages().type(DirectoryPage).values_list("locale__language_code", flat=True)
    return sorted(found)


def about_path(language: str) -> str:
    """Return the path of the API's documentation page."""
    return f"/{language}/network/data/"


def list_path(language: str, name: str) -> str:
    return f"{FOLDER}{language}/{name}"


def root(language: str) -> Node:
    """Return the root document: the lists and their URLs."""
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
    """Return one page of a list, or a list with the record that has an identifier.

    It is empty if there is no such public record.
    A fixed number of queries.
    """
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
    """Return the public profile of a member with a page, or None if there is none: hidden, paused, gone or unknown."""
    member = Member.objects.with_page().filter(uuid=identity).first()
    return profiles.public(member, vocabulary(language)) if member is not None else None
