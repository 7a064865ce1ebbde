"""During a site's first render, an address without a file reports that its page is being prepared, never a 404."""

import pytest
from django.test import Client

from helpline.vocabulary.codes import LineKind
from prerender import services, tasks
from prerender.models import PendingPath
from prerender.store.files import FileStore
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import FinderPageFactory, SupportLineFactory
from tests.support.cached_fixtures import cached_fixture

pytestmark = pytest.mark.django_db


class StopHereError(Exception):
    pass


@pytest.fixture
@cached_fixture
def pages(home) -> None:
    for slug in ("about", "contact", "privacy"):
        StandardPageFactory(slug=slug)


def begin(monkeypatch: pytest.MonkeyPatch, batches: int = 1) -> None:
    """Render this many batches of one address each, and stop as if the process had died."""
    left = batches

    def stop(*args: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise StopHereError

    monkeypatch.setattr(services, "BATCH", 1)
    with pytest.raises(StopHereError):
        services.render_all(progress=stop)


@pytest.fixture
def begun(pages, monkeypatch) -> None:
    """The first render has begun, and was cut off."""
    begin(monkeypatch)


class TestOrder:
    def test_begins_where_readers_do(self, home, rendered, settings, monkeypatch):
        settings.DEMO = True  # listings need not be approved by two people
        FinderPageFactory()
        SupportLineFactory(kind=LineKind.EMERGENCY, country="fr")
        SupportLineFactory(country="fr")
        begin(monkeypatch, batches=3)

        assert set(rendered) == {"/en/", "/en/help/", "/"}


@pytest.mark.usefixtures("only_pages")
class TestFirstRender:
    @pytest.mark.parametrize("path", ["/en/about/", "/en/nowhere/", "/sitemap.xml", "/documents/1/a.pdf"])
    def test_what_is_not_there_yet_is_being_prepared(self, begun, public: Client, path):
        answer = public.get(path)

        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert "no-store" in answer["Cache-Control"]
        assert "This page is being prepared" in answer.content.decode()

    def test_is_reported_in_the_language_of_the_address(self, begun, settings, public: Client):
        settings.INTERFACE_LANGUAGES = ["en", "de"]

        assert 'lang="de"' in public.get("/de/about/").content.decode()

    def test_has_the_way_out_on_a_help_page(self, begun, public: Client):
        answer = public.get("/en/help/")

        assert 'class="crisis"' in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]

    def test_what_is_there_is_answered(self, pages, monkeypatch, public: Client):
        begin(monkeypatch, batches=2)

        assert public.get("/en/").status_code == 200

    def test_is_no_error_in_the_log(self, begun, public: Client, caplog):
        caplog.clear()

        public.get("/en/about/")

        assert not [record for record in caplog.records if record.levelname == "ERROR"]

    def test_changes_nothing_in_the_admin(self, begun, private: Client):
        assert private.get("/en/nowhere/").status_code == 404

    def test_is_over_when_everything_is_rendered(self, begun, public: Client):
        services.render_due()

        assert public.get("/en/about/").status_code == 200
        assert public.get("/en/nowhere/").status_code == 404

    def test_goes_on_by_the_scheduler(self, begun, django_capture_on_commit_callbacks):
        PendingPath.objects.all().delete()  # it died after the last address, before it could record that it was done

        with django_capture_on_commit_callbacks(execute=True):
            tasks.queue_leftovers()

        assert not FileStore().is_being_prepared


@pytest.mark.usefixtures("only_pages")
class TestLaterRenders:
    def test_answer_404_for_what_is_not_there(self, pages, monkeypatch, public: Client):
        services.render_all()
        begin(monkeypatch)

        assert public.get("/en/nowhere/").status_code == 404
