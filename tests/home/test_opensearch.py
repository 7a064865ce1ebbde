"""The public search on OpenSearch, without one: what is sent to it, and what happens when it does not answer.

`FakeTransport` answers as little as it can; it notes what the client sends. With a real server: `tests/support/opensearch.py`.
"""

from __future__ import annotations

import logging
import socket
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import pytest
from opensearchpy import NotFoundError, Transport
from wagtail.models import PageViewRestriction

from core.clock.jobs import PUBLIC_SEARCH
from core.search import opensearch
from core.watching import gauges
from home.search import Search
from operations.diagnosis import Verdict, work
from tests.factories.campaigns import PictureFactory
from tests.factories.core import StandardPageFactory
from tests.support.server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


class FakeTransport(Transport):
    """Notes requests, and answers that all is well and nothing is found."""

    sent: list[tuple[str, str, Any]] = []
    has_index = True
    failure: Exception | None = None

    def perform_request(self, method: str, url: str, *args: Any, body: Any = None, **kwargs: Any) -> Any:
        self.sent.append((method, url, body))
        if self.failure:
            raise self.failure
        if method == "HEAD":
            return self.has_index
        if url.endswith("_bulk"):
            return {
                "errors": False,
                "items": [{"index": {"status": 201}} for _ in range(body.count("\n") // 2)],
            }
        return {"hits": {"hits": []}, "count": 0}


@pytest.fixture(autouse=True)
def configured(settings, monkeypatch, search_index) -> str:
    """The address of an OpenSearch that nobody serves."""
    address = f"http://localhost:{free_port()}"
    settings.OPENSEARCH_URL = address
    settings.WAGTAILSEARCH_BACKENDS = {
        **settings.WAGTAILSEARCH_BACKENDS,
        "public": {
            "BACKEND": "core.search.opensearch.PublicSearchBackend", "URLS": [address], "INDEX_PREFIX": "waymark_", "TIMEOUT": 0.3,
            "OPTIONS": {"max_retries": 0},
        },
    }  # fmt: skip
    monkeypatch.setattr(opensearch.Rest, "until", 0.0)
    return address


@pytest.fixture
def sent(settings, monkeypatch, configured) -> list[tuple[str, str, Any]]:
    """What is sent, from now on, to an OpenSearch that answers."""
    settings.WAGTAILSEARCH_BACKENDS["public"]["OPTIONS"] = {"transport_class": FakeTransport}
    monkeypatch.setattr(FakeTransport, "sent", [])
    return FakeTransport.sent


def titles(query: str) -> list[str]:
    return [hit.title for hit in Search(query=query, code="en").page(1)]


def requests(sent: list[tuple[str, str, Any]], *methods: str) -> list[tuple[str, str]]:
    return [(method, url) for method, url, _body in sent if method in methods]


class TestPage:
    def test_that_is_public_is_sent_with_its_words_and_nothing_else(self, home, sent):
        page = StandardPageFactory(parent=home, title="Elephants", introduction="Große Ohren")

        documents = [body for method, _url, body in sent if method == "PUT"]
        assert documents
        assert documents[-1]["title"] == "Elephants elephants"
        assert "grosse ohren" in str(documents[-1])
        assert documents[-1]["id_filter"] == page.pk
        assert {name for name in documents[-1] if name.endswith(("_filter", "_edgengrams"))} == {"id_filter"}

    @pytest.mark.parametrize("how", ["a draft", "for some", "in a language that is not public"])
    def test_that_is_not_public_is_taken_out(self, home, languages, sent, how):
        page = StandardPageFactory(parent=home, title="Canary")
        if how == "a draft":
            page.unpublish()
        elif how == "for some":
            PageViewRestriction.objects.create(page=home, restriction_type=PageViewRestriction.LOGIN)
        else:
            home.locale.language_state.delete()
        sent.clear()

        page.title = "Canary again"
        page.save()

        assert not requests(sent, "PUT", "POST")
        assert requests(sent, "DELETE") == [("DELETE", f"/waymark_wagtailcore_page/_doc/{page.pk}")]

    def test_that_is_deleted_is_taken_out(self, home, sent):
        page = StandardPageFactory(parent=home)
        sent.clear()

        page.delete()

        assert ("DELETE", f"/waymark_wagtailcore_page/_doc/{page.pk}") in requests(sent, "DELETE")

    def test_is_not_sent_before_there_is_an_index(self, home, sent, monkeypatch):
        monkeypatch.setattr(FakeTransport, "has_index", False)

        StandardPageFactory(parent=home)

        assert set(requests(sent, "PUT", "POST", "DELETE")) == set()

    def test_is_saved_although_nobody_answers(self, home, caplog):
        assert StandardPageFactory(parent=home).pk
        assert "ConnectionError" in caplog.text


class TestOtherThings:
    def test_are_never_sent(self, sent):
        PictureFactory()

        assert sent == []


class TestIndex:
    def test_is_filled_with_what_is_public_and_takes_the_place_of_the_old_one(self, home, sent, monkeypatch):
        kept = StandardPageFactory(parent=home, title="Elephants")
        StandardPageFactory(parent=home, title="Canary").unpublish()
        monkeypatch.setattr(Transport, "perform_request", FakeTransport.perform_request)
        sent.clear()

        PUBLIC_SEARCH.run()

        bodies = "".join(body for _method, url, body in sent if url.endswith("_bulk"))
        assert f'"_id":"{kept.pk}"' in bodies
        assert "Elephants" in bodies
        assert "Canary" not in bodies
        assert any("_alias" in url for _method, url, _body in sent[-3:])

    def test_that_could_not_be_filled_is_taken_away_again(self, home, sent, monkeypatch):
        def refuse(*args: object) -> None:
            raise NotFoundError(404, "gone")

        monkeypatch.setattr(opensearch.PublicIndex, "add_items", refuse)

        with pytest.raises(NotFoundError):
            opensearch.rebuild()

        (made,) = requests(sent, "PUT")[:1]
        assert sent[-1][:2] == ("DELETE", made[1])


class TestSearch:
    def test_asks_only_for_pages_that_are_public_now(self, home, sent):
        page = StandardPageFactory(parent=home, title="Elephants")
        StandardPageFactory(parent=home, title="Canary").unpublish()
        sent.clear()

        assert titles("elephants") == []

        asked = [body for _method, url, body in sent if url.endswith("_search")]
        among = asked[0]["query"]["bool"]["filter"]
        ids = {home.pk, page.pk}
        assert [set(keys) for keys in _terms(among) if keys] == [ids]

    def test_asks_for_the_beginning_of_the_last_word(self, home, sent):
        titles("big ele")

        first = next(body for _method, url, body in sent if url.endswith("_search"))
        asked = first["query"]["bool"]["must"]["multi_match"]
        assert (asked["query"], asked["type"], asked["operator"]) == ("big ele", "bool_prefix", "and")

    def test_goes_on_in_postgresql_while_nobody_answers(self, home, caplog):
        StandardPageFactory(parent=home, title="Elephants in rooms")
        StandardPageFactory(parent=home, title="Rooms")
        caplog.clear()

        # Only where the first question has no answer is the second, for some of the words, asked.
        assert titles("elephants rooms") == ["Elephants in rooms"]
        assert titles("elephant room") == ["Elephants in rooms"]
        assert [record.getMessage() for record in caplog.records if record.name.startswith("core")] == [
            "OpenSearch does not answer (ConnectionError). The search is done in PostgreSQL."
        ]

    def test_goes_on_while_there_is_no_index(self, home, sent, monkeypatch):
        StandardPageFactory(parent=home, title="Elephants")
        monkeypatch.setattr(FakeTransport, "failure", NotFoundError(404, "index_not_found_exception"))

        assert titles("elephants") == ["Elephants"]

    def test_waits_once_for_a_server_that_hangs(self, home, configured):
        with socket.create_server(("127.0.0.1", urlparse(configured).port)):  # accepts, and says nothing
            began = time.monotonic()
            assert titles("elephants") == []
            assert time.monotonic() - began < 10  # 0.3 s and no retries; the rest is for a busy machine
            assert opensearch.Rest.until > began

    @pytest.mark.parametrize("answers", [True, False])
    def test_writes_nobodys_words(self, home, request, public, caplog, answers):
        if answers:
            request.getfixturevalue("sent")
        with caplog.at_level(logging.DEBUG):
            public.get("/en/search/?q=elephant")

        said = [record for record in caplog.records if not record.name.startswith("django.db")]
        assert "elephant" not in " ".join(record.getMessage() for record in said)


def _terms(query: Any) -> Iterator[list[int]]:
    """Yield the keys of every `terms` in a query."""
    if isinstance(query, dict):
        for name, value in query.items():
            if name == "terms":
                yield value["id_filter"]
            else:
                yield from _terms(value)
    elif isinstance(query, list):
        for part in query:
            yield from _terms(part)


class TestAddress:
    def test_may_have_a_password_and_an_authority_of_its_own(self):
        url = "https://waymark:se%2Fcret@search.example.org:9200?ssl_ca_certs=/etc/ca.pem"

        config = opensearch.PublicSearchBackend({"URLS": []})._get_host_config_from_url(urlparse(url))

        assert config["http_auth"] == ("waymark", "se/cret")
        assert (config["use_ssl"], config["verify_certs"], config["ca_certs"]) == (True, True, "/etc/ca.pem")


class TestOperators:
    def test_are_told_that_nobody_answers(self):
        (finding,) = work.search_engine()

        assert finding.verdict is Verdict.DOUBTFUL
        assert "ConnectionError" in str(finding)
        assert gauges.search_engine_away() == 1

    def test_are_told_that_there_is_no_index_yet(self, sent, monkeypatch):
        assert gauges.search_engine_away() == 0
        assert [finding.verdict for finding in work.search_engine()] == [Verdict.RIGHT]
        monkeypatch.setattr(FakeTransport, "has_index", False)

        (finding,) = work.search_engine()

        assert "NoIndex" in str(finding)

    def test_who_have_none_are_told_nothing(self, settings):
        settings.OPENSEARCH_URL = ""

        assert [*work.search_engine()] == []
        assert gauges.search_engine_away() == 0
