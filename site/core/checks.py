"""House rules as system checks."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def check_doors(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    """The desk is protected against cross-site requests, and the doors have hosts of their own."""
    if "core.desk.CsrfViewMiddleware" not in settings.MIDDLEWARE:
        yield Error("The desk runs no CSRF protection.", hint="Put core.desk.CsrfViewMiddleware into MIDDLEWARE.", id="core.E001")
    if settings.PUBLIC_HOST == settings.DESK_HOST:
        yield Error("Both doors have the same host name.", hint="Set WAYMARK_PUBLIC_URL and WAYMARK_DESK_URL.", id="core.E002")
