"""The public search on OpenSearch: Wagtail's backend, with nothing in its index but what everybody may read (decision 0057).

The backend `public` of WAGTAILSEARCH_BACKENDS, where WAYMARK_OPENSEARCH_URL names one. The desk keeps searching in PostgreSQL, where its
drafts stay. What is found is always looked up among the pages that are public now, so nothing withdrawn is found, whatever the index says.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from modelsearch.backends import get_search_backend
from modelsearch.backends.base import BaseIndex
from modelsearch.backends.opensearch3 import (
    OpenSearch3Index,
    OpenSearch3Mapping,
    OpenSearch3SearchBackend,
    OpenSearch3SearchQueryCompiler,
)
from modelsearch.index import get_indexed_models
from opensearchpy import OpenSearchException
from wagtail.models import Page

from core.languages import tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from urllib.parse import ParseResult

    from wagtail.query import PageQuerySet

log = logging.getLogger(__name__)

NAME = "public"
REST = 30.0  # seconds for which a server that did not answer is left alone
# More than this many results at once would need a scroll, which the server remembers.
AT_ONCE = 100
CHUNK = 200


class PublicMapping(OpenSearch3Mapping):
    """What is sent of a page: its words and its key, and nothing that only filters at the desk, such as who wrote it."""

    KEPT = ("pk", "_django_content_type", "id_filter")

    def get_document(self, obj: Page) -> dict[str, Any]:
        document = super().get_document(obj)
        words = {self.get_field_column_name(field) for field in self.model.get_searchable_search_fields()}
        return {name: value for name, value in document.items() if name in words or name in self.KEPT}


class PublicIndex(OpenSearch3Index):
    """Takes only pages that are public, and drops a page that no longer is."""

    def add_item(self, item: Page) -> None:
        if not self.exists():
            return  # the server would make one of its own; `rebuild` makes the right one, with this page in it
        if tree.public_pages().filter(pk=item.pk).exists():
            super().add_item(item)
        else:
            self.delete_item(item)

    def add_items(self, model: type[Page], items: Iterable[Page]) -> None:
        public = set(
            tree.public_pages().filter(pk__in=[item.pk for item in items]).values_list("pk", flat=True)
        )
        super().add_items(model, [item for item in items if item.pk in public])


class PublicQueryCompiler(OpenSearch3SearchQueryCompiler):
    """Matches the last word as a prefix, as in PostgreSQL (`core.search.backend`)."""

    mapping_class = PublicMapping

    def _compile_plaintext_query(self, query: Any, fields: list[Any], boost: float = 1.0) -> dict[str, Any]:
        return {
            "multi_match": {
                "query": query.query_string,
                "fields": [field.field_name_with_boost for field in fields],
                "type": "bool_prefix",
                "operator": query.operator,
                "boost": boost,
            }
        }


class PublicSearchBackend(OpenSearch3SearchBackend):
    mapping_class = PublicMapping
    index_class = PublicIndex
    query_compiler_class = PublicQueryCompiler

    def get_index_for_model(self, model: type) -> BaseIndex:
        """Return the index of pages; for everything else one that takes nothing."""
        return super().get_index_for_model(model) if issubclass(model, Page) else BaseIndex(self)

    def _get_host_config_from_url(self, url: ParseResult) -> dict[str, Any]:
        """Read the address as other programs do: what is escaped in it, and `?ssl_ca_certs=` for an authority of one's own."""
        config = super()._get_host_config_from_url(url)
        if config["http_auth"]:
            config["http_auth"] = tuple(unquote(part) for part in config["http_auth"])
        if given := parse_qs(url.query).get("ssl_ca_certs"):
            config["ca_certs"] = given[0]
        return config


# --- Searching -----------------------------------------------------------------------------------------------------------------------


class Rest:
    """Until when the server is left alone."""

    until = 0.0


def search(pages: PageQuerySet, words: str, *, operator: str, most: int) -> list[Page] | None:
    """Return the pages that have the words, the best first, `most` at most; None if the server does not answer."""
    if time.monotonic() < Rest.until:
        return None
    try:
        results = pages.search(words, operator=operator, backend=NAME)
        found: list[Page] = []
        for start in range(0, most, AT_ONCE):
            found += (part := list(results[start : min(start + AT_ONCE, most)]))
            if len(part) < AT_ONCE:
                break
    except OpenSearchException as error:
        # Its message may repeat what was asked, and is not written.
        log.error("OpenSearch does not answer (%s). The search is done in PostgreSQL.", type(error).__name__)
        Rest.until = time.monotonic() + REST
        return None
    return found


# --- Filling -------------------------------------------------------------------------------------------------------------------------


def rebuild() -> None:
    """Fill a new index with all public pages, and put it in the place of the old one. Raises OpenSearchException."""
    backend = get_search_backend(NAME)
    rebuilder = backend.rebuilder_class(backend.get_index_for_model(Page))
    index = rebuilder.start()
    try:
        models = [model for model in get_indexed_models() if issubclass(model, Page)]
        for model in models:
            index.add_model(model)
        for model in models:
            pages = model.get_indexed_objects()
            keys = list(pages.order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(keys), CHUNK):
                index.add_items(model, list(pages.filter(pk__in=keys[start : start + CHUNK])))
        rebuilder.finish()
    except BaseException:
        index.delete()
        raise


def problem() -> str:
    """Return in a word why nothing can be found on the server; empty if all is well."""
    try:
        index = get_search_backend(NAME).get_index_for_model(Page)
        return "" if index.exists() else "NoIndex"
    except OpenSearchException as error:
        return type(error).__name__
