"""Regular comparison of public content with what two people approved, as a row can be changed by bypassing the rule.

A statement in a migration, in a job or at the database prompt bypasses the rule.
So a scheduled job compares each public listing, text and help page with the version that was approved.
A listing or a text that differs is hidden: a wrong number is worse than none, and there are other services.
A listing in which one person alone has published words gets back the ones that two people approved, as its other facts
are right.
The job notifies the people who maintain it: on their start page, in the history, and by email.

A help page is reverted to its approved version, as no other page replaces it.
Without the finder of a language, visitors find no service in it, and people who are sent to the page in an emergency
need it.
The approved version is stored with the page, so its unapproved words can be replaced instead of hidden.
A page is unpublished only if no approval is in force: it was published by bypassing the rule, or shown again after
others had unpublished it for a reason.
Then no one is responsible for its words.
If an approval is in force but its version has been overwritten too, e.g. by a migration that converts both, the page
stays and the job fails, for a person to look.
An error in the comparison must not remove a finder.

If many rows differ in one run, the comparison is more likely to be wrong than all of them, for instance after a field
was renamed.
Hiding them would take help away from people who look for it.
Then nothing is changed, and the job fails for a person to look.
"""

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from core.admin.unpublishing.views import unpublish
from helpline.approval.mixins import SecondPerson
from helpline.approval.models import Approval
from helpline.approval.rule import as_approved, differences, written_by_one
from helpline.approval.versions import BOOKKEEPING, child_model, content_of, digest_of
from helpline.governance import mails, reports, services
from helpline.governance.services import REVERTED
from helpline.records.laws import LawText
from helpline.records.listings import Listing
from helpline.records.texts import ProgrammeText
from helpline.vocabulary.codes import ReportReason


class OverwrittenError(Exception):
    """Raised for a public page whose approved version is lost, although an approval is in force.

    A person must look.
    """


def may_stay(page: SecondPerson) -> bool:
    """Return whether a public page may stay although its version is not approved.

    It may if it is as the software created it, or still as two people approved it.
    """
    if page.live_revision_id is None and page.is_blank():
        return True
    approval = newest_in_force(page)
    return approval is not None and approval.digest == digest_of(content_of(page))


def revert(page: SecondPerson, differing: list[str] | None) -> str:
    """Revert to the approved words, or unpublish the page if no approval is in force.

    Return the reason.
    `differing` are the fields in which the page differs from its approved version, or None if its version is not
    approved.
    Raises OverwrittenError if the approved version is lost, and then nothing has changed.
    """
    if not differing and newest_in_force(page) is None:
        reason = _("It was public, but no approval by two people is in force.")
        unpublish([page], by=None, reason=reason)
        return reason
    revision = page.live_revision if differences(page) else approved_revision(page)
    if revision is None:
        text = _(
            "“%(page)s”: the approved version was overwritten. The page is still public: compare it, and approve it "
            "again."
        )
        raise OverwrittenError(text % {"page": page})
    if differing is None:
        reason = _("Reverted: what was public was not the version that two people approved.")
    else:
        reason = reverted(differing)
    _store(page, revision)
    log(instance=page, action=REVERTED, data={"reason": reason})
    mails.notify_approvers_of_page(page, differing or [])
    return reason


def reverted(facts: Iterable[str]) -> str:
    said = _("Reverted: what was public differed from what two people approved: %(facts)s.")
    return said % {"facts": ", ".join(facts)}


def approved_revision(page: SecondPerson) -> Revision | None:
    """Return the version that was approved last and may be public, unless it was overwritten."""
    approval = newest_in_force(page)
    return None if approval is None else as_approved(page, approval)


def newest_in_force(page: SecondPerson) -> Approval | None:
    """Return the newest approval that was not withdrawn, and whose version is not scheduled for a later day."""
    waiting = page.revisions.filter(approved_go_live_at__gt=timezone.now()).values("pk")
    return page.approvals.valid().by_two().exclude(revision_id__in=waiting).first()


def _store(page: SecondPerson, revision: Revision) -> None:
    """Make a version the public one, and keep the bookkeeping of the page.

    This is its place, its draft, and the day for which it is rendered.
    """
    approved = revision.as_object()
    for name in BOOKKEEPING & {field.name for field in page._meta.concrete_fields} - {"url_path"}:
        setattr(approved, name, getattr(page, name))
    approved.live_revision = revision
    approved.save(clean=False)


# The source of reports by the scheduler, in the field in which people say how they know.
SOURCE = "manage.py check_listings"
# The limit for automatic hiding.
MOST = 10


class ManyDifferError(Exception):
    """Raised if so many rows differ from what was approved that a person must look before any is hidden."""


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
    found = altered_facts(row)
    if found is None and isinstance(row, Page):
        return not may_stay(row)
    return found != []


def altered_facts(row: SecondPerson) -> list[str] | None:
    """Return the fields of a public row that differ from what two people approved.

    Returns None if its version was not approved.
    """
    found = differences(row)
    return written_by_one(row)[0] if found == [] else found


def few_altered() -> list[SecondPerson]:
    """Return the altered rows for the scheduled job.

    Raises ManyDifferError, for a person to look, if there are more than `MOST`.
    """
    found = list(altered())
    if len(found) > MOST:
        text = _(
            "%(count)d listings, texts and help pages differ from what two people approved. Nothing was changed: "
            "review them with manage.py check_listings."
        )
        raise ManyDifferError(text % {"count": len(found)})
    return found


@transaction.atomic
def hide_and_report(row: SecondPerson) -> str | None:
    """Hide a row that differs, or revert it if its approved words are known, if it still differs, and report it.

    Return the reason, or None if nothing was done.
    """
    row = type(row)._default_manager.select_for_update().filter(pk=row.pk, live=True).first()
    if row is None or not is_altered(row):
        return None
    found = altered_facts(row)
    if isinstance(row, Page):
        return revert(row, found)
    facts, right = written_by_one(row) if differences(row) == [] else ([], None)
    if isinstance(row, Listing) and right is not None and not any(child_model(type(row), name) for name in facts):
        # The other facts are approved, and people need them.
        reason = reverted(facts)
        services.revert(listing=row, to=right.as_object(), facts=facts, reason=reason)
        reports.file_report(listing=row, what=ReportReason.OTHER, text=reason, source=SOURCE)
        return reason
    reason = in_words(found)
    services.hide(listing=row, by=None, reason=reason)
    mails.notify_approvers(row, found or [])
    reports.file_report(listing=owner(row), what=ReportReason.OTHER, text=reason, source=SOURCE)
    return reason


def owner(row: SecondPerson) -> Listing:
    """Return the listing that a row belongs to: for a text, the one that it describes."""
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
    return _("Hidden: what was public differs from what two people approved: %(facts)s.") % {"facts": ", ".join(found)}
