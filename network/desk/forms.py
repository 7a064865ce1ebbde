from django import forms
from django.utils.translation import gettext_lazy as _

from core.desk.forms import LinesField


class AnswerForm(forms.Form):
    """A message from a reviewer to somebody who asked to join."""

    text = LinesField(label=_("Your words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 6}))
