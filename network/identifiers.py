"""Identifiers of people and institutions, checked offline by their checksums."""

from __future__ import annotations

import base32_lib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def normal_orcid(text: str) -> str:
    """Return an ORCID iD as `0000-0002-1825-0097`, from the bare iD or its URL. Raises ValidationError.

    The last character is a check digit (ISO 7064 MOD 11-2).
    """
    import idutils  # a sixth of the start-up time, and few requests need it

    text = text.strip()
    if not text.isascii() or not idutils.is_orcid(text):
        raise ValidationError(
            _(
                "This is not an ORCID iD. It has four groups of four digits, for example 0000-0002-1825-0097; the last may be X."
            ),
            code="orcid",
        )
    return idutils.normalize_orcid(text)


def normal_ror(text: str) -> str:
    """Return a ROR ID as `https://ror.org/05gq02987`, from the bare ID or its URL. Raises ValidationError.

    The last two characters are a checksum (ISO 7064 MOD 97-10 over Crockford's base32).
    """
    import idutils

    text = text.strip()
    try:
        if not text.isascii() or not idutils.is_ror(text):
            raise ValueError
        bare = idutils.normalize_ror(text)
        base32_lib.decode(bare, checksum=True)
    except ValueError as wrong:
        raise ValidationError(
            _(
                "This is not a ROR ID. A ROR ID looks like https://ror.org/05gq02987. You can find yours at ror.org."
            ),
            code="ror",
        ) from wrong
    return f"https://ror.org/{bare}"
