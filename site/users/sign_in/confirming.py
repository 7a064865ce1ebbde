"""Reauthentication before changes by which an intruder could keep an account: its address, its passkeys, its deletion.

django-allauth reauthenticates users who have a second factor.
Users without one, such as most members, get a code at the address of the account, which an intruder at an open browser
cannot read.
A sign-in of the last minutes counts as well.
"""

import re
import secrets
import string
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlencode

from core.http.limits import Limit, consume
from users import services
from users.models import User

CODES = Limit(name="confirm-codes", times=5, seconds=3600)
GUESSES = Limit(name="confirm-guesses", times=15, seconds=3600)
# The session keys of (user, when) and of the code that was sent.
CONFIRMED = "users.confirmed"
SENT = "users.confirming"
TRIES = 3
LATELY = app_settings.REAUTHENTICATION_TIMEOUT  # seconds
MAIL = "account/email/confirm_code"
# As those of django-allauth: no vowels, so no words, and no letter that can be mistaken for another.
LETTERS = "".join(sorted({*string.ascii_uppercase} - {*"AEIOUYILO"}))


def question(request: HttpRequest) -> HttpResponse | None:
    """Return a redirect to the confirmation page; None if the user has confirmed lately, or is not signed in.

    Raises `allauth.core.exceptions.ReauthenticationRequired`, which its middleware handles, for users with a second
    factor.
    """
    if request.user.is_anonymous:
        return None
    if get_adapter().get_reauthentication_methods(request.user):
        reauthentication_required(lambda request: None)(request)
        return None
    if lately(request):
        return None
    return redirect(f"{reverse('users:confirm')}?{urlencode({'next': request.get_full_path()})}")


def asking_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a view of django-allauth, which does not reauthenticate users without a password or a second factor."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return question(request) or view(request, *args, **kwargs)

    return checked


def lately(request: HttpRequest) -> bool:
    """Return whether this user has signed in, or entered a code, within the last minutes."""
    times = [record["at"] for record in get_authentication_records(request, request.user)]
    who, when = request.session.get(CONFIRMED, (None, 0))
    times += [when] if who == request.user.pk else []
    return max(times, default=0) > time.time() - LATELY


def remember(request: HttpRequest) -> None:
    """Record that the user has just confirmed their identity.

    The session gets another token.
    """
    request.session.cycle_key()
    request.session[CONFIRMED] = [request.user.pk, int(time.time())]


def send_code(request: HttpRequest) -> None:
    """Mail a code to the address of the signed-in user.

    Raises a `core.http.limits.RequestRejectedError`.
    """
    user: Any = request.user
    consume(CODES, str(user.pk))
    code = "-".join("".join(secrets.choice(LETTERS) for _letter in range(4)) for _part in range(2))
    until = int(time.time()) + settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
    request.session[SENT] = [user.pk, _digest(code), until, TRIES]
    get_adapter().send_mail(MAIL, user.email, {"code": code, "user": user})


def was_sent(request: HttpRequest) -> bool:
    who, _code, until, tries = request.session.get(SENT, (None, "", 0, 0))
    return who == request.user.pk and until > time.time() and tries > 0


def enter_code(request: HttpRequest, text: str) -> bool:
    """Return whether the entered code is the one that was sent.

    Raises a RequestRejectedError.

    The code expires with the third wrong guess.
    """
    if not was_sent(request):
        return False
    consume(GUESSES, str(request.user.pk))
    who, code, until, tries = request.session.pop(SENT)
    if constant_time_compare(_digest(text), code):
        remember(request)
        return True
    request.session[SENT] = [who, code, until, tries - 1]
    return False


def end_other_sessions(*, request: HttpRequest, user: User, **kwargs: object) -> None:
    """Receive allauth's signals that a factor or the address has changed: end the user's other sessions."""
    if user.has_usable_password():
        return  # in the demonstration, where all accounts have the same password
    services.end_sessions(user=user)
    if request.user.is_authenticated and request.user.pk == user.pk:
        update_session_auth_hash(request, user)


def change_token(*, request: HttpRequest, reauthenticated: bool = False, **kwargs: object) -> None:
    """Receive allauth's `authentication_step_completed`: change the token, so that a copied one is useless."""
    if reauthenticated:
        request.session.cycle_key()


def _digest(code: str) -> str:
    plain = re.sub(r"[^A-Z0-9]", "", code.upper())
    return salted_hmac("users.confirming", plain, algorithm="sha256").hexdigest()
