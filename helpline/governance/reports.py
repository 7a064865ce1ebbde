"""Reports about listings, each kept as a task until it is resolved, with a reason.

Reports do not change public content.
The only data of the reporter is an email address, if one was given for a reply, which is deleted later.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.log_actions import log

from core.http.limits import Limit
from core.languages import names
from helpline.approval.rule import User
from helpline.governance.models import Report
from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary.codes import OperatorAnswer

# Retention of the address of a reporter, unless the report is resolved first.
ADDRESS_KEPT = timedelta(days=30)
# Retention of a resolved report.
# Its resolution stays in the history of the listing.
KEPT = timedelta(days=365)

FROM_ADDRESS = Limit(name="report-from", times=20, seconds=60 * 60)
ON_LISTING = Limit(name="report-on", times=10, seconds=60 * 60)

MOST_FOUND = 25


class AlreadyResolvedError(Exception):
    """Raised if another user has already resolved the report."""


def find(uuid: UUID) -> Listing | None:
    """Return the listing that is shown under this identifier, or None."""
    for model in (Programme, SupportLine):
        found: Listing | None = model.objects.shown().filter(uuid=uuid).first()
        if found is not None:
            return found
    return None


def search_by_name(words: str) -> Sequence[Listing]:
    """Return at most `MOST_FOUND` public listings whose name contains `words`, sorted by name."""
    found: list[Listing] = []
    for model in (Programme, SupportLine):
        found += model.objects.shown().filter(name__icontains=words)[:MOST_FOUND]
    return sorted(found, key=lambda listing: names.sort_key(listing.name))[:MOST_FOUND]


@transaction.atomic
def file_report(
    *, listing: Listing, what: str, text: str, source: str, reply_to: str = "", language: str = ""
) -> Report:
    """Store a report."""
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
def resolve(*, report: Report, by: User, reason: str) -> None:
    """Resolve a report with a reason, and delete the reporter's address.

    Raises AlreadyResolvedError if another user has resolved it.
    """
    row = Report.objects.select_for_update().get(pk=report.pk)
    if row.resolved_at is not None:
        raise AlreadyResolvedError
    row.resolved_at, row.resolved_by_id, row.reason, row.reply_to = timezone.now(), by.pk, reason, ""
    row.save()
    log(row.listing, "helpline.resolve", user=by, data={"what": row.what, "reason": reason})


@transaction.atomic
def forget_words(*, report: Report, by: User) -> None:
    """Delete the reporter's words and address, for reports with personal data.

    The report stays, with its listing and its kind.
    """
    row = Report.objects.select_for_update().get(pk=report.pk)
    row.text = row.source = row.reply_to = ""
    row.save(update_fields=["text", "source", "reply_to"])
    log(row.listing, "helpline.forget", user=by, data={"what": row.what})


def resolve_confirmations(*, listing: Listing, by: User) -> None:
    """Resolve the operator's confirmations of a listing, once it has been checked."""
    for found in listing.reports.open().filter(what=OperatorAnswer.RIGHT):
        resolve(report=found, by=by, reason=gettext("Checked."))


def purge() -> None:
    """Delete addresses and resolved reports that have reached their age limit."""
    now = timezone.now()
    Report.objects.filter(created_at__lte=now - ADDRESS_KEPT).exclude(reply_to="").update(reply_to="")
    Report.objects.filter(resolved_at__lte=now - KEPT).delete()
