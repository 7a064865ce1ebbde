"""The tables of a first migration, created together."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState

from core.migration_operations import Together, together

KEY = [("id", models.BigAutoField(primary_key=True))]
SHELF = migrations.CreateModel(name="Shelf", fields=KEY)
BOOK = migrations.CreateModel(
    name="Book",
    fields=[*KEY, ("title", models.TextField()), ("shelf", models.ForeignKey("core.Shelf", models.CASCADE))],
)  # fmt: skip
LATER = migrations.AddField(model_name="shelf", name="first", field=models.ForeignKey("core.Book", models.CASCADE))
INDEX = migrations.AddIndex(model_name="book", index=models.Index(fields=["title"], name="core_book_title"))
RULE = migrations.AddConstraint(
    model_name="book", constraint=models.UniqueConstraint(fields=["title"], name="core_book_once")
)


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        return {*connection.introspection.get_constraints(cursor, "core_book")}


def tables() -> set[str]:
    return {*connection.introspection.table_names()} & {"core_shelf", "core_book"}


class TestTogether:
    def test_are_models_in_a_row_and_indexes_in_a_row_and_nothing_else(self):
        found = together([SHELF, BOOK, LATER, INDEX, RULE])

        assert [each.operations if isinstance(each, Together) else each for each in found] == [
            [SHELF, BOOK],
            LATER,
            [INDEX, RULE],
        ]
        assert together([SHELF, LATER]) == [SHELF, LATER]

    @pytest.mark.django_db
    def test_makes_the_same_tables_and_takes_them_away_again(self):
        migration = Migration("0001_initial", "core")
        migration.operations = together([SHELF, BOOK, LATER, INDEX, RULE])

        with connection.schema_editor() as editor:
            state = migration.apply(ProjectState(), editor)
        assert tables() == {"core_shelf", "core_book"}
        assert indexes() >= {"core_book_title", "core_book_once"}
        assert set(state.models["core", "shelf"].fields) == {"id", "first"}

        with connection.schema_editor() as editor:
            migration.unapply(ProjectState(), editor)
        assert tables() == set()

    def test_rebuilds_the_classes_of_models_only_once(self, monkeypatch):
        state = ProjectState()
        before = state.apps
        reloaded = []
        monkeypatch.setattr(ProjectState, "reload_model", lambda self, *key, **how: reloaded.append(key))

        for operation in together([SHELF, BOOK]):
            operation.state_forwards("core", state)

        assert reloaded == []
        assert state.apps is not before
        assert {model.__name__ for model in state.apps.get_models()} == {"Shelf", "Book"}
