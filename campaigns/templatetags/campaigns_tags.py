from django import template

from campaigns.following import days, feeds
from campaigns.materials import kits, library
from campaigns.sharing import linked_data

register = template.Library()
register.filter("linked_data", linked_data.story)
register.filter("material_data", linked_data.material)
register.filter("feed_url", feeds.feed_url)
register.simple_tag(days.calendar_path)
register.simple_tag(days.subscribe_url)
register.simple_tag(feeds.theme_feeds)
register.simple_tag(feeds.ways_to_follow_path)
register.simple_tag(kits.kits_of)
register.simple_tag(library.library_path)


@register.filter
def of_code(numbers: dict[str, int] | None, code: str) -> int | str:
    """Return the number of a code; empty if it has none."""
    return (numbers or {}).get(code, "")
