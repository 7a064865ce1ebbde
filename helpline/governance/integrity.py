"""Regular comparison of what the public sees with what two people approved, because a row can be changed past every rule.

A statement in a migration, in a job or at the database prompt bypasses the rule. So a scheduled job compares each public listing, text and help
page with the version that was approved. A listing or a text that differs is hidden; a help page gets its approved words back
(`helpline.governance.reverting`). It is reported to the people who maintain it: on their start page, in the history, and by mail.

If many differ at once, the comparison is more likely to be wrong than all of them, for instance after a field was renamed: hiding them
would take help away from people who look for it. Then nothing is changed, and the job fails for a person to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from helpline.approval.mixins import SecondPerson
from helpline.approval.rule import differences
from helpline.governance import alarms, reports, reverting, services
from helpline.records.laws import LawText
from helpline.records.texts import ProgrammeText
from helpline.vocabulary.codes import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpline.records.listings import Listing

# What a report of ours says in the field in which other people say how they know.
SOURCE = "manage.py check_listings"
# More than this are not hidden automatically.
MOST = 10


class ManyDifferError(Exception):
    """So many rows differ from what was approved that a person must look before any is hidden."""


def altered() -> Iterator[SecondPerson]:
    """Yield the public rows that differ from what was approved, or were never approved."""
    for model in kinds():
        for row in model._default_manager.filter(live=True).select_related("live_revision").order_by("pk"):
            if is_altered(row):
                yield row


def kinds() -> list[type[SecondPerson]]:
    """Return the models of everything that takes two people."""
    return [model for model in apps.get_models() if issubclass(model, SecondPerson)]


def is_altered(row: SecondPerson) -> bool:
    found = differences(row)
    if found is None and isinstance(row, Page):
        return not reverting.may_stay(row)
    return found != []


def few_altered() -> list[SecondPerson]:
    """Return the altered rows for the scheduled job. Raises ManyDifferError, for a person to look, if there are more than `MOST`."""
    found = list(altered())
    if len(found) > MOST:
        text = _(
            "%(count)d listings, texts and help pages differ from what two people approved. Nothing was changed: review them with manage.py check_listings."
        )
        raise ManyDifferError(text % {"count": len(found)})
    return found


@transaction.atomic
def hide_and_report(row: SecondPerson) -> str | None:
    """Hide a row that differs, or put a help page back, if it still differs, and report it. Return the reason, or None if nothing was done."""
    row = type(row)._default_manager.select_for_update().filter(pk=row.pk, live=True).first()
    if row is None or not is_altered(row):
        return None
    found = differences(row)
    if isinstance(row, Page):
        return reverting.put_back(row, found)
    reason = in_words(found)
    services.hide(listing=row, by=None, reason=reason)
    alarms.tell_approvers(row, found or [])
    reports.file_report(listing=owner(row), what=Wrong.OTHER, text=reason, source=SOURCE)
    return reason


def owner(row: SecondPerson) -> Listing:
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
