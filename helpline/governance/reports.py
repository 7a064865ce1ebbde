"""What becomes of a report about a listing: it is kept as a task until somebody has dealt with it, and says how.

Nothing here changes what the public sees. Of whoever wrote it only an address is kept, if they gave one for an answer, and not for long.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.log_actions import log

from core.doors import desk_url
from core.doors.limits import Limit
from core.languages import names
from helpline.governance.models import Report
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary.codes import OperatorAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from helpline.records.listings import Listing

# How long the address of somebody who reported something is kept, if nobody has dealt with it before.
ADDRESS_KEPT = timedelta(days=30)
# And what was dealt with. That it was, and how, stays in the history of the listing.
KEPT = timedelta(days=365)

FROM_ADDRESS = Limit(name="report-from", times=20, seconds=60 * 60)
ON_LISTING = Limit(name="report-on", times=10, seconds=60 * 60)

MOST_FOUND = 25


class Done(Exception):  # noqa: N818  (nothing went wrong)
    """Somebody else has dealt with it already."""


def address(listing: Listing) -> str:
    """Where at the desk somebody says that this listing is wrong, in the active language."""
    return desk_url("helpline:report", listing.uuid)


def find(uuid: UUID) -> Listing | None:
    """The listing that the public knows by this identifier."""
    for model in (Programme, SupportLine):
        found: Listing | None = model.objects.shown().filter(uuid=uuid).first()
        if found is not None:
            return found
    return None


def named(words: str) -> Sequence[Listing]:
    """Listings that the public sees, whose name has these words in it. Not all, where there are many."""
    found: list[Listing] = []
    for model in (Programme, SupportLine):
        found += model.objects.shown().filter(name__icontains=words)[:MOST_FOUND]
    return sorted(found, key=lambda listing: names.in_order(listing.name))[:MOST_FOUND]


@transaction.atomic
def report(
    *, listing: Listing, what: str, text: str, source: str, reply_to: str = "", language: str = ""
) -> Report:
    """Keep what somebody says is wrong."""
    made = Report.objects.create(
        listing=listing, what=what, text=text, source=source, reply_to=reply_to, language=language
    )
    log(
        listing,
        "helpline.answer" if what in OperatorAnswer.values else "helpline.report",
        data={"what": what},
    )
    return made


@transaction.atomic
def resolve(*, report: Report, by: Any, reason: str) -> None:
    """Say what was done about it. The address of whoever wrote it goes. Raises Done where somebody else was faster."""
    row = Report.objects.select_for_update().get(pk=report.pk)
    if row.resolved_at is not None:
        raise Done
    row.resolved_at, row.resolved_by, row.reason, row.reply_to = timezone.now(), by, reason, ""
    row.save()
    log(row.listing, "helpline.resolve", user=by, data={"what": row.what, "reason": reason})


def settle(*, listing: Listing, by: Any) -> None:
    """What is settled when somebody has checked a listing: that its operator says so, too."""
    for found in listing.reports.open().filter(what=OperatorAnswer.RIGHT):
        resolve(report=found, by=by, reason=gettext("Checked."))


def forget() -> None:
    """Delete what was kept long enough."""
    now = timezone.now()
    Report.objects.filter(created_at__lte=now - ADDRESS_KEPT).exclude(reply_to="").update(reply_to="")
    Report.objects.filter(resolved_at__lte=now - KEPT).delete()
