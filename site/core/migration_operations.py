"""Creates the many tables of a first migration in a fraction of the time.

Between two operations Django rebuilds the classes of all related models, and most of this project's are related to a
page or a person: this took nearly half of the time of all migrations.

    operations = together([migrations.CreateModel(…), migrations.CreateModel(…), migrations.AddIndex(…)])
"""

from collections.abc import Sequence
from itertools import groupby

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddConstraint, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


def together(operations: Sequence[Operation]) -> list[Operation]:
    """Return the same operations, with consecutive model creations merged, and likewise indexes and constraints."""
    found: list[Operation] = []
    for kind, group in groupby(operations, _kind):
        several = [*group]
        found += [Together(several)] if kind and len(several) > 1 else several
    return found


def _kind(operation: Operation) -> type[Operation] | None:
    """Return the class of operations that it may be merged with; None if it may not be merged."""
    if isinstance(operation, AddIndex | AddConstraint):
        return AddIndex
    return CreateModel if isinstance(operation, CreateModel) else None


class Together(Operation):
    """Performs independent operations, each on the models as they are after all of them."""

    category = OperationCategory.MIXED
    serialization_expand_args = ["operations"]

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # As Django's own executor does: the classes are built once, at the first access.
        vars(state).pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Perform {len(self.operations)} operations together"
