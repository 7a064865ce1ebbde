"""Every address of the admin, with a value in place of each argument."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import URLResolver, get_resolver
from django.utils.regex_helper import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
# Objects looked up by name exist; those looked up by number may not.
NAMED = {"app_label": "home", "app_name": "core", "model_name": "standardpage", "content_type_app_name": "home",
         "content_type_model_name": "standardpage", "action": "delete", "action_name": "approve"}  # fmt: skip


def admin_addresses() -> list[str]:
    return sorted(
        {
            address
            for address in _walk(get_resolver(settings.ROOT_URLCONF), "/")
            # Wagtail's pattern for a missing trailing slash is not an address in itself.
            if address.startswith("/admin/") and "//" not in address
        }
    )


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = before + _filled(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, address)
        else:
            yield address


def _filled(pattern: str) -> str:
    if pattern.startswith("^") or "(?P" in pattern:
        text, arguments = normalize(pattern)[0]
        return text % dict.fromkeys(arguments, "1")
    return ARGUMENT.sub(lambda found: NAMED.get(found[2], "1"), pattern)
