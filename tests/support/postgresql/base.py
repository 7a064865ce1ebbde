"""Database engine of the tests: PostgreSQL with test databases copied from a template, and a flush that restores them.

Used over the embedded server, or over any server that `DATABASE_URL` names.
"""

from typing import Any

from config.embedded_postgres import base as embedded_postgres
from core.postgresql import base as postgresql
from tests.support.postgresql.creation import DatabaseCreation
from tests.support.postgresql.operations import DatabaseOperations


class DatabaseWrapper(embedded_postgres.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations

    @property
    def is_embedded(self) -> bool:
        return "data" in self.settings_dict["OPTIONS"]

    def get_connection_params(self) -> dict[str, Any]:
        if self.is_embedded:
            return super().get_connection_params()
        return postgresql.DatabaseWrapper.get_connection_params(self)
