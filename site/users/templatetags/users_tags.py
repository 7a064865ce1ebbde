"""Template tags of the sign-in pages."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse

from core.admin import menus
from core.http import access

register = template.Library()


@register.simple_tag(takes_context=True)
def second_factor_wanted(context: Context) -> bool:
    """Return whether the user must set up a second factor before they may continue."""
    request = context["request"]
    return settings.SECOND_FACTOR_REQUIRED and access.has_role(request) and not access.has_second_factor(request.user)


@register.simple_tag
def passkeys_of(js_data: Mapping[str, Any]) -> bool:
    """Return whether the user has a passkey, judging by the request that their browser gets."""
    return bool(js_data["request_options"]["publicKey"].get("allowCredentials"))


@register.simple_tag
def account_without_admin_url() -> str:
    """Return the URL where people who are not staff get an account; empty if no app has an area for them."""
    return next((reverse(area.join) for area in menus.areas()), "")
