"""History of the public facts of listings.

Every write to `PublicChange` is in this file.
Wagtail's signals of publishing, unpublishing and deletion are connected to it in `helpline.apps`.
They cover every cause: the admin, a workflow, a schedule, one person closing a listing.
"""

from collections.abc import Mapping

from django.db.models import Model

from helpline import directory
from helpline.exchange.csv.columns import CHECK_COLUMNS, LAWS, PROGRAMMES, SUPPORT_LINES, WITHHELD
from helpline.exchange.models import PublicChange
from helpline.records.laws import CountryLaw, LawText
from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.vocabulary.codes import CLOSED_STATUSES, Status

Action = PublicChange.Action
KINDS = {
    Programme: PublicChange.Kind.PROGRAMME,
    SupportLine: PublicChange.Kind.SUPPORT_LINE,
    CountryLaw: PublicChange.Kind.LAW,
}
TABLES = {table.model: table for table in (PROGRAMMES, SUPPORT_LINES, LAWS)}
LISTINGS = tuple(KINDS)
TEXTS = (ProgrammeText, LawText)
OF_A_CHECK = frozenset(column.name for column in CHECK_COLUMNS)
WORDS = "words"  # stands for a change of a text, which has no column


def note_published(sender: type[Model], instance: Model, **kwargs: object) -> None:
    """Note that something was published."""
    if isinstance(instance, TEXTS):
        note_words(instance)
    elif isinstance(instance, LISTINGS) and instance.live:
        note_shown(instance)


def note_deleted(sender: type[Model], instance: Model, **kwargs: object) -> None:
    """Note that something was deleted."""
    if not isinstance(instance, TEXTS):
        note_hidden(sender, instance)


def note_hidden(sender: type[Model], instance: Model, **kwargs: object) -> None:
    """Note that something was unpublished."""
    if isinstance(instance, TEXTS):
        note_words(instance)
    elif isinstance(instance, LISTINGS):
        last = PublicChange.objects.for_listing(instance.uuid).first()
        if last is None and instance.first_published_at:  # it was public before this history began
            _note(instance, Action.WITHDRAWN, row={})
        elif last is not None and last.action != Action.WITHDRAWN:
            _note(instance, Action.WITHDRAWN, row=last.row, name=last.name)


def note_shown(listing: Listing) -> None:
    row = {name: cell for name, cell in TABLES[type(listing)].serialize(listing).items() if name != WITHHELD}
    if listing.status == Status.DELISTED:
        note_hidden(type(listing), listing)
        return
    last = PublicChange.objects.for_listing(listing.uuid).first()
    before = last.row if last is not None and last.action != Action.WITHDRAWN else {}
    changed = sorted(name for name in row if row[name] != before.get(name, ""))
    if before and not changed:
        return
    _note(listing, action_of(before, row, changed), row=row, columns=changed if before else [])


def action_of(before: Mapping[str, str], after: Mapping[str, str], changed: list[str]) -> PublicChange.Action:
    """Return the kind of change, from the reader's point of view."""
    if not before:
        return Action.ADDED
    was_closed, is_closed = before["status"] in CLOSED_STATUSES, after["status"] in CLOSED_STATUSES
    if was_closed != is_closed:
        return Action.CLOSED if is_closed else Action.REOPENED
    return Action.CHECKED if OF_A_CHECK.issuperset(changed) else Action.CHANGED


def note_words(text: ProgrammeText | LawText) -> None:
    """Note that the text of a programme, or of a law, in one language has changed."""
    about = text.law_id if isinstance(text, LawText) else text.programme_id
    last = PublicChange.objects.for_listing(about).first()
    if last is None or last.action == Action.WITHDRAWN:
        return
    PublicChange.objects.create(
        listing=last.listing,
        kind=last.kind,
        name=last.name,
        action=Action.CHANGED,
        columns=[f"{WORDS}:{text.locale.language_code}"],
        row=last.row,
    )


def _note(
    listing: Listing,
    action: PublicChange.Action,
    *,
    row: dict[str, str],
    columns: list[str] | None = None,
    name: str = "",
) -> None:
    PublicChange.objects.create(
        listing=listing.uuid,
        kind=KINDS[type(listing)],
        name=name or str(listing.name)[:200],
        action=action,
        columns=columns or [],
        row=row,
    )
    if isinstance(listing, Programme):
        directory.notice_change(listing.uuid)
