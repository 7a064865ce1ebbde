from __future__ import annotations

import pytest
from django.utils import translation
from wagtail.models import PageViewRestriction
from wagtail.rich_text import expand_db_html

from tests.factories.core import StandardPageFactory
from tests.support.languages import in_language
from tests.support.queries import queries


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


class TestALinkInATextLeads:
    def test_to_the_page_in_the_readers_language(self, about, languages):
        in_language(about, languages["de"], title="Über uns")

        assert 'href="/de/about/">' in shown(about)

    def test_to_the_language_that_stands_in_where_there_is_no_translation_and_says_so(self, about):
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
