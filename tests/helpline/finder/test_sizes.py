"""What help pages say about their sizes, which depends on whether all of them have one of the sizes of their kind."""

import re

import pytest

from core.http.headers import is_sensitive
from core.publishing.size_classes import SizeClass, Sizes, sizes_for
from helpline.finder.size_classes import SIZE_CLASSES
from operations.diagnostics import Verdict, work
from prerender import services
from prerender.models import PrerenderedPath
from prerender.rendering.sizes import is_recognisable
from prerender.store.files import FileStore, StoredFile
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.support.cached_fixtures import cached_fixture

PROMISE = "It cannot tell by their size which country or service they are about."
WARNING = "By their size it may be able to tell which pages they are."
GUIDE, FINDER = "/en/help/first-steps/", "/en/help/"


def said(path: str) -> set[str]:
    html = FileStore().file(path).read_text()
    return {sentence for sentence in (PROMISE, WARNING) if sentence in html}


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    @cached_fixture
    def guide(self, home, lines):
        return GuidePageFactory(parent=FinderPageFactory(parent=home), slug="first-steps")

    @pytest.fixture
    def pages(self, guide, declare, settings):
        settings.INTERFACE_LANGUAGES, settings.PRERENDER_BROTLI_QUALITY = ["en"], 1
        declare(routes=[])
        services.render_all()

    def test_promise_while_all_have_their_sizes_and_warn_as_soon_as_one_has_not(self, pages, declare):
        assert said(GUIDE) == said(FINDER) == {PROMISE}
        assert [finding.verdict for finding in work.sizes_of_pages()] == [Verdict.RIGHT]

        tiny = SizeClass(paths=re.compile(GUIDE), sizes=(Sizes(1_000, 1_000, 1_000),))
        declare(routes=[], size_classes=[tiny, *SIZE_CLASSES])
        services.render_paths([GUIDE])
        assert said(GUIDE) == said(FINDER) == {WARNING}
        [finding] = work.sizes_of_pages()
        assert (finding.verdict, GUIDE in finding.says) == (Verdict.DOUBTFUL, True)

        declare(routes=[], size_classes=SIZE_CLASSES)
        services.render_paths([GUIDE])
        assert said(GUIDE) == said(FINDER) == {PROMISE}

    def test_promise_again_when_the_page_that_was_too_large_is_gone(self, pages, guide):
        PrerenderedPath.objects.filter(path=GUIDE).update(recognisable=True)
        services.render_paths([FINDER])
        assert said(FINDER) == {WARNING}

        services.take_away([GUIDE])
        services.render_due()
        assert said(FINDER) == {PROMISE}


class TestIsRecognisable:
    @pytest.mark.parametrize(
        ("path", "fill", "kept", "expected"),
        [
            ("/en/help/de/", 0.99, True, False),
            ("/en/help/de/", 1.01, True, True),
            # Too little is left for the longer words.
            ("/en/help/de/", 0.99, False, True),
            ("/en/help/de/", 0.5, False, False),
            # No kind has been declared for it.
            ("/en/help/new/kind/", None, True, True),
            ("/en/about/", None, True, False),
        ],
    )
    def test_is_a_sensitive_page_without_its_size(self, path, fill, kept, expected):
        assert is_recognisable(StoredFile(path=path, fill=fill), kept=kept) is expected

    def test_is_a_page_that_alone_loads_a_picture(self, tmp_path):
        stored = StoredFile(path="/en/help/de/", fill=0.5, pictures={"/pictures/a.webp": tmp_path})

        assert is_recognisable(stored, kept=True)

    def test_is_no_redirect(self):
        assert not is_recognisable(StoredFile(path="/en/help/old/", moved="301 /en/help/new/"), kept=True)


class TestSizeClasses:
    @pytest.mark.parametrize(
        "path",
        [
            "/en/help/", "/sr-latn/help/de/", "/en/help/lines/de/", "/en/help/listing/0-1/", "/en/help/stopping/",
            "/en/help/handouts/de-en.pdf", "/en/help/handouts/0-1-en.pdf", "/en/help/coverage/", "/en/embed/de/",
        ],
    )  # fmt: skip
    def test_are_at_most_two_below_14_kilobytes_for_each_kind_but_the_finder(self, path):
        sizes = sizes_for(path)

        assert is_sensitive(path)
        assert list(sizes) == sorted(sizes)
        assert path == "/en/help/" or (len(sizes) == 2 and max(size.brotli for size in sizes) <= 14_000)
