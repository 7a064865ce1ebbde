"""django-allauth's adapters: account creation, mail, and this site's name for second factors."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.mail import outbox
from users import mail
from users.mail import site_name
from users.sign_in import forms, second_factor

# Mail that a user is waiting for on the screen.
# All other mail notifies of a past event.
AWAITED = {
    "account/email/login_code": mail.CODE,
    "account/email/confirm_code": mail.CODE,
    "account/email/email_confirmation": mail.CODE,
    "account/email/email_confirmation_signup": mail.CODE,
    "account/email/account_already_exists": mail.CODE,
}

# Shown for every address, so that it does not reveal whether there is an account.
HELD_UP = _(
    "The mail server is not taking mail at the moment. "
    "Your email will be sent as soon as it does. If you have a passkey, you can "
    "sign in with it now."
)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are created by staff: there is no sign-up.

    Mail goes through the outbox.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reauthentication_methods(self, user: AbstractUser | AnonymousUser) -> list[dict[str, object]]:
        """List passkeys first for users without an app, who have no codes to enter."""
        methods = super().get_reauthentication_methods(user)
        if user.is_authenticated and second_factor.confirmation_url(user) == reverse("mfa_reauthenticate_webauthn"):
            methods.sort(key=lambda method: method["id"] != "mfa_reauthenticate:webauthn")
        return methods

    def post_login(self, request: HttpRequest, user: AbstractUser, **kwargs: object) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        forms.remember(response, email=user.email)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Put a mail into the outbox.

        Warn a user who is signed in and waiting for it if the mail server is stalled.
        """
        whole = {
            "request": self.request,
            "email": email,
            "current_site": get_current_site(self.request),
            **context,
            "site_name": site_name(),
        }
        kind = AWAITED.get(template_prefix, mail.NOTICE)
        outbox.send(self.render_mail(template_prefix, email, whole), kind=kind.name)
        if template_prefix in AWAITED and self.request.user.is_authenticated and outbox.is_stalled():
            messages.warning(self.request, HELD_UP)


class SecondFactorAdapter(DefaultMFAAdapter):
    """The name of this site as passkeys and apps show it, and the encryption of their secrets."""

    def _get_site_name(self) -> str:
        return site_name()

    def encrypt(self, text: str) -> str:
        return second_factor.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor.decrypt(encrypted_text)
