from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

if TYPE_CHECKING:
    from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Add to every template: the active language, the URLs of the two doors, whether this is the demonstration."""
    return {
        "language": settings.LANGUAGE_TABLE[translation.get_language() or settings.LANGUAGE_CODE],
        "demo": settings.DEMO,
        "public_url": settings.PUBLIC_URL,
        "desk_url": settings.DESK_URL,
    }
