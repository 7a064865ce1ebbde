"""The form of a request to join."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from network.members.forms import OwnWordsForm, WorkForm
from network.members.models import Member


class JoinForm(OwnWordsForm, WorkForm):
    """A request to join the network."""

    kind = forms.ChoiceField(
        label=_("Who is joining"), choices=Member.Kind, widget=forms.RadioSelect, initial=Member.Kind.PERSON
    )
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        help_text=_("Use your work address if you have one. It is never shown."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    consent = forms.BooleanField(
        label=_("I have read this and agree that my request is kept and read"),
        error_messages={"required": _("Without your consent we may not keep your request.")},
    )

    field_order = (
        "kind", "name", "email", "affiliation", "ror", "orcid", "roles", "country", "languages", "expertise", "about",
        "offers", "needs", "work_settings", "methods", "populations", "has_page", "consent",
    )  # fmt: skip

    @property
    def request(self) -> dict[str, Any]:
        """The cleaned data for `services.request_to_join`, without email address and consent."""
        return self.work | self.words | {"kind": self.cleaned_data["kind"]}
