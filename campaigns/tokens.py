"""The links of partners. A link carries a random key, of which we keep only a digest: whoever reads our database cannot open any."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from campaigns.models import PartnerLink
from core.links import Expired, Purpose

# In days. Each link has an end of its own; none works longer than the longest.
TERMS = (14, 90, 365)
PARTNER = Purpose(name="campaigns.partner", lasts=timedelta(days=max(TERMS)), size=32)


def new_key() -> bytes:
    return secrets.token_bytes(PARTNER.size)


def digest(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


def read(token: str) -> PartnerLink:
    """Return the link that a token belongs to, with its partner. Raises Broken or Expired. One query at most."""
    key = PARTNER.read(token)
    link = PartnerLink.objects.open().select_related("partner").filter(digest=digest(key)).first()
    if link is None:
        raise Expired
    return link
