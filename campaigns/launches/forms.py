from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from campaigns.launches.services import LONGEST_PREVIEW
from campaigns.models import LaunchContact, Partner
from core.languages import names

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

USUAL = dt.timedelta(days=7)


class HourForm(forms.Form):
    """The hour of a campaign, in the time zone of the desk."""

    prefix = "hour"

    hour = forms.DateTimeField(
        label=_("Not public before"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def clean_hour(self) -> dt.datetime:
        hour: dt.datetime = self.cleaned_data["hour"]
        if hour <= timezone.now():
            raise forms.ValidationError(gettext("Choose a moment that is still to come."))
        return hour


BY_HAND = ("name", "email", "language")


class PartnerChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own has no argument
    """The partners with a contact person, by their names in the language of the desk."""

    def label_from_instance(self, obj: Partner) -> str:
        name: str = obj.name_in(translation.get_language())
        return name


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own has no argument
    """Somebody outside who is told when the campaign is public."""

    prefix = "contact"

    class Meta:
        model = LaunchContact
        fields = ["partner", "name", "email", "language"]

    def __init__(self, *args: Any, campaign_key: uuid.UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.campaign_key = campaign_key
        self.listed = LaunchContact.objects.filter(campaign_key=campaign_key)
        fields: Any = self.fields
        fields["partner"] = PartnerChoice(
            queryset=Partner.objects.with_address().prefetch_related("texts"),
            required=False,
            label=capfirst(pgettext("organisation", "partner")),
            empty_label=gettext("Somebody else, entered below"),
            help_text=LaunchContact._meta.get_field("partner").help_text,
        )

    def clean(self) -> dict[str, object]:
        """A partner with a record has everything; of anybody else, name, address and language are needed."""
        cleaned: dict[str, Any] = super().clean() or {}
        partner = cleaned.get("partner")
        if partner is not None:
            cleaned |= dict.fromkeys(BY_HAND, "")
            for name in BY_HAND:
                self.errors.pop(name, None)
            if self.is_told(partner.contact_email):
                self.add_error("partner", gettext("This address is on the list already."))
            return cleaned
        for name in BY_HAND:
            if not cleaned.get(name) and name not in self.errors and "partner" not in self.errors:
                self.add_error(name, gettext("Enter this, or choose a partner."))
        if cleaned.get("email") and self.is_told(cleaned["email"]):
            self.add_error("email", gettext("This address is on the list already."))
        return cleaned

    def is_told(self, email: str) -> bool:
        known = self.listed.filter(Q(email__iexact=email) | Q(partner__contact_email__iexact=email))
        return bool(known.exists())


class PreviewLinkForm(forms.Form):
    """For whom a preview is, until when, and in which languages."""

    prefix = "preview"

    name = forms.CharField(
        label=_("For whom"),
        max_length=200,
        help_text=_("A person or an organisation. Only people at the desk see it."),
    )
    until = forms.DateField(
        label=_("Until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A month ahead at most."),
    )
    languages = forms.MultipleChoiceField(label=_("Languages"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, codes: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["languages"].choices = [(code, names.language_name(code)) for code in codes]
        today = timezone.localdate()
        fields["until"].initial = today + USUAL
        fields["until"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + LONGEST_PREVIEW - dt.timedelta(days=1)).isoformat(),
        }

    def clean_until(self) -> dt.datetime:
        """Return the end of the day, in the time zone of the desk."""
        day: dt.date = self.cleaned_data["until"]
        today = timezone.localdate()
        if day < today:
            raise forms.ValidationError(gettext("Choose a day that is not over."))
        if day >= today + LONGEST_PREVIEW:
            raise forms.ValidationError(gettext("A link works for 30 days at most."))
        return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))
