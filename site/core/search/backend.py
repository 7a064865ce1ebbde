"""Wagtail's search on PostgreSQL, for many languages in one index."""

from modelsearch.backends.database.postgres.postgres import PostgresSearchBackend, PostgresSearchQueryCompiler


class QueryCompiler(PostgresSearchQueryCompiler):
    """The last word may be the beginning of one, since nothing is stemmed: `picture` finds `pictures`."""

    LAST_TERM_IS_PREFIX = True


class SearchBackend(PostgresSearchBackend):
    query_compiler_class = QueryCompiler
