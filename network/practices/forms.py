"""The form of an answer to a label of evidence."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.desk.forms import LinesField


class AnswerToLabelForm(forms.Form):
    """What the owner of a practice says to a label of its evidence."""

    text = LinesField(
        label=_("Your answer"),
        max_length=1500,
        help_text=_("A person reads it first. Then it stands beside the label, for everybody."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
