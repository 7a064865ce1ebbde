"""Tokens of the links that partners get. A link carries a random key, of which we keep only a digest: whoever reads our database cannot open any."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from campaigns.models import PartnerLink, PreviewLink
from core.links import Expired, Purpose

if TYPE_CHECKING:
    from django.db.models import QuerySet

# In days. Each link has an end of its own; none works longer than the longest.
TERMS = (14, 90, 365)
# What a partner does, and how it used the materials.
PARTNER = Purpose(name="campaigns.partner", lasts=timedelta(days=max(TERMS)), size=32)
# A campaign before its hour. A day more than any link lasts: its own date decides, so that it can be chosen.
PREVIEW = Purpose(name="campaigns.preview", lasts=timedelta(days=31), size=32)


def make(purpose: Purpose) -> tuple[str, str]:
    """Return a new token and the digest to keep."""
    key = secrets.token_bytes(purpose.size)
    return purpose.make(key), digest_of(key)


def digest_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


def read_partner(token: str) -> PartnerLink:
    """Return the link that a token belongs to, with its partner. Raises Broken or Expired. One query at most."""
    return _one(PartnerLink.objects.open().select_related("partner"), PARTNER.read(token))


def read_preview(token: str) -> PreviewLink:
    """Return the link that a token belongs to. Raises Broken or Expired, the latter also if it was revoked. One query at most."""
    return _one(PreviewLink.objects.open(), PREVIEW.read(token))


def _one[Link: (PartnerLink, PreviewLink)](links: QuerySet[Link], key: bytes) -> Link:
    link = links.filter(digest=digest_of(key)).first()
    if link is None:
        raise Expired
    return link
