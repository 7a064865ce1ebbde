"""An OpenSearch to see the tests of the public search pass with: `WAYMARK_TEST_OPENSEARCH=http://localhost:9200 .venv/bin/pytest tests/home/test_search.py`.

Its indexes that begin with `test_` are written anew for each test, so one process at a time. Nothing is started here: it is not installed
where the tests usually run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from modelsearch.backends import get_search_backend
from wagtail.models import Page

from core.search import opensearch

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

URL = os.environ.get("WAYMARK_TEST_OPENSEARCH", "")


@pytest.fixture
def with_opensearch(settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Search in the OpenSearch at URL, which has to answer."""
    settings.OPENSEARCH_URL = URL
    settings.WAGTAILSEARCH_BACKENDS = {
        **settings.WAGTAILSEARCH_BACKENDS,
        opensearch.NAME: {
            "BACKEND": "core.search.opensearch.PublicSearchBackend",
            "URLS": [URL],
            "INDEX_PREFIX": "test_",
        },
    }
    opensearch.rebuild()
    search = opensearch.search

    def answer(*args: Any, **options: Any) -> list[Page]:
        get_search_backend(opensearch.NAME).get_index_for_model(Page).refresh()
        found = search(*args, **options)
        assert found is not None
        return found

    monkeypatch.setattr(opensearch, "search", answer)
