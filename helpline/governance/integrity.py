"""What the public sees is what two people approved: compared again and again, for a row can be changed past every rule.

A statement of a migration, of a job or of somebody at the database's own prompt asks nobody. So the clock compares each listing and text
that is on show with the version that was approved. What differs is hidden, and reported to those who keep the listings.

Should many differ at once, then rather the comparison is wrong than all of them, for instance after a field was renamed: to hide them would
take help from those who look for it. Then nothing is hidden, and somebody is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from helpline.governance import reports, services
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.records.two_people import changes, facts, is_approved
from helpline.vocabulary.codes import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKED = (Programme, SupportLine, ProgrammeText)
# More are not hidden by themselves.
MOST = 10


class ManyDifferError(Exception):
    """So many rows differ from what was approved that somebody has to look before any is hidden."""


def differences(row: Any) -> list[str] | None:
    """The facts in which a row that is on show differs from what was approved; None where no approved version stands behind it."""
    revision = row.live_revision
    if not is_approved(row, revision):
        return None
    # A field that has come since then has its default in the version that was approved, too.
    return [name for name, _values in changes(facts(revision.as_object()), facts(row))]


def altered() -> Iterator[Any]:
    """The rows that are on show and differ from what was approved, or were never approved."""
    for model in CHECKED:
        for row in model.objects.filter(live=True).select_related("live_revision").order_by("pk"):
            if differences(row) != []:
                yield row


def few_altered() -> list[Any]:
    """As `altered`, for the clock. Raises ManyDifferError, for a person to look, where there are more than `MOST`."""
    found = list(altered())
    if len(found) > MOST:
        text = _(
            "%(count)d listings and texts differ from what two people approved. Nothing was hidden: look at them with manage.py check_listings."
        )
        raise ManyDifferError(text % {"count": len(found)})
    return found


@transaction.atomic
def take_back(row: Any) -> str | None:
    """Hide a row that differs, if it still does, and report it. Gives the reason."""
    row = type(row).objects.select_for_update(of=("self",)).filter(pk=row.pk, live=True).first()
    found = [] if row is None else differences(row)
    if found == []:
        return None
    reason = in_words(found)
    services.hide(listing=row, by=None, reason=reason)
    listing = row.programme if isinstance(row, ProgrammeText) else row
    reports.report(listing=listing, what=Wrong.OTHER, text=reason, source="manage.py check_listings")
    return reason


def in_words(found: list[str] | None) -> str:
    if found is None:
        return _("Hidden: it was on show, and no version that two people approved stands behind it.")
    return _("Hidden: what was on show differs from what two people approved: %(facts)s.") % {
        "facts": ", ".join(found)
    }
