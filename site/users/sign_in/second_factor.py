"""The second factor: whether a user has one, and whether they used it in this session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.urls import reverse

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from django.http import HttpRequest

# Recovery codes can replace these, but are not a second factor by themselves.
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
ADDED = "users.second_factor_added"


def is_set_up(user: AbstractUser) -> bool:
    return bool(is_mfa_enabled(user, KINDS))


def was_used(request: HttpRequest) -> bool:
    """Return whether the second factor was used in this session: at sign-in, or by setting it up.

    Having one is not enough: somebody else may have signed in with a stolen code before it was set up.
    """
    records = get_authentication_records(request, request.user)
    return bool(request.session.get(ADDED)) or any(record.get("method") == "mfa" for record in records)


def confirmation_url(user: AbstractUser) -> str:
    """Return the URL where a user confirms with their second factor: the app if they have one, or a passkey."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return reverse("mfa_reauthenticate" if app else "mfa_reauthenticate_webauthn")


def remember_added(request: HttpRequest, **kwargs: object) -> None:
    """Receive allauth's `authenticator_added`: a user who adds a second factor has it at hand."""
    request.session[ADDED] = True


def remove(user: AbstractUser) -> int:
    """Remove every second factor of a user who has lost theirs, with their recovery codes. Return how many factors there were."""
    count = Authenticator.objects.filter(user=user, type__in=KINDS).count()
    Authenticator.objects.filter(user=user).delete()
    return count
