"""Two doors in one application.

The *public* door never sets a cookie and identifies nobody: no session, no sign-in, no messages, no CSRF token; it answers GET and
HEAD only. The *desk* has the admin, the members' area and every form that changes something. The host name alone decides which door a
request came to; each door has its own URLconf, so an address of one is a plain 404 at the other.
"""

import enum

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


class Door(enum.Enum):
    PUBLIC = "public"
    DESK = "desk"


def at_desk(request: HttpRequest) -> bool:
    """Whether the request came to the desk. One that passed neither door (in a unit test) counts as the desk's."""
    return getattr(request, "door", Door.DESK) is Door.DESK


def public_url(path: str) -> str:
    """Return the absolute URL of a path at the public door."""
    return f"{settings.PUBLIC_URL}{path}"


def public_address(path: str, *, seen_from: HttpRequest | None) -> str:
    """Return a link to a path at the public door, for a page that `seen_from` asked for: absolute at the desk."""
    return public_url(path) if seen_from is not None and at_desk(seen_from) else path


def desk_url(name: str, *args: object, **kwargs: object) -> str:
    """Return the absolute URL of a named desk view, in the active language. Works at either door."""
    return settings.DESK_URL + reverse(name, urlconf=settings.ROOT_URLCONF, args=args, kwargs=kwargs)
