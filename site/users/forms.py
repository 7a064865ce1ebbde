"""Forms of the sign-in pages: allauth's, with plain labels."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, RequestLoginCodeForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):
    """Address and, in the demonstration alone, password. Nobody resets a password: a code does as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Your email address")
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)


class CodeForm(RequestLoginCodeForm):
    """The address that a code is sent to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Your email address")
        self.fields["email"].widget.attrs.pop("placeholder", None)


class PasskeyForm(AddWebAuthnForm):
    """A new passkey: unless somebody wants it otherwise, it is enough to sign in with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")
        self.fields["name"].help_text = _("To tell it from your others: “my phone”.")
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Sign in with this passkey alone")
        passwordless.help_text = _(
            "Then you need no code by mail. The passkey asks for your finger, your face or a PIN. Older keys without a PIN cannot "
            "do this: remove the tick for them."
        )
