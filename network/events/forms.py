"""The form of a guest who registers for an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from core.desk.forms import LineField

if TYPE_CHECKING:
    pass


class GuestForm(forms.Form):
    """Registration of somebody who does not sign in."""

    name = LineField(
        label=_("Name"),
        max_length=120,
        help_text=_("As it shall stand on a certificate of attendance."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
