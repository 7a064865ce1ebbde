"""The history of what the public sees of the listings. Every write to `PublicChange` is in this file.

Wagtail's signals of publishing, unpublishing and deletion lead here (wired in `helpline.apps`), whatever caused them: the desk, a
workflow, a schedule, one person closing a listing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpline.exchange.csv.columns import CHECK_COLUMNS, PROGRAMMES, SUPPORT_LINES, WITHHELD
from helpline.exchange.models import PublicChange
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.vocabulary.codes import CLOSED_STATUSES, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

Action = PublicChange.Action
KINDS = {Programme: PublicChange.Kind.PROGRAMME, SupportLine: PublicChange.Kind.SUPPORT_LINE}
OF_A_CHECK = frozenset(column.name for column in CHECK_COLUMNS)
WORDS = "words"  # stands for a change of a text, which has no column


def note_published(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """Note that something was published."""
    if isinstance(instance, ProgrammeText):
        note_words(instance)
    elif isinstance(instance, Programme | SupportLine) and instance.live:
        note_shown(instance)


def note_deleted(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """Note that something is about to be deleted."""
    if not isinstance(instance, ProgrammeText):
        note_hidden(sender, instance)


def note_hidden(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """Note that something was unpublished."""
    if isinstance(instance, ProgrammeText):
        note_words(instance)
    elif isinstance(instance, Programme | SupportLine):
        last = PublicChange.objects.for_listing(instance.uuid).first()
        if last is None and instance.first_published_at:  # it was public before this history began
            _note(instance, Action.WITHDRAWN, row={})
        elif last is not None and last.action != Action.WITHDRAWN:
            _note(instance, Action.WITHDRAWN, row=last.row, name=last.name)


def note_shown(listing: Programme | SupportLine) -> None:
    table = PROGRAMMES if isinstance(listing, Programme) else SUPPORT_LINES
    row = {name: cell for name, cell in table.serialize(listing).items() if name != WITHHELD}
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
    """Return what a reader of the list would call the change."""
    if not before:
        return Action.ADDED
    was_closed, is_closed = before["status"] in CLOSED_STATUSES, after["status"] in CLOSED_STATUSES
    if was_closed != is_closed:
        return Action.CLOSED if is_closed else Action.REOPENED
    return Action.CHECKED if OF_A_CHECK.issuperset(changed) else Action.CHANGED


def note_words(text: ProgrammeText) -> None:
    """Note that the text of a programme in one language has changed."""
    last = PublicChange.objects.for_listing(text.programme_id).first()
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
    listing: Programme | SupportLine,
    action: PublicChange.Action,
    *,
    row: dict[str, str],
    columns: list[str] | None = None,
    name: str = "",
) -> None:
    PublicChange.objects.create(
        listing=listing.uuid,
        kind=KINDS[type(listing)],
        name=name or listing.name,
        action=action,
        columns=columns or [],
        row=row,
    )
