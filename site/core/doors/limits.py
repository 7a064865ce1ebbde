"""Rate limits for the public forms at the desk. If the counter is unavailable, requests are refused."""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, ClassVar

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise


class Refusal(Exception):  # noqa: N818  (nothing went wrong)
    """A refused request. `status` and `sentence` are the answer."""

    status: ClassVar[int]
    sentence: ClassVar[StrOrPromise]


class Exceeded(Refusal):
    """The rate limit was exceeded. `retry_after`: seconds until the next try can succeed."""

    status = 429
    sentence = _(
        "There were too many requests in a short time. Please try again in an hour. Nothing was sent."
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Closed(Refusal):
    """The cache that counts is unavailable."""

    status = 503
    sentence = _("We cannot take requests at the moment. Please try again later. Nothing was sent.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `times` requests in `seconds`, for each key."""

    name: str
    times: int
    seconds: int


def consume(limit: Limit, key: str) -> None:
    """Count one request. Each takes a slot, because `add` is atomic in every cache and incrementing is not.

    Raises Exceeded or Closed.
    """
    window, passed = divmod(int(time.time()), limit.seconds)
    if not any(
        first_use(f"{limit.name}:{window}:{slot}:{key}", limit.seconds) for slot in range(limit.times)
    ):
        raise Exceeded(limit.seconds - passed)


def cache_key(key: str, prefix: str, version: int) -> str:
    """Return the name under which the cache keeps `key`: a digest, for keys hold IP and email addresses (`KEY_FUNCTION` in CACHES)."""
    return salted_hmac("core.doors.limits", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()


def first_use(key: str, seconds: int) -> bool:
    """Whether `key` has not been used within these seconds. Raises Closed."""
    try:
        return cache.add(f"limits:{key}", 1, seconds)
    except Exception as broken:
        raise Closed from broken


def client_address(request: HttpRequest) -> str:
    """Return the IPv4 address of a request at the desk, or the /64 of an IPv6 address, which is one household."""
    address = ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> 64)
    # A dual-stack server writes 192.0.2.1 as ::ffff:192.0.2.1: all of those would share one /64.
    return str(getattr(address, "ipv4_mapped", None) or address)
