"""Two sites in one application.

The *public* site never sets a cookie and identifies no visitor: no session, no sign-in, no messages, no CSRF token; it
answers GET and HEAD only.
The *private* site has the admin, the members' area and every form that changes data.
The host name alone decides which site a request came to.
Each site has its own URLconf, so an address of one is a plain 404 on the other.
"""

import enum

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


class SiteKind(enum.Enum):
    PUBLIC = "public"
    PRIVATE = "private"


def is_private_site(request: HttpRequest) -> bool:
    """Return whether the request came to the private site.

    A request without a site (in a unit test) counts as private.
    """
    return getattr(request, "site_kind", SiteKind.PRIVATE) is SiteKind.PRIVATE


def public_url(path: str) -> str:
    """Return the absolute URL of a path on the public site."""
    return f"{settings.PUBLIC_URL}{path}"


def public_address(path: str, *, seen_from: HttpRequest | None) -> str:
    """Return a link to a path on the public site, for a page requested by `seen_from`: absolute on the private site."""
    return public_url(path) if seen_from is not None and is_private_site(seen_from) else path


def private_url(name: str, *args: object, **kwargs: object) -> str:
    """Return the absolute URL of a named view of the private site, in the active language.

    Works on either site.
    """
    return settings.PRIVATE_URL + reverse(name, urlconf=settings.ROOT_URLCONF, args=args, kwargs=kwargs)
