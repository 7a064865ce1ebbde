"""The sitemap as search engines find it: the index, and every part that it lists."""

import re
from urllib.parse import urlsplit

from prerender.rendering.renderer import PageRenderer

LOCATION = re.compile(r"<loc>([^<]+)</loc>")


def parts() -> list[str]:
    """Return the text of each part that the index lists, as it is rendered."""
    render = PageRenderer().render
    return [render(urlsplit(part).path).decode() for part in LOCATION.findall(render("/sitemap.xml").decode())]


def text() -> str:
    """Return the text of all parts."""
    return "".join(parts())
