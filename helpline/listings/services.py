"""What one person may do at once, for the safety of those who look for help: hide, close, warn, and say that all is still right.

Who may do so is for the caller to know: at the desk, whoever may change a listing. Each is done to what the public sees and to the draft that somebody may be working on, so that approving the draft undoes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from wagtail.actions.unpublish import UnpublishAction

from helpline.codes import Alert, Status
from helpline.listings.freshness import due_on

if TYPE_CHECKING:
    import datetime as dt

    from helpline.models.listings import Listing


class Outrun(Exception):  # noqa: N818  (nothing went wrong)
    """The listing is not any more what somebody looked at: another was faster."""


def version(listing: Listing) -> int:
    """What tells a listing as somebody looked at it from what has become of it since."""
    return listing.live_revision_id or listing.latest_revision_id or 0


def hide(*, listing: Listing, by: Any) -> None:
    """Take it from the public. Showing it again takes two."""
    UnpublishAction(listing, user=by).execute(skip_permission_checks=True)


def close(*, listing: Listing, by: Any, until: dt.date | None = None, for_a_time: bool = False) -> None:
    """Say that it is closed: for good, until a day, or for a time that nobody knows."""
    status = Status.CLOSED_UNTIL if until or for_a_time else Status.CLOSED
    _act(listing, by, {"status": status, "closed_until": until})


def warn(*, listing: Listing, by: Any, alert: Alert, note: str = "") -> None:
    """Set an alert. Taking one back is a change of fact, and takes two."""
    if alert == Alert.NONE:
        raise ValueError("An alert is taken back by two people.")
    _act(listing, by, {"alert": alert, "alert_note": note})


def recheck(
    *,
    listing: Listing,
    by: Any,
    on: dt.date,
    source: str,
    next_check_due: dt.date | None = None,
    seen: int | None = None,
) -> None:
    """Say that somebody checked it on a day, against a source, and that all of it is still right.

    `seen` is the `version` that they looked at. Raises Outrun where the public sees another by now, and then nothing has changed.
    """
    fields = {
        "checked_on": on,
        "checked_source": source,
        "next_check_due": next_check_due or due_on(on),
        "checked_by": by,
    }
    _act(listing, by, fields, seen=seen)


@transaction.atomic
def _act(listing: Listing, by: Any, fields: dict[str, Any], *, seen: int | None = None) -> None:
    row = type(listing).objects.select_for_update().get(pk=listing.pk)
    if seen is not None and version(row) != seen:
        raise Outrun
    newest = row.latest_revision
    draft = (
        newest.as_object() if newest is not None and (row.has_unpublished_changes or not row.live) else None
    )
    if row.live:
        shown = _with(row, fields)
        shown.save_revision(user=by, log_action=True).publish(user=by, skip_permission_checks=True)
    if draft is not None:
        # The draft stays its author's: who restricts a listing has not written it.
        author = newest.user if row.live else by
        _with(draft, fields).save_revision(user=author, clean=False)
    elif not row.live:
        _with(row, fields).save_revision(user=by)


def _with(listing: Listing, fields: dict[str, Any]) -> Listing:
    for name, value in fields.items():
        setattr(listing, name, value)
    return listing
