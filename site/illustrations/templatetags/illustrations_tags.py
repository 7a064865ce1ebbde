"""The tag that shows an illustration."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from illustrations.scenes import BY_NAME, HEIGHT, WIDTH, path_of

register = template.Library()


@register.simple_tag(takes_context=True)
def illustration(
    context: Mapping[str, Any], name: str, *, decorative: bool = False, alt: str = "", loading: str = "lazy"
) -> SafeString:
    """Show a scene, mirrored on a page that is read from right to left.

    An unknown name is a KeyError.

    - `decorative` - it adds nothing to the text: no alternative text
    - `alt` - instead of the description that comes with the scene
    - `loading` - "eager" for a picture on the first screen: it is requested before others, and shown with the first
      words.
      On help pages nothing loads lazily, as a late request would show how far a visitor read, and no picture comes
      first
    """
    is_first = loading == "eager"
    if getattr(context.get("page"), "is_sensitive", False):
        loading, is_first = "eager", False
    return format_html(
        '<img class="illustration" src="{}" width="{}" height="{}" alt="{}" loading="{}" {}="{}">',
        static(path_of(name, right_to_left=translation.get_language_bidi())),
        WIDTH,
        HEIGHT,
        "" if decorative else alt or BY_NAME[name].alt,
        loading,
        *(("fetchpriority", "high") if is_first else ("decoding", "async")),
    )
