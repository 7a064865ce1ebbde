"""Proof of work: the visitor's browser computes for about a second, so that sending thousands of forms has a cost.

We create and verify the challenges ourselves (with the `altcha` library), so nobody else learns of the visit. The client side is
`static/js/proof.js`.
"""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import altcha
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.doors import limits

ALGORITHM = "PBKDF2/SHA-256"
COST = 5000  # iterations per try: about two milliseconds on a laptop, ten times that on an old phone
TRIES = range(100, 300)
SECONDS = 2 * 60 * 60
LONGEST = 4096


class NotProved(limits.Refusal):
    """The proof is missing or invalid, has already been used, or has expired."""

    status = 400
    sentence = _("Your browser has not finished its task, or it took too long. Please send the form again.")


def challenge() -> str:
    """Return a new challenge as JSON, to embed in the form."""
    made = altcha.create_challenge(
        ALGORITHM,
        COST,
        counter=secrets.choice(TRIES),
        expires_at=int(time.time()) + SECONDS,
        hmac_secret=_key("challenge"),
        hmac_key_secret=_key("solution"),
    )
    return json.dumps(made.to_dict())


def check(payload: str) -> None:
    """Accept a solved challenge, once. Raises NotProved or limits.Closed."""
    if not payload or len(payload) > LONGEST:
        raise NotProved
    try:
        solved = altcha.Payload.from_base64(payload)
        result = altcha.verify_solution(solved, _key("challenge"), hmac_key_secret=_key("solution"))
        nonce: Any = solved.challenge.parameters.nonce
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as nonsense:
        raise NotProved from nonsense
    if not result.verified or not limits.first_use(f"proof:{nonce}", SECONDS):
        raise NotProved


def _key(purpose: str) -> str:
    return salted_hmac("core.doors.proof", purpose, algorithm="sha256").hexdigest()
