from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import LaunchContact
from campaigns.services import LONGEST_PREVIEW
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


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own has no argument
    """Somebody outside who is told when the campaign is public."""

    prefix = "contact"

    class Meta:
        model = LaunchContact
        fields = ["name", "email", "language"]

    def __init__(self, *args: Any, campaign_key: uuid.UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.campaign_key = campaign_key

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if LaunchContact.objects.filter(
            campaign_key=self.instance.campaign_key, email__iexact=email
        ).exists():
            raise forms.ValidationError(gettext("This address is on the list already."))
        return email


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
