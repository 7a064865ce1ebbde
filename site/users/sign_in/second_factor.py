"""The second factor: the encryption of its secrets, and the middleware that requires it.

Whether a user has one and has used it: `core.http.access`.

A copy of the database, or a backup, is not enough to impersonate a user: the keys are derived from `SECRET_KEY` and
`SECRET_KEY_FALLBACKS`, which are not in the database.
The first encrypts, each may decrypt.
"""

import base64
import logging
import secrets
from collections.abc import Callable, Iterator

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.encoding import force_bytes

from core.http import access, errors, is_private_site
from users.sign_in import sessions


def confirmation_url(user: AbstractUser) -> str:
    """Return the URL where a user confirms with their second factor: the app if they have one, or a passkey."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return reverse("mfa_reauthenticate" if app else "mfa_reauthenticate_webauthn")


def remember_added(request: HttpRequest, **kwargs: object) -> None:
    """Receive allauth's `authenticator_added`: adding a second factor counts as using it."""
    request.session[access.ADDED] = True


def remove(user: AbstractUser) -> int:
    """Remove every second factor of a user who has lost theirs, with their recovery codes.

    Return how many factors there were.
    """
    count = Authenticator.objects.filter(user=user, type__in=access.SECOND_FACTORS).count()
    Authenticator.objects.filter(user=user).delete()
    return count


# --- Encryption -----------------------------------------------------------------------------------


log = logging.getLogger(__name__)
# Binds the derived keys to this use of the secret key.
PURPOSE = b"waymark second factors"
# Keys of allauth's secrets in `Authenticator.data`.
# Passkeys have none: the site holds their public half only.
SECRETS = ("secret", "seed")


def cipher() -> MultiFernet:
    return MultiFernet([Fernet(derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def derived(key: str | bytes) -> bytes:
    found = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(force_bytes(key))
    return base64.urlsafe_b64encode(found)


def encrypt(text: str) -> str:
    return cipher().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Return the secret, or one that no code fits if no key decrypts it.

    Then signing in fails without an error page.

    """
    try:
        return cipher().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        log.error("A second factor cannot be decrypted: the secret key was changed without its fallback.")
        return base64.b32encode(secrets.token_bytes(20)).decode()


def rotate() -> int:
    """Encrypt all second factors again with the current key.

    Returns how many there were.

    Raises InvalidToken, and changes nothing.
    """
    with transaction.atomic():
        found = list(Authenticator.objects.select_for_update().filter(pk__in=[one.pk for one in encrypted()]))
        for authenticator in found:
            for name in SECRETS:
                if name in authenticator.data:
                    authenticator.data[name] = cipher().rotate(authenticator.data[name].encode()).decode()
            authenticator.save(update_fields=["data"])
    return len(found)


def encrypted() -> Iterator[Authenticator]:
    for authenticator in Authenticator.objects.order_by("pk"):
        if any(name in authenticator.data for name in SECRETS):
            yield authenticator


# --- Access to the admin --------------------------------------------------------------------------


EDITING_SESSIONS = "/admin/editing-sessions/"
# What a user with a role needs to use or set up a second factor, or to leave.
OPEN = ("/account/2fa/", "/account/confirm/", "/account/reauthenticate/", "/account/logout/")


class SecondFactorMiddleware:
    """Require a role for every URL of the admin and, if configured, of users with a role a second factor everywhere.

    A session with the mailed code alone opens nothing else of the private site, the members' area included.
    Records that the session is in use.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_private_site(request):
            return self.get_response(request)
        response = self.refusal(request) or self.get_response(request)
        # An unattended editor requests these, too.
        if not request.path_info.startswith(EDITING_SESSIONS):
            sessions.note_use(request)
        return response

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response for a user who may not enter yet, or None.

        Wagtail itself redirects anonymous users to sign in.
        """
        if request.user.is_anonymous or request.path_info.startswith(OPEN):
            return None
        if not access.has_role(request):
            # Redirecting them to sign in would loop.
            entering = request.path_info.startswith(reverse("wagtailadmin_home"))
            return errors.answer(request, 403) if entering else None
        if access.may_work_here(request):
            return None
        if not access.has_second_factor(request.user):
            return redirect("mfa_index")
        return redirect_to_login(request.get_full_path(), confirmation_url(request.user))
