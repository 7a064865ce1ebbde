"""Content of a file about a listing, in any format, and the identity of listings."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from helpline.records import facts
from helpline.records.listings import Listing
from helpline.records.programmes import ContactPoint

# The namespace of identifiers: https://waymark.example/listings/ never changes, even if the site is renamed.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://waymark.example/listings/")
# The fields of a contact point, in the order of the files.
POINT_FIELDS = ("uuid", *facts.names(ContactPoint))
# The fields that are hidden with the contact details.
CONTACT_DETAILS = facts.names(ContactPoint, is_contact_detail=True)


def identifier(reference: str) -> uuid.UUID:
    """Return the UUID of the record with this id, the same on every machine.

    Some ids are UUIDs themselves.
    """
    if len(reference) == 36:
        try:
            return uuid.UUID(reference)
        except ValueError:
            pass
    return uuid.uuid5(NAMESPACE, reference)


def reference_of(listing: Listing) -> str:
    """Return the id of a listing in files: that of the row it came from, or its UUID."""
    if listing.reference and identifier(listing.reference) == listing.uuid:
        return str(listing.reference)
    return str(listing.uuid)


@dataclass(slots=True)
class ParsedListing:
    """Content of a file, as fields of the record and of its contact points.

    Fields that are not in the file are left out.
    """

    reference: str
    place: str | int  # the line number, or the path in the file
    fields: dict[str, Any]
    contacts: list[dict[str, Any]] | None = None
    state: dict[str, Any] = field(default_factory=dict)
    gone: bool = False  # the file says only that it no longer exists


def point_facts(point: ContactPoint) -> dict[str, Any]:
    return {name: getattr(point, name) for name in POINT_FIELDS}


def blank_point() -> dict[str, Any]:
    """Return the fields of a contact point about which nothing is known."""
    blank = ContactPoint()
    return {name: getattr(blank, name) for name in POINT_FIELDS}


def without_contact_details(points: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return contact points without what people could dial or write to."""
    return [{**point, **dict.fromkeys(CONTACT_DETAILS, "")} for point in points]
