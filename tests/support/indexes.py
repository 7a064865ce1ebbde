"""Wagtail's two indexes, kept as far as a test reads them.

Each save has a page written into the search index and into the index of references, each after loading it again: a
fifth of what it takes to publish a page, and most tests read neither.

- The search index is kept for tests that ask for the fixture `search_index`; others do not even load the page for it.
- References are written on the first read or change of their table, each object once, however often it was saved.
  Other connections do not see what a test has not committed. In a test that commits they are written immediately.
  (Only what a `QuerySet.update` changes between a save and the first read is seen earlier than on a real site.)
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from modelsearch import signal_handlers as search_signals
from modelsearch.tasks import insert_or_update_object_task
from wagtail import signal_handlers
from wagtail.models import ReferenceIndex
from wagtail.tasks import update_reference_index_task

from tests.support.database import renders_immediately

TABLE = ReferenceIndex._meta.db_table
SAVEPOINT, ROLLBACK = "SAVEPOINT ", "ROLLBACK TO SAVEPOINT "
# The labels of app and model, and the primary key, as Wagtail's task takes them.
type Key = tuple[str, str, str]


class SearchIndex:
    """Stands in for the task that writes an object into the search index."""

    def enqueue(self, *key: str) -> None:
        if settings.WAGTAILSEARCH_BACKENDS["default"].get("AUTO_UPDATE", True):
            insert_or_update_object_task.enqueue(*key)


class References:
    """Stands in for the task that writes the references of an object."""

    def __init__(self) -> None:
        self.waiting: dict[Key, None] = {}
        self.at_savepoints: dict[str, dict[Key, None]] = {}  # the waiting objects when each was set

    def forget(self) -> None:
        self.waiting.clear()
        self.at_savepoints.clear()

    def enqueue(self, *key: str) -> None:
        if is_rolled_back() and renders_immediately():
            self.waiting[key] = None
        else:
            update_reference_index_task.enqueue(*key)

    def before(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Wrap each statement of the test: write what waits before one that concerns the references."""
        if self.waiting and TABLE in sql:
            self.write()
        elif sql.startswith(SAVEPOINT):
            self.at_savepoints[sql.removeprefix(SAVEPOINT)] = self.waiting.copy()
        elif sql.startswith(ROLLBACK):
            # Objects saved since are back in their old state, and references written since are gone.
            self.waiting = self.at_savepoints.get(sql.removeprefix(ROLLBACK), self.waiting).copy()
        return execute(sql, params, many, context)

    def write(self) -> None:
        """Write what waits, unseen by those who count the statements of the test."""
        keys, self.waiting = self.waiting, {}
        wrappers, connection.execute_wrappers = connection.execute_wrappers, []
        debug, connection.force_debug_cursor = connection.force_debug_cursor, False
        try:
            for key in keys:
                try:
                    update_reference_index_task.call(*key)
                except ObjectDoesNotExist:
                    continue  # it was deleted, or its save was undone
        finally:
            connection.execute_wrappers, connection.force_debug_cursor = wrappers, debug


def is_rolled_back() -> bool:
    """Return whether the test is inside a transaction that is rolled back, so nothing it writes is committed."""
    blocks = connection.atomic_blocks
    return bool(blocks) and blocks[0]._from_testcase


@pytest.fixture(scope="session", autouse=True)
def _indexes_as_far_as_read(django_test_environment: None) -> Iterator[References]:
    references = References()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_signals, "insert_or_update_object_task", SearchIndex())
        patch.setattr(signal_handlers, "update_reference_index_task", references)
        yield references


@pytest.fixture(autouse=True)
def _references_before_they_are_read(_indexes_as_far_as_read: References) -> Iterator[None]:
    _indexes_as_far_as_read.forget()
    with connection.execute_wrapper(_indexes_as_far_as_read.before):
        yield
    _indexes_as_far_as_read.forget()
