"""allauth's sign-in forms with proof of work, and with limits that cannot lock users out of their accounts.

A browser without scripts cannot do the work.
It is let through as long as few are: a client that sends thousands of forms has to do it.

A browser in which a user has signed in before has a separate limit for that address.
All others count together for an address, and for an address and a network: so a stranger can neither block a
colleague's code nor flood her mailbox.
The cookie of such a browser does not reveal who signed in: it is a random name with a signature that fits one address
alone. (OWASP, “Slow down online guessing attacks with device cookies”.)
"""

import secrets
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, RequestLoginCodeForm
from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core.http import limits
from core.http.limits import Limit, RateLimitExceededError, RequestRejectedError, client_address, consume

COOKIE_NAME = "__Host-device"
COOKIE_AGE = 90 * 24 * 60 * 60  # seconds


def signer(email: str) -> TimestampSigner:
    return TimestampSigner(salt=f"users.devices:{email.strip().lower()}")


def remember(response: HttpResponse, *, email: str) -> None:
    response.set_cookie(
        COOKIE_NAME,
        signer(email).sign(secrets.token_urlsafe(12)),
        max_age=COOKIE_AGE,
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def recognise(request: HttpRequest, *, email: str) -> str:
    """Return the name of the browser if the person with this address has signed in with it before; empty if not."""
    try:
        return signer(email).unsign(request.COOKIES.get(COOKIE_NAME, ""), max_age=COOKIE_AGE)
    except BadSignature:
        return ""


OWN_DEVICE = Limit(name="sign-in-own-device", times=10, seconds=3600)
NETWORK = Limit(name="sign-in-network", times=5, seconds=3600)
STRANGERS = Limit(name="sign-in-strangers", times=20, seconds=3600)
# Without work: from one network, and in all.
IDLE_NETWORK = Limit(name="sign-in-idle-network", times=5, seconds=3600)
IDLE = Limit(name="sign-in-idle", times=60, seconds=3600)


class TooManyWithoutProofError(RequestRejectedError):
    """Too many codes were requested without proof of work."""

    status = RateLimitExceededError.status
    sentence = _(
        "Your browser runs no scripts, and only a few such requests "
        "are taken in an hour. Please try again in an hour, or with a "
        "browser that runs scripts."
    )


def check(request: HttpRequest, *, email: str, proof_of_work: str) -> None:
    """Raise a RequestRejectedError if the proof of work is wrong, or after too many requests.

    The limits are for requests without proof of work, and for this address.
    """
    if settings.SIGN_IN_NEEDS_PROOF:
        check_work(request, proof_of_work)
    email = email.strip().lower()
    if device := recognise(request, email=email):
        consume(OWN_DEVICE, f"{email} {device}")
    else:
        consume(NETWORK, f"{email} {client_address(request)}")
        consume(STRANGERS, email)


def check_work(request: HttpRequest, proof_of_work: str) -> None:
    """Raise a RequestRejectedError if the proof is invalid, or if there were too many requests without one."""
    if proof_of_work:
        limits.check_proof(proof_of_work)
        return
    try:
        consume(IDLE_NETWORK, client_address(request))
        consume(IDLE, "everybody")
    except RateLimitExceededError as exceeded:
        raise TooManyWithoutProofError from exceeded


def challenge() -> str:
    """Return a task for the browser (`components/proof.html`); empty if none is required."""
    return limits.proof_challenge() if settings.SIGN_IN_NEEDS_PROOF else ""


class GuardedForm(forms.Form):
    """Mixin for a form that has a mail sent to the address in `address_field`."""

    address_field = ""

    @property
    def challenge(self) -> str:
        return challenge()

    def clean(self) -> dict[str, object] | None:
        if not self.errors:
            try:
                check(
                    context.request,
                    email=self.cleaned_data[self.address_field],
                    proof_of_work=self.data.get("proof", ""),
                )
            except RequestRejectedError as refusal:
                raise ValidationError(refusal.sentence) from refusal
        return super().clean()


class SignInForm(GuardedForm, LoginForm):
    """Email address and, only in the demonstration, password.

    There is no password reset: a code replaces it.
    """

    address_field = "login"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Your email address")
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)


class CodeForm(GuardedForm, RequestLoginCodeForm):
    address_field = "email"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Your email address")
        self.fields["email"].widget.attrs.pop("placeholder", None)


class LimitedCodeForm(BaseAuthenticateForm):
    """Mixin for a form that takes a code of an app, or a recovery code.

    The tries for an account are counted for each browser in which its owner has signed in, and for each network of the
    others, so that no one can use up those of the owner from elsewhere.
    The wait grows with each few wrong codes (`ACCOUNT_RATE_LIMITS`); those from unknown browsers count together, too.
    """

    def clean_code(self) -> str:
        request = context.request
        device = recognise(request, email=self.user.email)
        key = f"{self.user.pk} {device or client_address(request)}"
        if not ratelimit.consume(request, action="second_factor", key=key) or not (
            device or ratelimit.consume(request, action="second_factor_strangers", key=str(self.user.pk))
        ):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        ratelimit.clear(request, action="second_factor", key=key)
        return code


class AppCodeForm(LimitedCodeForm, AuthenticateForm):
    pass


class AppCodeAgainForm(LimitedCodeForm, ReauthenticateForm):
    pass


class PasskeyForm(AddWebAuthnForm):
    """A new passkey, by default one that is enough to sign in with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")
        self.fields["name"].help_text = _("To tell it apart from your others, for example “my phone”.")
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Sign in with this passkey alone")
        passwordless.help_text = _(
            "Then you need no code by email. The passkey asks for your "
            "fingerprint, your face or a PIN. Untick this for older keys "
            "without a PIN, which cannot do it."
        )
