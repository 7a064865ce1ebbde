"""The second factor: whether somebody has one, and whether it was used to sign in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.urls import reverse

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from django.http import HttpRequest

# Recovery codes stand in for these; alone they are none.
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
ADDED = "users.second_factor_added"


def has_one(user: AbstractUser) -> bool:
    return bool(is_mfa_enabled(user, KINDS))


def was_shown(request: HttpRequest) -> bool:
    """Whether whoever sits here has shown the second factor in this session: at sign-in, or by setting it up.

    Having one is not enough: somebody else may have been signed in since before it was set up, by a stolen code.
    """
    records = get_authentication_records(request, request.user)
    return ADDED in request.session or any(record.get("method") == "mfa" for record in records)


def address_to_show(user: AbstractUser) -> str:
    """Where somebody who has a second factor shows it."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return reverse("mfa_reauthenticate" if app else "mfa_reauthenticate_webauthn")


def remember_added(request: HttpRequest, **kwargs: Any) -> None:
    """Called by allauth when a second factor was added: who added it has it at hand."""
    request.session[ADDED] = True


def forget(user: AbstractUser) -> int:
    """Remove every second factor of somebody who has lost theirs; they set up a new one. Gives how many there were."""
    count = Authenticator.objects.filter(user=user, type__in=KINDS).count()
    Authenticator.objects.filter(user=user).delete()
    return count
