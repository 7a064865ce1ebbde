"""Tags for the addresses of the helpline that any page may link to. Templates have them without loading them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils import translation

from core.doors import public_address
from helpline.exchange import exports
from helpline.finder.sharing import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

register = template.Library()


@register.simple_tag(takes_context=True)
def help_url(context: Mapping[str, Any]) -> str:
    """Return the address of the finder in the language of the page."""
    path = addresses.finder_path(translation.get_language())
    return public_address(path, seen_from=context.get("request"))


@register.simple_tag(takes_context=True)
def open_data_url(context: Mapping[str, Any]) -> str:
    """Return the address of the open data page in the language of the page."""
    path = exports.about_path(translation.get_language())
    return public_address(path, seen_from=context.get("request"))
