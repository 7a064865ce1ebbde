"""What a file says of a listing, whatever format it is written in, and how a listing is known again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpline.records import facts
from helpline.records.contact_points import ContactPoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from helpline.records.programmes import Programme
    from helpline.records.support_lines import SupportLine

# What identifiers are made from: https://waymark.example/listings/ never changes, whatever the site is called.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://waymark.example/listings/")
# What is said of one contact point, in the order of the files.
POINT = ("uuid", *facts.names(ContactPoint))
# What is not shown of a listing while its contact details are hidden.
REACHES = facts.names(ContactPoint, reaches=True)


def identifier(reference: str) -> uuid.UUID:
    """The identifier of a record that is known by this id: the same on every machine. Some ids are identifiers themselves."""
    if len(reference) == 36:
        try:
            return uuid.UUID(reference)
        except ValueError:
            pass
    return uuid.uuid5(NAMESPACE, reference)


def reference_of(listing: Programme | SupportLine) -> str:
    """The id that files know a listing by: that of the row it came from, or its identifier."""
    if listing.reference and identifier(listing.reference) == listing.uuid:
        return str(listing.reference)
    return str(listing.uuid)


@dataclass(slots=True)
class ParsedListing:
    """What a file says, as fields of the record and of its contact points. What it does not mention is not among them."""

    reference: str
    place: str | int  # where it stands in the file
    fields: dict[str, Any]
    contacts: list[dict[str, Any]] | None = None
    state: dict[str, Any] = field(default_factory=dict)
    gone: bool = False  # the file says no more than that it does not exist any more


def point_facts(point: ContactPoint) -> dict[str, Any]:
    return {name: getattr(point, name) for name in POINT}


def unknown_point() -> dict[str, Any]:
    """A contact point of which nothing is known but that it is there."""
    blank = ContactPoint()
    return {name: getattr(blank, name) for name in POINT}


def without_reaches(points: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Contact points without what somebody could dial or write to."""
    return [{**point, **dict.fromkeys(REACHES, "")} for point in points]
