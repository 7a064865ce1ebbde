"""How often somebody may ask. Where it cannot be counted, the answer is no."""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from django.http import HttpRequest


class Refusal(Exception):  # noqa: N818  (nothing went wrong)
    """Somebody may not ask for this now."""


class Exceeded(Refusal):
    """Asked too often. `retry_after`: seconds until the next try can succeed."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Closed(Refusal):
    """The cache that counts is away: nothing can be asked for at the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many times in so many seconds, for one key."""

    name: str
    times: int
    seconds: int


JOIN_FROM_ADDRESS = Limit(name="join-from", times=20, seconds=60 * 60)
JOIN_WITH_EMAIL = Limit(name="join-with", times=3, seconds=60 * 60)
LINK_FROM_ADDRESS = Limit(name="link-from", times=20, seconds=60 * 60)
LINK_TO_EMAIL = Limit(name="link-to", times=3, seconds=60 * 60)


def spend(limit: Limit, key: str) -> None:
    """Use up one of the times. Each has a slot of its own, for adding one is atomic in every cache and counting is not.

    Raises Exceeded, or Closed.
    """
    window, passed = divmod(int(time.time()), limit.seconds)
    if not any(
        first_use(f"{limit.name}:{window}:{slot}:{key}", limit.seconds) for slot in range(limit.times)
    ):
        raise Exceeded(limit.seconds - passed)


def first_use(key: str, seconds: int) -> bool:
    """Whether nobody has used `key` in these seconds. The cache gets a digest, never the key. Raises Closed."""
    digest = salted_hmac("network.limits", key, algorithm="sha256").hexdigest()
    try:
        return cache.add(f"network:{digest}", 1, seconds)
    except Exception as broken:
        raise Closed from broken


def client(request: HttpRequest) -> str:
    """Where a request at the desk came from: an IPv4 address, or the network of an IPv6 one, which is one household's."""
    address = ip_address(get_adapter().get_client_ip(request))
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else str(address)
