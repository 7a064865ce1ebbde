"""What stands before a mail with a sign-in code: work for the browser, and limits that lock nobody out of her own account.

A browser that somebody has signed in with before has a limit of its own for that address. All others count together for an address, and
for an address and a network: neither a colleague's code nor her mailbox is at the mercy of a stranger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.core import context
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from core.doors import proof
from core.doors.limits import Limit, Refusal, client_address, consume
from users import devices

if TYPE_CHECKING:
    from django.http import HttpRequest

OWN_DEVICE = Limit(name="sign-in-own-device", times=10, seconds=3600)
NETWORK = Limit(name="sign-in-network", times=5, seconds=3600)
STRANGERS = Limit(name="sign-in-strangers", times=20, seconds=3600)


def check(request: HttpRequest, *, email: str, proof_of_work: str) -> None:
    """Raise a Refusal if the browser has not worked, or if there were too many requests for this address."""
    if settings.SIGN_IN_NEEDS_PROOF:
        proof.check(proof_of_work)
    email = email.strip().lower()
    if device := devices.recognise(request, email=email):
        consume(OWN_DEVICE, f"{email} {device}")
    else:
        consume(NETWORK, f"{email} {client_address(request)}")
        consume(STRANGERS, email)


class GuardedForm(forms.Form):
    """Mixin for a form that has a mail sent to the address in `address_field`."""

    address_field = ""

    @property
    def challenge(self) -> str:
        """The task for the browser (`components/proof.html`); empty if none is asked for."""
        return proof.challenge() if settings.SIGN_IN_NEEDS_PROOF else ""

    def clean(self) -> dict[str, Any] | None:
        if not self.errors:
            try:
                check(
                    context.request,
                    email=self.cleaned_data[self.address_field],
                    proof_of_work=self.data.get("proof", ""),
                )
            except Refusal as refusal:
                raise ValidationError(refusal.sentence) from refusal
        return super().clean()
