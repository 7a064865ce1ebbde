"""Wagtail's search on PostgreSQL, for many languages in one index."""

from modelsearch.backends.database.postgres.postgres import PostgresSearchBackend, PostgresSearchQueryCompiler


class QueryCompiler(PostgresSearchQueryCompiler):
    """Matches the last word as a prefix, because nothing is stemmed: `picture` finds `pictures`."""

    LAST_TERM_IS_PREFIX = True


class SearchBackend(PostgresSearchBackend):
    query_compiler_class = QueryCompiler
