from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import operations

from tests.support.postgresql import pristine


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(
        self,
        style: Any,
        tables: Iterable[str],
        *,
        reset_sequences: bool = False,
        allow_cascade: bool = False,
    ) -> list[str]:
        """Restore the rows that the migrations made, and no others.

        Django flushes after every test that commits.
        It would truncate all tables, which takes thirty times longer than deleting the few rows there are, and
        Wagtail's first page, language and site would be gone.
        """
        if reset_sequences:
            raise NotImplementedError("No test needs reset sequences.")
        with self.connection.cursor() as cursor:
            return pristine.restoring(cursor)
