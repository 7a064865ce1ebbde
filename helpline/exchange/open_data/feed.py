"""Changes to the public listings, newest first, as a JSON Feed (https://www.jsonfeed.org/version/1.1/).

Those who keep a copy of the listings can follow what was added, changed, closed or removed.
If the feed does not reach back to their last visit, they download the whole table.
Entries are names and codes, in English, as programs read them.
"""

import uuid

from django.conf import settings
from django.utils import translation

from core.http import public_url
from helpline.exchange.models import PublicChange
from helpline.exchange.open_data.exports import FOLDER, file_path

LENGTH = 500
PATH = f"{FOLDER}changes.json"
VERSION = "https://jsonfeed.org/version/1.1"
TABLE_OF = {
    PublicChange.Kind.PROGRAMME: "programmes",
    PublicChange.Kind.SUPPORT_LINE: "support-lines",
    PublicChange.Kind.LAW: "laws",
}


def changes(publisher: str) -> dict[str, object]:
    """Return the feed of the newest `LENGTH` changes."""
    newest = list(PublicChange.objects.all()[:LENGTH])
    with translation.override("en"):
        items = [item(change) for change in newest]
    date = newest[0].at.isoformat() if newest else None
    return {
        "version": VERSION,
        "title": f"{publisher}: changes to verified listings",
        "home_page_url": public_url(f"/{settings.LANGUAGE_CODE}{FOLDER}"),
        "feed_url": public_url(PATH),
        "description": (
            "Programmes, support lines and laws that were added, changed, checked again, closed or taken off the list."
        ),
        "language": "en",
        "authors": [{"name": publisher, "url": public_url("/")}],
        "_open_data": {
            "license": settings.OPEN_DATA_LICENCE["url"],
            "data_date": date,
            "reaches_back_to": newest[-1].at.isoformat() if newest else None,
            "complete": len(newest) < LENGTH,
        },
        "items": items,
    }


def item(change: PublicChange) -> dict[str, object]:
    return {
        "id": f"urn:uuid:{uuid.uuid5(change.listing, f'change:{change.pk}')}",
        "url": listing_url(change),
        "title": f"{change.name}: {change.get_action_display()}",
        "content_text": ", ".join(change.columns) or change.get_action_display(),
        "date_published": change.at.isoformat(),
        "tags": [change.kind, change.action],
        "_open_data": {
            "listing": str(change.listing),
            "kind": change.kind,
            "action": change.action,
            "columns": change.columns,
        },
    }


def listing_url(change: PublicChange) -> str:
    """Return the URL at which the listing is published as it is now."""
    if change.kind == PublicChange.Kind.PROGRAMME:
        return public_url(f"/hsds/{settings.LANGUAGE_CODE}/services/{change.listing}")
    return public_url(file_path(TABLE_OF[PublicChange.Kind(change.kind)]))
