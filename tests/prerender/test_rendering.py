"""Prerendered responses, rejected responses, and files that stay out of the public folder."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from unittest.mock import Mock

import brotli
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import CollectionViewRestriction, PageViewRestriction

from core.models import LanguageState, SiteSettings, UploadedDocument
from core.publishing.routes import AppRoute
from home.models import StandardPage
from prerender import services
from prerender.models import Kind, PendingChange, PrerenderedPath
from prerender.rendering import batches
from prerender.store import repair
from prerender.store.files import FileStore
from tests.factories.core import StandardPageFactory
from tests.prerender.conftest import files, row
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page


@pytest.fixture
@cached_fixture
def about(home) -> StandardPage:
    """A page with one below it, both prerendered."""
    page: StandardPage = StandardPageFactory(parent=home, slug="about")
    StandardPageFactory(parent=page, slug="team")
    services.render_all()
    return page


class TestEverything:
    def test_renders_error_pages_in_each_language_of_the_interface(self, home, folder: FileStore, settings):
        settings.INTERFACE_LANGUAGES = ["en", "ar"]
        services.render_all()

        for code in ("en", "ar"):
            assert (folder.root / f"errors/{code}/404.html").is_file()
            assert (folder.root / f"errors/{code}/405.html").is_file()

    def test_renders_each_address_once_on_a_new_site_too(self, home, rendered):
        SiteSettings.objects.all().delete()
        PendingChange.objects.all().delete()

        services.render_all()

        assert "/en/" in rendered
        assert sorted(rendered) == sorted(set(rendered))

    def test_leaves_a_file_that_is_the_same_untouched(self, prerendered, folder: FileStore):
        before = folder.file("/en/").stat()

        outcome = services.render_all()

        assert folder.file("/en/").stat().st_mtime_ns == before.st_mtime_ns
        assert outcome.written == []

    def test_repairs_broken_files(self, prerendered, folder: FileStore):
        whole = folder.file("/en/").read_bytes()
        folder.file("/en/").write_text("broken")
        (folder.root / "404.html").unlink()
        (folder.root / "en/index.html.gz").write_text("broken")

        services.render_all()

        assert folder.file("/en/").read_bytes() == whole
        assert list(repair.compare()) == []


@pytest.mark.usefixtures("only_pages")
class TestRenderAll:
    def test_renders_a_page_with_its_variants_and_writes_that_down(self, home, folder: FileStore):
        slugs = ("about", "über-uns")
        for slug in slugs:
            StandardPageFactory(parent=home, slug=slug, introduction="Who we are. " * 30)

        services.render_all()

        for slug in slugs:
            page = folder.file(f"/en/{slug}/").read_bytes()
            assert b"Who we are." in page
            assert brotli.decompress((folder.root / f"en/{slug}/index.html.br").read_bytes()) == page
            assert gzip.decompress((folder.root / f"en/{slug}/index.html.gz").read_bytes()) == page
            noted = row(f"/en/{slug}/")
            assert (noted.kind, noted.refused) == (Kind.PAGE, "")
            assert noted.size > noted.compressed > 0

    def test_removes_files_that_were_not_rendered(self, prerendered, folder: FileStore):
        stray = folder.root / "en/old/index.html"
        stray.parent.mkdir()
        stray.write_text("old")
        stray.with_name("index.html.br").write_text("old")

        services.render_all()

        assert not stray.parent.exists()

    def test_repairs_what_the_database_changed_without_a_signal(self, home, folder: FileStore):
        about = StandardPageFactory(parent=home, slug="about")
        services.render_all()
        StandardPage.objects.filter(pk=about.pk).update(introduction="Changed in bulk.")
        gone = StandardPageFactory(parent=home, slug="gone")
        services.render_all()
        StandardPage.objects.filter(pk=gone.pk).update(live=False)

        services.render_all()

        assert "Changed in bulk." in folder.file("/en/about/").read_text()
        assert files("/en/gone/") == set()

    def test_goes_on_where_it_was_interrupted(self, home, folder: FileStore, monkeypatch):
        monkeypatch.setattr(services, "BATCH", 5)

        def interrupt(outcome: object, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            services.render_all(progress=interrupt)
        outcome = services.render_due()

        assert 0 < len(outcome.written) < PrerenderedPath.objects.count()
        assert list(repair.compare()) == []

    @pytest.mark.usefixtures("only_pages")
    def test_begins_no_other_address_of_a_batch_whose_time_is_over(self, home, monkeypatch):
        """What was withdrawn meanwhile waits for one kit or film, not for fifty."""
        for slug in ("one", "two"):
            publish_page(StandardPageFactory(parent=home, slug=slug))
        monkeypatch.setattr(batches, "ENOUGH", 0.0)
        totals: list[int] = []

        services.render_all(progress=lambda outcome, _total: totals.append(outcome.total))

        assert totals == list(range(1, len(totals) + 1))
        assert len(totals) == PrerenderedPath.objects.count()


@pytest.mark.usefixtures("only_pages")
class TestStaysOut:
    """None of these gets a file, and each loses a file from before."""

    @pytest.fixture(autouse=True)
    def _had_one(self, about) -> None:
        assert files("/en/about/")

    def test_a_draft(self, about):
        about.unpublish()
        services.render_all()

        assert files("/en/about/") == set()

    def test_a_page_for_some_people_and_what_is_below_it(self, about):
        PageViewRestriction.objects.create(page=about, restriction_type=PageViewRestriction.LOGIN)
        services.render_all()

        assert files("/en/about/") == files("/en/about/team/") == set()

    @pytest.mark.parametrize("state", [LanguageState.State.PREPARATION, LanguageState.State.RETIRED])
    def test_a_language_that_is_not_public(self, about, state):
        LanguageState.objects.filter(locale=about.locale).update(state=state)
        services.render_all()

        assert files("/en/about/") == set()

    def test_a_page_that_has_reasons(self, about, monkeypatch):
        monkeypatch.setattr(StandardPage, "render_blockers", lambda self: ["It has no crisis lines."])
        outcome = services.render_all()

        assert files("/en/about/") == set()
        assert outcome.refused["/en/about/"] == "It has no crisis lines."
        assert row("/en/about/").refused == "It has no crisis lines."


@pytest.mark.usefixtures("only_pages")
class TestRefusal:
    """A response that is not for everyone is not stored; the old file stays, and the admin shows the reason."""

    @pytest.fixture(autouse=True)
    def _old(self, about, folder: FileStore) -> None:
        self.before = folder.file("/en/about/").read_bytes()

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (HttpResponse("new", headers={"Set-Cookie": "who=you"}), "sets a cookie"),
            (HttpResponse("new", headers={"Vary": "Accept-Encoding, Cookie"}), "depends on a cookie"),
            (HttpResponse('<input name="csrfmiddlewaretoken">'), "form that belongs to the private site"),
            (HttpResponse("new", status=404), "status 404"),
            (HttpResponse("new", status=302, headers={"Location": "/en/"}), "status 302"),
            (HttpResponse("{}", content_type="application/json"), "application/json"),
            (ValueError("broken block"), "ValueError: broken block"),
        ],
        ids=lambda case: case if isinstance(case, str) else "",
    )
    def test_keeps_the_old_file(self, folder: FileStore, monkeypatch, answer: HttpResponse | Exception, reason: str):
        monkeypatch.setattr(StandardPage, "serve", Mock(side_effect=[answer]))

        outcome = services.render_paths(["/en/about/"])

        assert reason in outcome.refused["/en/about/"]
        assert reason in row("/en/about/").refused
        assert folder.file("/en/about/").read_bytes() == self.before

    def test_is_forgotten_once_the_page_is_right_again(self, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(StandardPage, "serve", Mock(side_effect=ValueError))
            services.render_paths(["/en/about/"])
        services.render_paths(["/en/about/"])

        assert row("/en/about/").refused == ""


class TestOwnAddresses:
    class Files(AppRoute):
        def __init__(self, paths: Iterable[str]) -> None:
            self.paths = paths

        def addresses(self) -> Iterable[str]:
            return self.paths

        def answers_query(self, path: str) -> bool:
            return path == "/en/search/"

    @pytest.fixture(autouse=True)
    def _no_other(self, declare):
        declare(routes=[])

    @pytest.mark.parametrize(
        "path", ["/../secret", "/.prerender/journal", "/en//x/", "/en/x\n/", "/" + "x" * 300, "/x.br"]
    )
    def test_that_cannot_be_files_are_refused(self, home, declare, path: str):
        declare(routes=[self.Files([path])])

        outcome = services.render_all()

        assert path in outcome.refused

    def test_that_answer_a_query_leave_a_mark_until_they_are_declared_no_more(self, home, declare):
        declare(routes=[self.Files(["/en/search/"])])
        services.render_all()
        assert ".answers-query" in files("/en/search/")
        declare(routes=[])

        services.render_all()

        assert files("/en/search/") == set()


@pytest.mark.usefixtures("only_pages")
class TestRedirects:
    def test_leave_a_sign_for_static_mirrors(self, home, folder: FileStore):
        about = StandardPageFactory(parent=home, slug="about")
        Redirect.add_redirect("/en/who/", about)

        services.render_all()

        sign = folder.file("/en/who/").read_text()
        assert '<meta http-equiv="refresh" content="0; url=/en/about/">' in sign
        assert f'<link rel="canonical" href="{settings.PUBLIC_URL}/en/about/">' in sign
        assert '<a href="/en/about/">' in sign
        assert '<meta name="referrer" content="no-referrer">' in sign
        assert (folder.root / "en/who/.moved").read_text() == "301 /en/about/"

    def test_give_way_to_a_page(self, home, folder: FileStore):
        about = StandardPageFactory(parent=home, slug="about")
        other = StandardPageFactory(parent=home, slug="other")
        Redirect.add_redirect("/en/about/", other)

        services.render_all()

        assert about.title in folder.file("/en/about/").read_text()
        assert ".moved" not in files("/en/about/")

    def test_lead_nowhere_that_is_not_public(self, home):
        about = StandardPageFactory(parent=home, slug="about")
        Redirect.add_redirect("/en/who/", about)
        about.unpublish()

        services.render_all()

        assert files("/en/who/") == set()

    @pytest.mark.parametrize("old", ["/en/who?x=1", "/", "/../etc"])
    def test_that_no_file_can_stand_for_are_left_out(self, home, old: str):
        Redirect.objects.create(old_path=old, redirect_link="https://example.org/")

        services.render_all()

        assert not PrerenderedPath.objects.filter(kind=Kind.MOVED, refused="").exists()

    def test_may_lead_elsewhere_for_a_while(self, home, folder: FileStore):
        Redirect.objects.create(
            old_path="/en/partner", redirect_link="https://example.org/x?y=1&z=2", is_permanent=False
        )

        services.render_all()

        assert (folder.root / "en/partner/.moved").read_text() == "302 https://example.org/x?y=1&z=2"
        assert "url=https://example.org/x?y=1&amp;z=2" in folder.file("/en/partner/").read_text()


@pytest.mark.usefixtures("only_pages")
class TestDocuments:
    @pytest.mark.parametrize("name", ["a b.txt", "für uns (2).txt", "100%.txt", "ملصق.txt"])
    def test_have_one_address_on_both_sites(self, home, name):
        document = UploadedDocument(pk=7, file=name)

        assert document.url == reverse("wagtaildocs_serve", urlconf=settings.ROOT_URLCONF, args=[7, document.filename])

    @pytest.fixture
    def document(self, home):
        return UploadedDocument.objects.create(title="Notes", file=ContentFile(b"Plain words.", name="notes.txt"))

    def test_are_rendered_whole_and_outlive_the_upload(self, document, folder: FileStore):
        services.render_all()
        document.file.storage.delete(document.file.name)

        assert folder.file(f"/documents/{document.pk}/{document.filename}").read_bytes() == b"Plain words."

    @pytest.mark.parametrize("why", ["their collection is closed", "an app withholds them"])
    def test_stay_out_when(self, document, declare, why):
        class Embargo(TestOwnAddresses.Files):
            def withheld(self) -> list[int]:
                return [document.pk]

        services.render_all()
        if why == "an app withholds them":
            declare(routes=[Embargo([])])
        else:
            CollectionViewRestriction.objects.create(
                collection=document.collection, restriction_type=CollectionViewRestriction.LOGIN
            )

        services.render_all()

        assert files(f"/documents/{document.pk}/") == set()

    def test_whose_file_is_lost_are_refused(self, document):
        document.file.storage.delete(document.file.name)

        outcome = services.render_all()

        assert "missing" in outcome.refused[f"/documents/{document.pk}/{document.filename}"]


@pytest.mark.usefixtures("only_pages")
class TestCompare:
    @pytest.mark.parametrize(
        ("spoil", "what"),
        [
            (lambda file: file.unlink(), "missing"),
            (lambda file: file.write_text("other"), "different"),
            (lambda file: file.with_name("index.html.br").write_text("other"), "damaged"),
            (lambda file: file.with_name("page.html").write_text("other"), "unwanted"),
        ],
    )
    def test_names_what_is_not_as_it_should_be(self, prerendered, folder: FileStore, spoil, what: str):
        spoil(folder.file("/en/"))

        assert [difference.what for difference in repair.compare()] == [what]
