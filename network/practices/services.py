"""What happens to records of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from core.mail import outbox
from network.mail import Letter
from network.models import Practice
from network.row_locks import WrongState, locked_row
from users.models import User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from network.models import EvidenceCriterion


@transaction.atomic
def publish_practice(*, practice: Practice, seen: int, by: User) -> Practice:
    """Publish the newest version of a practice, which counts as confirmed today.

    `seen` is the key of the version that somebody has read. Raises WrongState if there is a newer one, PublishedAlone if `by` has written in it.
    """
    practice = locked_row(practice)
    newest = practice.latest_revision
    if newest is None or newest.pk != seen or not practice.has_unpublished_changes:
        raise WrongState
    newest.publish(user=by, skip_permission_checks=True)
    return _confirm_practice(practice)


@transaction.atomic
def confirm_practice(*, practice: Practice, by: User | None = None) -> Practice:
    """Keep that a public practice is still right: the owner says so, or has said so to `by`. Takes it out of the archive. Raises WrongState."""
    practice = locked_row(practice)
    if not practice.live:
        raise WrongState
    log(practice, "network.confirm_practice", user=by)
    return _confirm_practice(practice)


@transaction.atomic
def archive_practice(*, practice: Practice) -> None:
    """Archive a practice that nobody has confirmed for long, unless somebody has meanwhile. It stays readable."""
    due = Practice.objects.to_archive().select_for_update().filter(pk=practice.pk).first()
    if due is not None:
        due.archived_at = timezone.now()
        due.save(update_fields=["archived_at"])


@transaction.atomic
def remind_of_practice(*, practice: Practice) -> None:
    """Ask the owner whether a practice is still right, unless somebody has confirmed it meanwhile."""
    # update() and not save(): nothing visible has changed, so nothing is printed.
    if Practice.objects.to_remind().filter(pk=practice.pk).update(reminded_at=timezone.now()):
        outbox.queue(Letter.PRACTICE, about=practice)


@transaction.atomic
def import_practices(*, versions: Iterable[Practice], by: User) -> int:
    """Keep versions that were read from a table. Somebody else has to publish them. Return how many there were."""
    count = 0
    for version in versions:
        if version.pk is None:
            version.save()
        version.save_revision(user=by, log_action=True)
        count += 1
    return count


@transaction.atomic
def import_criteria(*, criteria: Iterable[EvidenceCriterion]) -> int:
    """Save criteria that were read from a table. Return how many there were."""
    rows = list(criteria)
    for each in rows:
        each.save()
    return len(rows)


def _confirm_practice(practice: Practice) -> Practice:
    practice.refresh_from_db()
    practice.confirmed_on, practice.reminded_at, practice.archived_at = timezone.localdate(), None, None
    practice.save(update_fields=Practice.KEPT)
    return practice
