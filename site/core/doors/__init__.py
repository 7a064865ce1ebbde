"""Two doors in one application.

The *public* door never sets a cookie and knows nobody: no session, no sign-in, no messages, no CSRF token; it answers GET and HEAD
only. The *desk* has the admin, the members' area and every form that changes something. Which door a request came to is decided
by its host name alone; each door has a URLconf of its own, so an address of one is a plain 404 at the other.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

if TYPE_CHECKING:
    from django.http import HttpRequest


class Door(enum.Enum):
    PUBLIC = "public"
    DESK = "desk"


def at_desk(request: HttpRequest) -> bool:
    """Whether the request came to the desk. One that passed no door (a unit test's) counts as the desk's."""
    return getattr(request, "door", Door.DESK) is Door.DESK


def public_url(path: str) -> str:
    """The absolute address of a path at the public door."""
    return f"{settings.PUBLIC_URL}{path}"


def public_address(path: str, *, seen_from: HttpRequest | None) -> str:
    """A path at the public door, as a link that works on the page that `seen_from` asked for: absolute at the desk."""
    return public_url(path) if seen_from is not None and at_desk(seen_from) else path


def desk_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The absolute address of a named view of the desk, in the active language; works at either door."""
    return settings.DESK_URL + reverse(name, urlconf=settings.ROOT_URLCONF, args=args, kwargs=kwargs)
