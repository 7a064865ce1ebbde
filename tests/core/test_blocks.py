"""Blocks that all apps use."""

from wagtail.models import Page

from core import memo
from core.blocks import PageLinkBlock
from core.publishing import navigation
from tests.factories.core import StandardPageFactory
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
