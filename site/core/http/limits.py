"""Rate limits and proof of work for the public forms on the private site.

If the counter is unavailable, requests are refused.

Proof of work: the visitor's browser computes for about a second, so that sending thousands of forms has a cost.
The site creates and verifies the challenges itself (with the `altcha` library), so no third party learns of the visit.
The client side is `static/js/proof.js`.
"""

import json
import secrets
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any, ClassVar

import altcha
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.languages.lazy import StrOrPromise


class RequestRejectedError(Exception):
    """A refused request.

    `status` and `sentence` are the answer.
    """

    status: ClassVar[int]
    sentence: ClassVar[StrOrPromise]


class RateLimitExceededError(RequestRejectedError):
    """The rate limit was exceeded.

    `retry_after`: seconds until the next try can succeed.
    """

    status = 429
    sentence = _("There were too many requests in a short time. Please try again in an hour. Nothing was sent.")

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class RateLimitUnavailableError(RequestRejectedError):
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
    """Count one request.

    Each takes a slot, because `add` is atomic in every cache and incrementing is not.

    Raises RateLimitExceededError or RateLimitUnavailableError.
    """
    window, passed = divmod(int(time.time()), limit.seconds)
    if not any(first_use(f"{limit.name}:{window}:{slot}:{key}", limit.seconds) for slot in range(limit.times)):
        raise RateLimitExceededError(limit.seconds - passed)


def cache_key(key: str, prefix: str, version: int) -> str:
    """Return the cache key for `key`: a digest, because keys contain IP and email addresses (`KEY_FUNCTION`)."""
    return salted_hmac("core.http.limits", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()


def first_use(key: str, seconds: int) -> bool:
    """Return whether `key` has not been used within these seconds.

    Raises RateLimitUnavailableError.
    """
    try:
        return cache.add(f"limits:{key}", 1, seconds)
    except Exception as broken:
        raise RateLimitUnavailableError from broken


def client_address(request: HttpRequest) -> str:
    """Return the IPv4 address of a request on the private site, or the /64 of an IPv6 address (one household)."""
    address = ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> 64)
    # A dual-stack server writes 192.0.2.1 as ::ffff:192.0.2.1: all of those would share one /64.
    return str(getattr(address, "ipv4_mapped", None) or address)


# --- Proof of work --------------------------------------------------------------------------------------------------


ALGORITHM = "PBKDF2/SHA-256"
COST = 5000  # iterations per try: about two milliseconds on a laptop, ten times that on an old phone
TRIES = range(100, 300)
SECONDS = 2 * 60 * 60
LONGEST = 4096


class ProofOfWorkError(RequestRejectedError):
    """The proof is missing or invalid, has already been used, or has expired."""

    status = 400
    sentence = _("Your browser has not finished its task, or it took too long. Please send the form again.")


def proof_challenge() -> str:
    """Return a new challenge as JSON, to embed in the form."""
    made = altcha.create_challenge(
        ALGORITHM,
        COST,
        counter=secrets.choice(TRIES),
        expires_at=int(time.time()) + SECONDS,
        hmac_secret=_proof_key("challenge"),
        hmac_key_secret=_proof_key("solution"),
    )
    return json.dumps(made.to_dict())


def check_proof(payload: str) -> None:
    """Accept a solved challenge, once.

    Raises ProofOfWorkError or limits.RateLimitUnavailableError.
    """
    if not payload or len(payload) > LONGEST:
        raise ProofOfWorkError
    try:
        solved = altcha.Payload.from_base64(payload)
        result = altcha.verify_solution(solved, _proof_key("challenge"), hmac_key_secret=_proof_key("solution"))
        nonce: Any = solved.challenge.parameters.nonce
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as nonsense:
        raise ProofOfWorkError from nonsense
    if not result.verified or not first_use(f"proof:{nonce}", SECONDS):
        raise ProofOfWorkError


def _proof_key(purpose: str) -> str:
    return salted_hmac("core.http.limits.proof", purpose, algorithm="sha256").hexdigest()
