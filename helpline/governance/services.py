"""Actions on listings by a second person, and immediate ones by one person.

Immediate actions are for the safety of people who look for help.
They apply both to the published version and to a draft in progress, so that approving the draft does not undo them.
The caller checks permissions: in the admin, users who may publish listings approve, and users who may change them do
the rest.
Every action is kept in the history of the listing, with its reason.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.actions.unpublish import UnpublishAction
from wagtail.log_actions import log
from wagtail.models import Revision

from helpline.approval.rule import NotApprovedError, User, record_approval
from helpline.governance import mails
from helpline.governance.review import decisions
from helpline.governance.review.policy import Checklist
from helpline.records import visibility
from helpline.records.listings import Listing
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.support_lines import SupportLine
from helpline.records.visibility import due_on
from helpline.vocabulary.codes import Alert, LineKind, Status

# Log action of the scheduler, which gives a listing or a help page its approved words back.
REVERTED = "helpline.revert"


class StaleVersionError(Exception):
    """Raised if the listing has changed since the form was loaded."""


def version(listing: Listing) -> int:
    """Return the version token of a listing, for optimistic locking."""
    return listing.live_revision_id or listing.latest_revision_id or 0


@transaction.atomic
def approve(*, listing: Listing, revision: Revision, by: User, reason: str, checklist: Checklist | None = None) -> None:
    """Approve and publish `revision` as the second person, through its workflow if there is one.

    `reason` says how it was checked.
    Raises NotApprovedError, and then nothing has changed.
    """
    state = listing.current_workflow_task_state if listing.workflow_in_progress else None
    decisions.approve(listing=listing, revision=revision, by=by, reason=reason, checklist=checklist)
    if state is None:
        revision.publish(user=by)
    else:
        state.task.specific.on_action(state, by, "approve", comment=reason)


def request_changes(*, listing: Listing, by: User | None, reason: str) -> None:
    """Send a submission back to its author.

    Raises NotApprovedError without a reason, or if nothing was submitted.
    """
    state = listing.current_workflow_task_state if listing.workflow_in_progress else None
    if state is None:
        raise NotApprovedError(_("This has not been submitted for review."))
    state.task.specific.on_action(state, by, "reject", comment=reason)


def note(*, listing: Listing, by: User | None, reason: str) -> None:
    """Note the reason for the newest version in the history."""
    log(
        instance=listing,
        action="helpline.note",
        user=by,
        revision=listing.latest_revision,
        data={"reason": reason},
    )


@transaction.atomic
def hide(*, listing: Listing, by: User | None, reason: str) -> None:
    """Unpublish a listing.

    Showing it again takes two people.
    The demonstration also shows unapproved listings, so there it is delisted, too.
    """
    UnpublishAction(listing, user=by).execute(skip_permission_checks=True)
    log(instance=listing, action="helpline.hide", user=by, data={"reason": reason})
    if isinstance(listing, Listing) and visibility.is_shown(listing):
        delist(listing=listing, by=by, reason=reason)


def close(
    *, listing: Listing, by: User | None, reason: str, until: dt.date | None = None, for_a_time: bool = False
) -> None:
    """Mark a listing as closed: for good, until a day, or temporarily without a known end."""
    status = Status.CLOSED_UNTIL if until or for_a_time else Status.CLOSED
    _act(listing, by, {"status": status, "closed_until": until}, action="helpline.close", reason=reason)


def delist(*, listing: Listing, by: User | None, reason: str) -> None:
    """Delist a listing.

    Its old links say so, and only staff can read the reason.
    """
    fields = {"status": Status.DELISTED, "closed_until": None, "delisted_reason": reason}
    _act(listing, by, fields, action="helpline.delist", reason=reason)


def leave_countries(*, listing: SupportLine, countries: Collection[str], by: User | None, reason: str) -> None:
    """Stop showing a line of several countries in some of them, and leave it in the others.

    Showing it there again takes two people.
    """
    left = [code for code in listing.countries if code not in countries]
    _act(listing, by, {"countries": left}, action="helpline.leave", reason=reason)


def warn(*, listing: Listing, by: User | None, reason: str, alert: Alert) -> None:
    """Set an alert, without the note on the one before.

    Writing a note or removing an alert is a change of fact, and takes two people.
    """
    if alert == Alert.NONE:
        raise ValueError("Removing an alert takes two people.")
    fields = {"alert": alert} if alert == listing.alert else {"alert": alert, "alert_note": ""}
    _act(listing, by, fields, action="helpline.warn", reason=reason)


def recheck(
    *,
    listing: Listing,
    by: User | None,
    on: dt.date,
    source: str,
    next_check_due: dt.date | None = None,
    seen: int | None = None,
) -> None:
    """Record that a listing was checked on a day, against a source, and that everything is still correct.

    The source is kept in the history.
    Readers see the approved one until two people approve another, as it is in words.
    `seen` is the `version()` that was checked.
    Raises StaleVersionError if it is no longer current, and then nothing has changed.
    """
    fields = {
        "checked_on": on,
        "next_check_due": next_check_due or due_on(on),
        "checked_by": by,
    }
    _act(listing, by, fields, action="helpline.recheck", reason=source, seen=seen)


def revert(*, listing: Listing, to: Listing, facts: Collection[str], reason: str) -> None:
    """Give a published listing the values back that two people approved, in these facts, and leave its draft alone."""
    fields = {name: getattr(to, name) for name in facts}
    if "alert_note" in fields and listing.alert != to.alert:
        fields["alert_note"] = ""  # the approved note is about another alert
    _act(listing, None, fields, action=REVERTED, reason=reason, reverts=True)


@transaction.atomic
def _act(
    listing: Listing,
    by: User | None,
    fields: Mapping[str, object],
    *,
    action: str,
    reason: str,
    seen: int | None = None,
    reverts: bool = False,
) -> None:
    row = type(listing).objects.select_for_update().get(pk=listing.pk)
    if seen is not None and version(row) != seen:
        raise StaleVersionError
    newest = row.latest_revision
    draft = newest.as_object() if newest is not None and (row.has_unpublished_changes or not row.live) else None
    submitted = row.current_workflow_state if row.workflow_in_progress else None
    if row.live:
        revision = _with(row, fields).save_revision(user=by, log_action=True)
        if reverts:
            record_approval(row, revision, by, rule="one", reason=reason)
        revision.publish(user=by, skip_permission_checks=True)
    elif visibility.is_shown(row):  # in the demonstration, which shows the row itself
        _with(row, fields).save(update_fields=fields)
    if draft is not None:
        # The draft keeps its author, as the person who restricts a listing has not written it.
        author = newest.user if row.live else by
        _with(draft, {} if reverts else fields).save_revision(user=author, clean=False)
    elif not row.live:
        _with(row, fields).save_revision(user=by)
    log(instance=row, action=action, user=by, data={"reason": reason})
    if submitted is not None and row.live and draft is not None:
        # Publishing ends the workflow; the draft still waits for its second person.
        submitted.workflow.start(type(listing).objects.get(pk=row.pk), submitted.requested_by)


def _with(listing: Listing, fields: Mapping[str, object]) -> Listing:
    for name, value in fields.items():
        setattr(listing, name, value)
    return listing


# The columns that hold a number, of a support line and of a contact point.
NUMBERS = ("number", "number_from_abroad")


def numbers_of(listing: Programme | SupportLine) -> list[str]:
    """Return the numbers of a listing as they are stored, each once."""
    holders = listing.contact_points.all() if isinstance(listing, Programme) else [listing]
    found = [getattr(each, name) for each in holders for name in NUMBERS]
    return list(dict.fromkeys(filter(None, found)))


@transaction.atomic
def withdraw_number(
    *, listing: Programme | SupportLine, number: str, by: User, reason: str, country: str = ""
) -> list[Listing]:
    """Withdraw a number from all listings, and notify their approvers.

    Return the listings that had it, `listing` first.
    No help page is unpublished.
    If it was the only crisis line of a country, the pages say that none can be named
    (`helpline.finder.queries.withdrawn_lines`).
    Showing a number again takes two people, as showing any listing does.

    A listing with the number is hidden.
    A short number differs from country to country, so a line of several countries stays in those where it is right.
    `country`: the one where it is wrong, or empty for all those of the listing.
    """
    where = {country} if country else set(listing.countries)
    some = bool(country) or is_short(number)
    taken = [listing]
    taken += [each for each in with_number(number, where if some else None, of=listing) if each != listing]
    for each in taken:
        if some and isinstance(each, SupportLine) and not where.issuperset(each.countries):
            leave_countries(listing=each, countries=where, by=by, reason=reason)
        else:
            hide(listing=each, by=by, reason=reason)
    mails.notify_approvers_of_number(listing, number=number, listings=taken, by=by, reason=reason)
    return taken


def with_number(number: str, where: set[str] | None, *, of: Listing) -> Iterator[Listing]:
    """Yield the shown listings with a number: in some countries, or in all if `where` is None.

    An emergency line with the number is left out, unless the wrong number is that of an emergency line.
    """
    has_it = Q(number=number) | Q(number_from_abroad=number)
    points = ContactPoint.objects.filter(has_it)
    lines = SupportLine.objects.filter(visibility.shown_q(), has_it)
    programmes = Programme.objects.filter(visibility.shown_q(), pk__in=points.values("programme"))
    if where is not None:
        lines = lines.filter(countries__overlap=[*where])
        programmes = programmes.filter(countries__overlap=[*where])
    if getattr(of, "kind", "") != LineKind.EMERGENCY:
        lines = lines.exclude(kind=LineKind.EMERGENCY)
    yield from lines.order_by("pk")
    yield from programmes.order_by("pk")


def is_short(number: str) -> bool:
    """Return whether a number is assigned differently in each country, such as 116123 or 142."""
    return not number.startswith("+")
