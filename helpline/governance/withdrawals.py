"""Whether the latest change of a listing takes away what people could call, write to or visit.

Such a change is rendered before all others, as each page that still shows a wrong number leads people astray.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from core.publishing.approval import Content
from helpline.records import visibility
from helpline.records.listings import Listing

# The means of contact, of a listing itself and of a contact point.
LEADS = (*visibility.LEADS, "number_from_abroad", "website")


def is_withdrawal(listing: Listing) -> bool:
    """Return whether a listing is off the list, or hides its contact details, or has lost one of them or a country.

    The published version is compared with the one approved before it.
    Uses no more than three queries.
    """
    if not visibility.is_shown(listing) or visibility.hides_contact(listing, timezone.localdate()):
        return True
    last = listing.approvals.exclude(revision_id=listing.live_revision_id).first()
    before = last and listing.revisions.filter(pk=last.revision_id).first()
    if not before or listing.live_revision is None:
        return False
    return not set(leads(before.content)) <= set(leads(listing.live_revision.content))


def leads(content: Content) -> Iterator[tuple[str, Any]]:
    """Yield the countries and the means of contact in the content of a revision, each with the name of its field."""
    for code in json.loads(content.get("countries") or "[]"):
        yield "countries", code
    for holder in (content, *content.get("contact_points", ())):
        yield from ((name, holder[name]) for name in LEADS if holder.get(name))
