"""What forms at the desk have in common: how they look, and fields for words that strangers write."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

# Characters that turn the direction of what follows: a name could then be read as another one.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """`text` without control characters other than line ends, and without what turns the direction of reading."""
    return "".join(
        letter
        for letter in text
        if letter == "\n"
        or (letter not in TURNING and unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn"})
    )


class FormRenderer(TemplatesSetting):
    """Every form and field looks as the design system says, without a word in its template."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class LineField(forms.CharField):
    """One line of text: whatever ends a line becomes a space, so that nothing can begin a new one where it is used."""

    def to_python(self, value: Any) -> Any:
        return printable(" ".join(str(super().to_python(value)).split()))


class LinesField(forms.CharField):
    """A few lines of text."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return printable("\n".join(str(super().to_python(value)).splitlines())).strip()
