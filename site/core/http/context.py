"""Context processors: the site for every template, and Django's for signed-in users, empty on the public site."""

from typing import Any

from django.conf import settings
from django.contrib.auth import context_processors as auth_context
from django.contrib.messages import context_processors as messages_context
from django.http import HttpRequest
from django.utils import translation

from core.http import is_private_site


def site(request: HttpRequest) -> dict[str, object]:
    """Add to every template: the active language, the URLs of the two sites, whether this is the demonstration."""
    return {
        "language": settings.LANGUAGE_TABLE[translation.get_language() or settings.LANGUAGE_CODE],
        "demo": settings.DEMO,
        "public_url": settings.PUBLIC_URL,
        "private_url": settings.PRIVATE_URL,
    }


def auth(request: HttpRequest) -> dict[str, Any]:
    return auth_context.auth(request) if is_private_site(request) else {}


def messages(request: HttpRequest) -> dict[str, Any]:
    return messages_context.messages(request) if is_private_site(request) else {}
