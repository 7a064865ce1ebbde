"""Tags that every template has without loading them."""

from __future__ import annotations

from typing import Any

from django import template

from core import doors

register = template.Library()


@register.simple_tag(name="desk_url")
def desk_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The absolute address of a named view of the desk, from a page at either door."""
    return doors.desk_url(name, *args, **kwargs)
