"""The search URL as a template tag, built in to every template."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils import translation

from core.http import public_address
from home.search import search_path

register = template.Library()


@register.simple_tag(takes_context=True)
def search_url(context: Mapping[str, Any]) -> str:
    """Return the URL of the public search in the language of the page."""
    return public_address(search_path(translation.get_language()), seen_from=context.get("request"))
