"""Blocks that all apps use, the headings of a long text, and links within one."""

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.urls import reverse
from django.utils import translation
from wagtail.blocks import Block
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction
from wagtail.rich_text import expand_db_html

from core import memo
from core.blocks import PageLinkBlock, Prose, contents, headings, minutes
from core.publishing import navigation
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    MaterialFactory,
    NewsIndexPageFactory,
    NewsPageFactory,
)
from tests.factories.core import StandardPageFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import in_language
from tests.support.queries import queries


class TestPageLinkBlock:
    def test_takes_no_query_where_the_batch_knows_the_pages(self, home):
        pages = [StandardPageFactory(parent=home) for _ in range(3)]
        keys = [pages[1].pk, None, pages[0].pk]
        found = []

        with memo.batch():
            navigation.prefetch(pages)
            cost = queries(lambda: found.extend(PageLinkBlock().bulk_to_python(keys)))

        assert found == [Page.objects.get(pk=pages[1].pk), None, Page.objects.get(pk=pages[0].pk)]
        assert cost == 0

    def test_finds_pages_elsewhere_and_none_for_those_that_are_gone(self, home):
        page = StandardPageFactory(parent=home)

        found = PageLinkBlock().bulk_to_python([page.pk, 0])

        assert [each and each.pk for each in found] == [page.pk, None]


def choices() -> dict[str, Block]:
    """Return the blocks of every stream in which editors have a choice, by class, stream and name."""
    streams = {
        type(field.stream_block): field.stream_block
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, StreamField)
    }
    return {
        f"{kind.__name__}.{name}": block
        for kind, stream in streams.items()
        if len(stream.child_blocks) > 1
        for name, block in stream.child_blocks.items()
    }


class TestPreview:
    @pytest.fixture
    @cached_fixture
    def material(self, home, languages):
        """Create a material of a campaign and news, which some blocks show."""
        NewsPageFactory(parent=NewsIndexPageFactory(parent=home))
        return MaterialFactory(
            campaign=CampaignPageFactory(parent=CampaignIndexPageFactory(parent=home)), languages=("en",)
        )

    @pytest.mark.parametrize("name", choices())
    def test_of_every_block_that_is_chosen_looks_as_on_the_page(self, name, material, private, admin_user):
        private.force_login(admin_user)
        block = choices()[name]

        assert block.is_previewable
        answer = private.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})

        html = BeautifulSoup(answer.content, "html.parser")
        sheets = " ".join(link["href"] for link in html.select("link[rel=stylesheet]:not([media])"))
        assert all(f"css/{sheet}" in sheets for sheet in ("site", "pages", "home", "materials"))
        shown = html.select_one("main .flow")
        assert shown.select_one("img") or len(shown.text.split()) > 3 - (block.name == "heading")
        assert block.name != "download" or material.name in shown.text


def text(*titles: str, words: int = 0):
    blocks = [{"type": "heading", "value": title} for title in titles]
    body = [{"type": "text", "value": f"<p>{'word ' * words}</p>"}] if words else []
    return Prose().to_python([*blocks, *body])


class TestContents:
    def test_are_the_headings_with_anchors_made_from_their_words(self):
        found = contents(text("Who we are", "Über uns", "من نحن"))

        assert [heading.anchor for heading in found] == ["h-who-we-are", "h-über-uns", "h-من-نحن"]

    def test_tell_equal_headings_apart(self):
        found = contents(text("Dates", "Dates", "Dates 2", "Dates"))

        assert [heading.anchor for heading in found] == ["h-dates", "h-dates-2", "h-dates-2-2", "h-dates-3"]

    def test_say_nothing_on_help_pages_for_they_stay_in_the_history(self):
        found = contents(text("If something has happened", "And later?", "Before you go"), telling=False)

        assert all(len(heading.anchor) == 6 for heading in found)
        assert len({heading.anchor for heading in found}) == 3

    def test_are_left_out_of_a_short_text(self):
        assert contents(text("One", "Two", words=9)) == []

    def test_stand_where_the_headings_stand(self):
        found = headings(text("One", words=3))

        assert [heading and heading.title for heading in found] == ["One", None]


class TestReadingTime:
    @pytest.mark.parametrize(("words", "expected"), [(3, 1), (400, 2), (1000, 5)])
    def test_counts_words(self, words, expected):
        assert minutes("", text(words=words)) == expected


@pytest.fixture
def german(home, languages):
    return in_language(home, languages["de"], title="Start")


@pytest.fixture
def about(home, german):
    return StandardPageFactory(parent=home, slug="about", title="About")


def linked(*pages):
    return "".join(f'<a linktype="page" id="{page.pk}">{page.pk}</a>' for page in pages)


def shown(*pages, language="de"):
    with translation.override(language):
        return expand_db_html(linked(*pages))


class TestLinkInTextLeads:
    def test_to_the_page_in_the_readers_language(self, about, languages):
        in_language(about, languages["de"], title="Über uns")

        assert 'href="/de/about/">' in shown(about)

    def test_to_the_fallback_language_with_hreflang_without_a_translation(self, about):
        assert 'href="/en/about/" hreflang="en">' in shown(about)

    def test_to_a_translation_whose_source_is_not_public_any_more(self, about, languages):
        in_language(about, languages["de"], title="Über uns")
        about.unpublish()

        assert 'href="/de/about/">' in shown(about)

    @pytest.mark.parametrize("hidden", ["unpublished", "restricted"])
    def test_nowhere_where_the_public_may_not_go(self, about, hidden):
        if hidden == "unpublished":
            about.unpublish()
        else:
            PageViewRestriction.objects.create(page=about, restriction_type=PageViewRestriction.LOGIN)

        assert "href" not in shown(about)

    @pytest.mark.parametrize("broken", ["0", "99999999", "", "x", "1e3", "²"])
    def test_nowhere_where_the_page_is_gone(self, home, broken):
        assert expand_db_html(f'<a linktype="page" id="{broken}">there</a>') == "<a>there</a>"

    def test_for_one_query_however_many_there_are(self, home, german):
        pages = [StandardPageFactory(parent=home, slug=f"page-{number}") for number in range(10)]

        assert queries(lambda: shown(*pages)) == queries(lambda: shown(*pages[:2])) == 1
