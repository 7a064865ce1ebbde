"""Can this process do its work? Each question is answered by a plain sentence, or by nothing if all is well."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from core.background.processes import WORKER
from core.watching.gauges import oldest_mail
from operations.watching.asking import BoundedQuestion, NoAnswer
from operations.watching.gauges import is_storage_away

DATABASE_AWAY = "The database does not answer."
NOT_MIGRATED = "The tables are not those of this version: run manage.py upgrade."
NOT_COMPARED = "The tables are still being compared with this version: ask again."
NOT_COLLECTED = "The static files are not collected: run manage.py collectstatic."
MAIL_STUCK = "Mail has been held up for more than 15 minutes: Reports → Mail at the desk says why."
STORAGE_AWAY = (
    "The storage for pictures and files does not answer: nothing can be uploaded, and all else goes on."
)
MAIL_WAITS = 15 * 60  # seconds
# Seconds for which an answer is waited for.
PATIENCE = 1.0

_migrated = False


def static_files() -> str:
    # The storage of production knows the names of all collected files; the others collect none.
    return "" if getattr(staticfiles_storage, "hashed_files", True) else NOT_COLLECTED


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def migrations() -> str:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "" if _migrated else NOT_MIGRATED


def outbox() -> str:
    return MAIL_STUCK if oldest_mail() > MAIL_WAITS else ""


def storage() -> str:
    return STORAGE_AWAY if is_storage_away() else ""


class ProcessReadiness:
    """Whether a process is ready. The public door needs no database: what is printed is served from files.

    Nobody is taken out of service because the storage of uploads is away: it is so for all machines, and they can do everything else.
    """

    def __init__(self, process: str) -> None:
        self.serves_files = process in {"public", "both"}
        self.serves_doors = bool(settings.DOOR)
        self.questions = [
            (BoundedQuestion(database, seconds=PATIENCE), DATABASE_AWAY),
            # The first time it reads every migration there is.
            (BoundedQuestion(migrations, seconds=PATIENCE), NOT_COMPARED),
        ]
        self.storage = None if process == "public" else BoundedQuestion(storage, seconds=PATIENCE)
        if process == WORKER:
            self.questions.append((BoundedQuestion(outbox, seconds=PATIENCE), DATABASE_AWAY))

    def problem(self) -> tuple[bool, str]:
        """Return whether the process is ready, and what is wrong."""
        if self.serves_doors and (missing := static_files()):
            return False, missing
        problem = next((found for ask, late in self.questions if (found := answer(ask, late))), "")
        if not problem and self.storage is not None:
            return True, answer(self.storage, STORAGE_AWAY)
        return not problem or (self.serves_files and problem == DATABASE_AWAY), problem


def answer(question: BoundedQuestion[str], late: str) -> str:
    """Return what a question was answered, or what it means that it was not."""
    try:
        return question.answer()
    except NoAnswer:
        return late
    except (DatabaseError, InterfaceError):
        return DATABASE_AWAY
