"""Context processors: the site for every template, and Django's for signed-in users, which are empty at the public door."""

from typing import Any

from django.conf import settings
from django.contrib.auth import context_processors as auth_context
from django.contrib.messages import context_processors as messages_context
from django.http import HttpRequest
from django.utils import translation

from core.http import at_desk


def site(request: HttpRequest) -> dict[str, object]:
    """Add to every template: the active language, the URLs of the two doors, whether this is the demonstration."""
    return {
        "language": settings.LANGUAGE_TABLE[translation.get_language() or settings.LANGUAGE_CODE],
        "demo": settings.DEMO,
        "public_url": settings.PUBLIC_URL,
        "desk_url": settings.DESK_URL,
    }


def auth(request: HttpRequest) -> dict[str, Any]:
    return auth_context.auth(request) if at_desk(request) else {}


def messages(request: HttpRequest) -> dict[str, Any]:
    return messages_context.messages(request) if at_desk(request) else {}
