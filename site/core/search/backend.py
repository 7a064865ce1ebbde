"""Wagtail's search on PostgreSQL, for many languages in one index."""

from contextlib import suppress

from modelsearch.backends.base import FilterFieldError, OrderByFieldError
from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
)


class AnyFilter:
    """Accepts every filter and order: PostgreSQL applies those of the queryset, and needs no field in the index.

    Otherwise words together with a filter are an error in many lists, such as "has child pages" in that of pages.
    """

    def check(self) -> None:
        with suppress(FilterFieldError, OrderByFieldError):
            super().check()  # type: ignore[misc]  # of the query compiler


class QueryCompiler(AnyFilter, PostgresSearchQueryCompiler):
    """Matches the last word as a prefix, because nothing is stemmed: `picture` finds `pictures`."""

    LAST_TERM_IS_PREFIX = True


class AutocompleteQueryCompiler(AnyFilter, PostgresAutocompleteQueryCompiler):
    pass


class SearchBackend(PostgresSearchBackend):
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
