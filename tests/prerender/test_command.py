"""`manage.py prerender` reports its result, and exits with a status for scripts."""

import errno
import os
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from home.models import StandardPage
from prerender import services
from prerender.models import PendingPath
from prerender.store.files import FileStore
from tests.factories.core import StandardPageFactory


def prerender(*arguments: str) -> str:
    out = StringIO()
    call_command("prerender", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.usefixtures("only_pages")
class TestPrerender:
    @pytest.fixture(autouse=True)
    def about(self, home) -> StandardPage:
        page: StandardPage = StandardPageFactory(parent=home, slug="about")
        return page

    def test_all_renders_the_site_and_shows_how_far_it_is(self):
        said = prerender("--all")

        assert FileStore().file("/en/about/").is_file()
        assert "Rendering" in said
        assert re.search(r"\d+ rendered, \d+ unchanged, 0 removed, 0 refused", said)

    def test_alone_renders_what_is_due(self):
        prerender("--all")
        PendingPath.objects.create(path="/en/about/", kind="page", source=str(StandardPage.objects.get().pk))

        assert "1 unchanged" in prerender()

    def test_with_addresses_renders_those(self, about):
        prerender("--all")
        StandardPage.objects.filter(pk=about.pk).update(introduction="Changed since.")

        assert "1 rendered" in prerender("/en/about/")
        assert "Changed since." in FileStore().file("/en/about/").read_text()

    @pytest.mark.parametrize(
        "path", ["/en/nowhere/", "nonsense", "", "/en/about/deeper/", "/documents/99/x.pdf", "//", "/\0"]
    )
    def test_with_a_missing_address_reports_it(self, path: str):
        with pytest.raises(CommandError, match="No such address"):
            prerender(path or " ")

    def test_fails_with_the_reason_once_when_a_page_was_refused(self, monkeypatch, caplog):
        monkeypatch.setattr(StandardPage, "serve", lambda *args, **kwargs: {}["a broken block"])
        out = StringIO()

        with pytest.raises(CommandError, match="refused"):
            call_command("prerender", "--all", stdout=out, stderr=out)

        assert out.getvalue().count("/en/about/") == 1
        assert "Not rendered" not in caplog.text

    def test_gives_way_to_another_renderer(self, monkeypatch):
        def busy() -> None:
            raise services.AlreadyRunningError

        monkeypatch.setattr(services, "exclusive_rendering", busy)

        with pytest.raises(CommandError) as ended:
            prerender("--all")
        assert ended.value.returncode == 2

    @pytest.mark.parametrize("arguments", [["--all"], ["/en/about/"], []])
    @pytest.mark.parametrize(
        ("number", "what"),
        [(errno.ENOSPC, "The disk is full. Make room in"), (errno.EROFS, "Read-only file system")],
    )
    def test_names_the_remedy_if_it_cannot_write(self, arguments, number, what, monkeypatch):
        prerender("--all")
        StandardPage.objects.get().save_revision().publish()
        PendingPath.objects.create(path="/en/about/", kind="page", source=str(StandardPage.objects.get().pk))
        StandardPage.objects.update(introduction="Other words.")

        def write(*args: object) -> None:
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as full:
            full.setattr("prerender.store.files.write", write)
            with pytest.raises(CommandError, match=f"{what}.*rest stays due") as ended:
                prerender(*arguments)

        assert ended.value.returncode == 1
        assert FileStore().file("/en/about/").is_file()

    def test_check_names_what_differs_and_changes_nothing(self):
        prerender("--all")
        assert "The prerendered files match the site." in prerender("--check")
        FileStore().file("/en/about/").write_text("other")

        with pytest.raises(CommandError, match="1 addresses differ from the site"):
            prerender("--check")
        assert FileStore().file("/en/about/").read_text() == "other"
