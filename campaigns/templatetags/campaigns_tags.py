from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.core import get_global
from django import template

from campaigns.public import feeds
from campaigns.public import linked_data as schema_org
from core.doors import public_url

if TYPE_CHECKING:
    from campaigns.models import CampaignPage, NewsPage
    from campaigns.models.indexes import StoryIndexPage

register = template.Library()

# Languages that our texts are written for in another country than CLDR's likely one.
TERRITORIES = {"en": "GB"}


@register.filter(name="open_graph_locale")
def open_graph_locale(code: str) -> str:
    """Return a language as Open Graph expects it, with the country where most of its readers live: `de_DE`."""
    language = code.partition("-")[0]
    if language in TERRITORIES:
        return f"{language}_{TERRITORIES[language]}"
    likely = get_global("likely_subtags").get(language)
    territory = Locale.parse(likely).territory if likely else None
    return f"{language}_{territory}" if territory else language


@register.filter(name="public_url")
def absolute(path: str) -> str:
    """Return the absolute URL of a path at the public door."""
    return path if path.startswith("http") else public_url(path)


@register.filter(name="linked_data")
def linked_data(page: CampaignPage | NewsPage) -> dict[str, Any]:
    """Return a campaign or a news page as schema.org data."""
    return schema_org.story(page)


@register.filter(name="feed_url")
def feed_url(page: StoryIndexPage) -> str:
    """Return the path of the Atom feed of an index page."""
    return feeds.feed_path(page.feed, page.locale.language_code)
