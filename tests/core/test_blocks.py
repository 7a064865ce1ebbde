"""Blocks that all apps use."""

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.urls import reverse
from wagtail.blocks import Block
from wagtail.fields import StreamField
from wagtail.models import Page

from core import memo
from core.blocks import PageLinkBlock
from core.publishing import navigation
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    MaterialFactory,
    NewsIndexPageFactory,
    NewsPageFactory,
)
from tests.factories.core import StandardPageFactory
from tests.support.queries import queries
from tests.support.scenes import scene


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
    """The blocks of every stream in which editors have a choice, by class, stream and name."""
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
    @scene
    def material(self, home, languages):
        """A material of a campaign, and news: what some blocks show."""
        NewsPageFactory(parent=NewsIndexPageFactory(parent=home))
        return MaterialFactory(
            campaign=CampaignPageFactory(parent=CampaignIndexPageFactory(parent=home)), languages=("en",)
        )

    @pytest.mark.parametrize("name", choices())
    def test_of_every_block_that_is_chosen_looks_as_on_the_page(self, name, material, desk, admin_user):
        desk.force_login(admin_user)
        block = choices()[name]

        assert block.is_previewable
        answer = desk.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})

        html = BeautifulSoup(answer.content, "html.parser")
        sheets = " ".join(link["href"] for link in html.select("link[rel=stylesheet]:not([media])"))
        assert all(f"css/{sheet}" in sheets for sheet in ("site", "pages", "home", "materials"))
        shown = html.select_one("main .flow")
        assert shown.select_one("img") or len(shown.text.split()) > 3 - (block.name == "heading")
        assert block.name != "download" or material.name in shown.text
