"""ORCID sign-in to confirm an iD: only iD and name are read.

OAuth 2.0 with the scope `/authenticate`: the person signs in at ORCID, and ORCID returns their iD and, if they show it,
their name.
The response contains no email address, none is requested, and all other fields are ignored.
The access token is discarded, so that no data about the person can be requested later.
(https://info.orcid.org/documentation/api-tutorials/api-tutorial-get-and-authenticated-orcid-id/)
"""

import json
from dataclasses import dataclass
from ssl import SSLCertVerificationError
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.outgoing.fetch import Deadline, Fetched, Limits, fetch
from core.outgoing.internet import FetchError, FetchProblem, Internet, target

# The user is waiting for the response, and with them a process of the web server.
LIMITS = Limits(request_seconds=8)
MAX_BYTES = 20_000
MAX_NAME: Final = 120


def normal_orcid(text: str) -> str:
    """Return an ORCID iD as `0000-0002-1825-0097`, from the bare iD or its URL.

    Raises ValidationError.

    The last character is a check digit (ISO 7064 MOD 11-2).
    """
    import idutils  # a sixth of the start-up time, and few requests need it

    text = text.strip()
    if not text.isascii() or not idutils.is_orcid(text):
        raise ValidationError(
            _(
                "This is not an ORCID iD. It has four groups of four digits, "
                "for example 0000-0002-1825-0097; the last may be X."
            ),
            code="orcid",
        )
    return idutils.normalize_orcid(text)


class OrcidUnavailableError(Exception):
    """ORCID did not respond in time."""


class OrcidResponseError(Exception):
    """ORCID's response contains no iD, for example because the code has been used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrcidIdentity:
    """ORCID's data about the person who has just signed in there."""

    orcid: str
    # Empty if they do not show it.
    name: str


def is_set_up() -> bool:
    """Return whether the operator has registered this site with ORCID."""
    return bool(settings.ORCID["client_id"] and settings.ORCID["client_secret"])


def sign_in_url(*, state: str, back: str) -> str:
    """Return the URL of ORCID's sign-in page.

    ORCID redirects to `back` with `state` and a code, or with an error.
    """
    query = {
        "client_id": settings.ORCID["client_id"],
        "response_type": "code",
        "scope": "/authenticate",
        "redirect_uri": back,
        "state": state,
    }
    return f"{settings.ORCID['url']}/oauth/authorize?{urlencode(query)}"


def identity(*, code: str, back: str) -> OrcidIdentity:
    """Exchange a code for an iD and a name.

    Raises OrcidUnavailableError or OrcidResponseError.
    """
    try:
        answer = fetch(
            target(f"{settings.ORCID['url']}/oauth/token"),
            internet=Internet(),
            agent=f"Waymark/1.0 (+{settings.PRIVATE_URL})",
            limits=LIMITS,
            deadline=Deadline(LIMITS.request_seconds),
            max_bytes=MAX_BYTES,
            accept="application/json",
            form={
                "client_id": settings.ORCID["client_id"],
                "client_secret": settings.ORCID["client_secret"],
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": back,
            },
        )
    except FetchError as error:
        raise (OrcidUnavailableError if error.problem == FetchProblem.UNAVAILABLE else OrcidResponseError) from error
    except SSLCertVerificationError as error:
        raise OrcidResponseError from error
    return _read(answer)


def _read(answer: Fetched) -> OrcidIdentity:
    try:
        said = json.loads(answer.body)
        orcid = normal_orcid(said["orcid"])
    except (ValueError, TypeError, KeyError, AttributeError, ValidationError) as error:
        raise OrcidResponseError from error
    name = said.get("name")
    name = " ".join("".join(filter(str.isprintable, name)).split()) if isinstance(name, str) else ""
    return OrcidIdentity(orcid=orcid, name=name[:MAX_NAME])
