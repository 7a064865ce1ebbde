"""How django-allauth does things here: who gets an account, how mail is sent, what is said of the second factor."""

from __future__ import annotations

import logging
import smtplib
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from users import second_factor
from users.mail import site_name

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.http import HttpRequest

log = logging.getLogger(__name__)

# Mails that somebody waits for at the screen. The others tell of something that has happened all the same.
AWAITED = {
    f"account/email/{name}"
    for name in (
        "login_code",
        "unknown_account",
        "email_confirmation",
        "email_confirmation_signup",
        "account_already_exists",
    )
}

NOT_SENT = _(
    "The mail could not be sent, because the mail server does not take it. Please try again in a few minutes. If you have a "
    "passkey, you can sign in with it now."
)


class AccountAdapter(DefaultAccountAdapter):
    """How people get an account: a person at the desk makes it. Nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reauthentication_methods(self, user: AbstractUser | AnonymousUser) -> list[dict[str, Any]]:
        """Passkeys first for those who have no app: they have seen none of the codes that could be asked for."""
        methods = super().get_reauthentication_methods(user)
        if user.is_authenticated and second_factor.address_to_show(user) == reverse(
            "mfa_reauthenticate_webauthn"
        ):
            methods.sort(key=lambda method: method["id"] != "mfa_reauthenticate:webauthn")
        return methods

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail at once, for people wait for its code. Where that fails, they are told, whoever they are."""
        try:
            super().send_mail(template_prefix, email, {**context, "site_name": site_name()})
        except (OSError, smtplib.SMTPException):
            # No address in the log.
            log.exception("A mail of the desk could not be sent: %s.", template_prefix)
            if template_prefix in AWAITED:
                messages.error(self.request, NOT_SENT)
                back = "account_email" if self.request.user.is_authenticated else "account_login"
                raise ImmediateHttpResponse(redirect(back)) from None


class SecondFactorAdapter(DefaultMFAAdapter):
    """What a phone or a key is told about this site."""

    def _get_site_name(self) -> str:
        return site_name()
