"""Regular comparison of what the public sees with what two people approved, because a row can be changed past every rule.

A statement in a migration, in a job or at the database prompt bypasses the rule. So a scheduled job compares each public listing and text
with the version that was approved. What differs is hidden, and reported to the people who maintain the listings: on their start page, in the
history, and by mail.

If many differ at once, the comparison is more likely to be wrong than all of them, for instance after a field was renamed: hiding them
would take help away from people who look for it. Then nothing is hidden, and the job fails for a person to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from helpline.governance import alarms, reports, services
from helpline.records.laws import CountryLaw, LawText
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.records.two_people import changed_fields, content_of, is_approved
from helpline.vocabulary.codes import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKED = (Programme, SupportLine, ProgrammeText, CountryLaw, LawText)
# What a report of ours says in the field in which other people say how they know.
SOURCE = "manage.py check_listings"
# More than this are not hidden automatically.
MOST = 10


class ManyDifferError(Exception):
    """So many rows differ from what was approved that a person must look before any is hidden."""


def differences(row: Any) -> list[str] | None:
    """Return the fields in which a public row differs from what was approved; None if its version was not approved."""
    revision = row.live_revision
    if not is_approved(row, revision):
        return None
    # A field added since then has its default in the approved version, too.
    return [name for name, _values in changed_fields(content_of(revision.as_object()), content_of(row))]


def altered() -> Iterator[Any]:
    """Yield the public rows that differ from what was approved, or were never approved."""
    for model in CHECKED:
        for row in model.objects.filter(live=True).select_related("live_revision").order_by("pk"):
            if differences(row) != []:
                yield row


def few_altered() -> list[Any]:
    """Return the altered rows for the scheduled job. Raises ManyDifferError, for a person to look, if there are more than `MOST`."""
    found = list(altered())
    if len(found) > MOST:
        text = _(
            "%(count)d listings and texts differ from what two people approved. Nothing was hidden: review them with manage.py check_listings."
        )
        raise ManyDifferError(text % {"count": len(found)})
    return found


@transaction.atomic
def hide_and_report(row: Any) -> str | None:
    """Hide a row that differs, if it still does, and report it. Return the reason, or None if nothing was hidden."""
    row = type(row).objects.select_for_update(of=("self",)).filter(pk=row.pk, live=True).first()
    found = [] if row is None else differences(row)
    if found == []:
        return None
    reason = in_words(found)
    services.hide(listing=row, by=None, reason=reason)
    alarms.tell_approvers(row, found or [])
    reports.file_report(listing=owner(row), what=Wrong.OTHER, text=reason, source=SOURCE)
    return reason


def owner(row: Any) -> Any:
    """Return the listing that a row belongs to: a text to what it describes."""
    match row:
        case ProgrammeText():
            return row.programme
        case LawText():
            return row.law
        case _:
            return row


def in_words(found: list[str] | None) -> str:
    if found is None:
        return _("Hidden: it was public, but two people had not approved this version.")
    return _("Hidden: what was public differs from what two people approved: %(facts)s.") % {
        "facts": ", ".join(found)
    }
