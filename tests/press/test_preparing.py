"""During a site's first print, an address without a file says that its page is being prepared: nothing must remember a 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpline.vocabulary.codes import LineKind
from press import services, tasks
from press.models import Due
from press.rendering.renderer import PageRenderer
from press.store.files import Folder
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import FinderPageFactory, SupportLineFactory
from tests.support.scenes import scene

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


class StopHereError(Exception):
    pass


@pytest.fixture
@scene
def pages(home) -> None:
    for slug in ("about", "contact", "privacy"):
        StandardPageFactory(slug=slug)


def begin(monkeypatch: pytest.MonkeyPatch, batches: int = 1) -> None:
    """Print this many batches of one address each, and stop as if the press had died."""
    left = batches

    def stop(*args: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise StopHereError

    monkeypatch.setattr(services, "BATCH", 1)
    with pytest.raises(StopHereError):
        services.print_all(progress=stop)


class TestFirstPrint:
    @pytest.mark.parametrize("path", ["/en/about/", "/en/nowhere/", "/sitemap.xml", "/documents/1/a.pdf"])
    def test_what_is_not_there_yet_is_being_prepared(self, pages, monkeypatch, public: Client, path):
        begin(monkeypatch)

        answer = public.get(path)

        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert "no-store" in answer["Cache-Control"]
        assert "This page is being prepared" in answer.content.decode()

    def test_says_so_in_the_language_of_the_address(self, pages, monkeypatch, settings, public: Client):
        settings.INTERFACE_LANGUAGES = ["en", "de"]
        begin(monkeypatch)

        assert 'lang="de"' in public.get("/de/about/").content.decode()

    def test_has_the_way_out_on_a_help_page(self, pages, monkeypatch, public: Client):
        begin(monkeypatch)

        page = public.get("/en/help/").content.decode()

        assert 'class="crisis"' in page
        assert "no-store" in public.get("/en/help/")["Cache-Control"]

    def test_what_is_there_is_answered(self, pages, monkeypatch, public: Client):
        begin(monkeypatch, batches=2)

        assert public.get("/en/").status_code == 200

    def test_is_no_error_in_the_log(self, pages, monkeypatch, public: Client, caplog):
        begin(monkeypatch)
        caplog.clear()

        public.get("/en/about/")

        assert not [record for record in caplog.records if record.levelname == "ERROR"]

    def test_changes_nothing_at_the_desk(self, pages, monkeypatch, desk: Client):
        begin(monkeypatch)

        assert desk.get("/en/nowhere/").status_code == 404

    def test_is_over_when_everything_is_printed(self, pages, monkeypatch, public: Client):
        begin(monkeypatch)
        services.print_due()

        assert public.get("/en/about/").status_code == 200
        assert public.get("/en/nowhere/").status_code == 404

    def test_goes_on_by_the_clock(self, pages, monkeypatch, django_capture_on_commit_callbacks):
        begin(monkeypatch)
        Due.objects.all().delete()  # it died after the last address, before it could record that it was done

        with django_capture_on_commit_callbacks(execute=True):
            tasks.queue_leftovers()

        assert not Folder().is_being_prepared

    def test_begins_where_readers_do(self, home, monkeypatch, settings):
        settings.DEMO = True  # listings need not be approved by two people
        FinderPageFactory()
        SupportLineFactory(kind=LineKind.EMERGENCY, country="fr")
        SupportLineFactory(country="fr")
        rendered: list[str] = []
        render = PageRenderer.render
        monkeypatch.setattr(
            PageRenderer, "render", lambda self, path: rendered.append(path) or render(self, path)
        )

        services.print_all()

        assert set(rendered[:3]) == {"/en/", "/en/help/", "/"}


class TestLaterPrints:
    def test_answer_404_for_what_is_not_there(self, pages, monkeypatch, public: Client):
        services.print_all()
        begin(monkeypatch)

        assert public.get("/en/nowhere/").status_code == 404
