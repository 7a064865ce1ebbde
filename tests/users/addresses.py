"""All addresses of a site, with a value for each argument: `{page}` for a page, an unused key for UUIDs, else `1`."""

import re
from collections.abc import Iterator

from django.conf import settings
from django.urls import URLResolver, get_resolver
from django.utils.regex_helper import normalize

ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
# Names refer to existing models; objects looked up by number may not exist.
NAMED = {"app_label": "home", "app_name": "core", "model_name": "standardpage", "content_type_app_name": "home",
         "content_type_model_name": "standardpage", "action": "delete", "action_name": "approve"}  # fmt: skip
NO_KEY = "00000000-0000-7000-8000-000000000000"


def admin_addresses() -> list[str]:
    """Return the addresses of the admin, with the number 1 for pages, which does not exist."""
    return [address.format(page=1) for address in private_addresses() if address.startswith("/admin/")]


def private_addresses() -> list[str]:
    return _addresses(settings.ROOT_URLCONF)


def public_addresses() -> list[str]:
    return _addresses(settings.PUBLIC_URLCONF)


def _addresses(urlconf: str) -> list[str]:
    # Wagtail's pattern for a missing trailing slash is not an address in itself.
    every = set(_walk(get_resolver(urlconf), "/"))
    return sorted(address for address in every if "//" not in address)


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
        return text % {name: _value(name) for name in arguments}
    return ARGUMENT.sub(lambda found: NO_KEY if found[1] == "uuid" else _value(found[2]), pattern)


def _value(argument: str) -> str:
    return "{page}" if "page" in argument else NAMED.get(argument, "1")
