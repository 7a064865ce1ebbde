"""What search engines find in the map of the site: the index, and every part that it names."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from press.rendering import PageRenderer

LOCATION = re.compile(r"<loc>([^<]+)</loc>")


def parts() -> list[str]:
    """The text of each part, as the press prints it, by way of the index."""
    render = PageRenderer().render
    return [
        render(urlsplit(part).path).decode() for part in LOCATION.findall(render("/sitemap.xml").decode())
    ]


def text() -> str:
    """All of it."""
    return "".join(parts())
