"""Icons from Lucide, reduced to the drawing alone.

Size, line and colour come from css/components/icon.css.

Every icon has a name for its meaning on this site, so that the same thing looks the same everywhere (docs/design.md).
"""

from functools import cache
from xml.etree.ElementTree import fromstring, tostring

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

ICONS = {
    # Ways to make contact
    "call": "phone",
    "chat": "message-circle",
    "write": "mail",
    "web": "globe",
    # Content of this site, and its audiences
    "spread": "megaphone",
    "people": "users",
    "evidence": "book-open",
    "date": "calendar-days",
    "checked": "circle-check",
    "harmed": "heart",
    # Places
    "search": "search",
    "languages": "languages",
    "menu": "menu",
    "support": "life-buoy",
    "download": "download",
    "next": "chevron-right",
    "onward": "arrow-right",
    "leave": "log-out",
    # Audiences, and data that a click deletes
    "person": "user-round",
    "organisation": "building-2",
    "remove": "x",
    # Kinds of materials
    "poster": "image",
    "leaflet": "book-open",
    "social_card": "share-2",
    "film": "film",
    "audio": "headphones",
    "lesson": "graduation-cap",
    "press_release": "newspaper",
    "blank_artwork": "pen-tool",
    "guide_to_words": "quote",
    "evaluation": "clipboard-check",
    # Kinds of callouts
    "note": "info",
    "important": "triangle-alert",
    "success": "circle-check",
    "error": "circle-x",
}
# Icons that point in the direction of reading, and are mirrored with it.
DIRECTIONAL = frozenset({"next", "onward", "leave"})


@cache
def icon(name: str) -> SafeString:
    """Return the icon `name` of the table, as SVG hidden from screen readers: the text beside it has the same meaning.

    Raises KeyError.
    """
    drawing = fromstring(lucide(ICONS[name]))  # noqa: S314  (from an installed package)
    shapes = "".join(tostring(shape, encoding="unicode").strip().replace(" />", "/>") for shape in drawing)
    turns = " turns" if name in DIRECTIONAL else ""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">{}</svg>',
        turns,
        mark_safe(shapes),  # noqa: S308  (from an installed package)
    )
