from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from campaigns.following import days, feeds, themes
from campaigns.materials import kits
from campaigns.models import MaterialIndexPage
from campaigns.sharing import linked_data as schema_org
from campaigns.sharing import shared

if TYPE_CHECKING:
    from campaigns.materials.models import DownloadItem
    from campaigns.models import CampaignPage, NewsPage, ToolkitPage
    from campaigns.stories.indexes import StoryIndexPage
    from campaigns.stories.models import StoryPage

register = template.Library()


@register.filter(name="linked_data")
def linked_data(page: CampaignPage | NewsPage) -> dict[str, Any]:
    """Return a campaign or a news page as schema.org data."""
    return schema_org.story(page)


@register.filter(name="material_data")
def material_data(download: DownloadItem, page: MaterialIndexPage) -> dict[str, Any]:
    """Return a material of the library as schema.org data."""
    return schema_org.material(download, page)


@register.simple_tag
def kits_of_page(page: CampaignPage) -> dict[str, kits.KitLink]:
    """Return the kits of a campaign by name."""
    return kits.kits_of(page, page.downloads)


@register.simple_tag
def kit_of_page(page: ToolkitPage, audience: str) -> kits.KitLink | None:
    """Return the kit that goes with a toolkit, if it has any files."""
    return kits.kits_of(page.campaign, page.all_downloads).get(audience)


@register.simple_tag
def library_path(language: str) -> str:
    """Return the path of the library in a language; empty if there is none."""
    return MaterialIndexPage.path_in(language)


@register.filter(name="of_code")
def of_code(numbers: dict[str, int] | None, code: str) -> int | str:
    """Return the number of a code; empty if it has none."""
    return (numbers or {}).get(code, "")


@register.filter(name="feed_url")
def feed_url(page: StoryIndexPage) -> str:
    """Return the path of the Atom feed of an index page."""
    return feeds.feed_path(page.feed, page.locale.language_code)


@register.filter(name="oembed_url")
def oembed_url(page: StoryPage) -> str:
    """Return the path of the oEmbed description of a page."""
    return shared.oembed_path(shared.PAGES, page.pk, page.language)


@register.filter(name="material_oembed_url")
def material_oembed_url(download: DownloadItem) -> str:
    """Return the path of the oEmbed description of a material."""
    return shared.oembed_path(shared.MATERIALS, download.material.pk, download.language)


@register.simple_tag
def theme_feeds(language: str) -> list[tuple[str, str]]:
    """Return the name of each theme that can be followed, with the path of its feed."""
    return [
        (each.theme.name, feeds.theme_feed_path(each.theme.translation_key, language))
        for each in themes.followed(language)
    ]


@register.simple_tag
def days_of_action(language: str) -> dict[str, str]:
    """Return the calendar of a language: its `path`, and the address to `subscribe` to."""
    return {"path": days.calendar_path(language), "subscribe": days.subscribe_url(language)}


@register.simple_tag
def ways_to_follow_path(language: str) -> str:
    """Return the path of the page that lists feeds, calendar and open materials."""
    return feeds.ways_to_follow_path(language)
