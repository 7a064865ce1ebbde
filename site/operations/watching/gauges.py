"""What is measured of backups, and of the storage of uploads."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from core.uploads.away import StorageAway
from core.watching import AlertLimit, Gauge, seconds_since
from operations.backups import outcomes
from operations.watching.asking import BoundedQuestion, NoAnswer

# A storage that hangs must not hold up the other values.
PATIENCE = 2.0  # seconds


def backup_age() -> float:
    """Return the age of the newest good backup, or of the site if there is none; 0 if something else makes them."""
    return 0.0 if settings.BACKUPS_ELSEWHERE else seconds_since(outcomes.unprotected_since())


def backup_failed() -> float:
    return float(outcomes.failure() is not None)


def is_storage_away() -> bool:
    """Whether the storage of uploads is away. A folder on this machine cannot be asked, and is not."""
    ask = getattr(default_storage, "ask", None)
    if ask is None:
        return False
    try:
        ask()
    except StorageAway:
        return True
    return False


_storage = BoundedQuestion(is_storage_away, seconds=PATIENCE)


def storage_away() -> float:
    try:
        return float(_storage.answer())
    except NoAnswer:
        return 1.0


GAUGES = [
    Gauge(
        name="waymark_backup_age_seconds",
        title=_("Age of the newest backup"),
        value=backup_age,
        limit=AlertLimit(
            above=outcomes.OLD.total_seconds(),
            lasting=timedelta(minutes=5),
            severity="critical",
            advice=_(
                "What was done since then would be lost with the machine. Run “manage.py backup”, and see why the timer did not."
            ),
        ),
    ),
    Gauge(
        name="waymark_backup_failed",
        title=_("Whether the last backup failed"),
        value=backup_failed,
        limit=AlertLimit(
            above=0,
            lasting=timedelta(0),
            advice=_(
                "The earlier ones are as they were. “manage.py doctor” says what went wrong; then run “manage.py backup” again."
            ),
        ),
    ),
    Gauge(
        name="waymark_storage_away",
        title=_("Whether the storage for pictures and files is missing"),
        value=storage_away,
        needs_database=False,
        limit=AlertLimit(
            above=0,
            lasting=timedelta(minutes=5),
            advice=_(
                "Visitors notice nothing. Nobody can upload, and new pictures are not printed until it is back. “manage.py doctor” says what is wrong."
            ),
        ),
    ),
]
