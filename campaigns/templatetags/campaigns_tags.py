from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from campaigns.public import feeds
from campaigns.public import linked_data as schema_org

if TYPE_CHECKING:
    from campaigns.models import CampaignPage, NewsPage
    from campaigns.models.indexes import StoryIndexPage

register = template.Library()


@register.filter(name="linked_data")
def linked_data(page: CampaignPage | NewsPage) -> dict[str, Any]:
    """Return a campaign or a news page as schema.org data."""
    return schema_org.story(page)


@register.filter(name="feed_url")
def feed_url(page: StoryIndexPage) -> str:
    """Return the path of the Atom feed of an index page."""
    return feeds.feed_path(page.feed, page.locale.language_code)
