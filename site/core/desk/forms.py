"""What forms at the desk share: their look, and fields for text from strangers."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

# Bidi control characters: with them, one name could be made to look like another.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Return `text` without bidi controls, and without control characters other than line breaks."""
    return "".join(
        letter
        for letter in text
        if letter == "\n"
        or (letter not in TURNING and unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn"})
    )


class FormRenderer(TemplatesSetting):
    """Render every form and field with the design system's templates."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class LineField(forms.CharField):
    """One line of text. Line breaks become spaces, so that the value cannot start a new line wherever it is used."""

    def to_python(self, value: object) -> Any:
        return printable(" ".join(str(super().to_python(value)).split()))


class LinesField(forms.CharField):
    """A few lines of text."""

    widget = forms.Textarea

    def to_python(self, value: object) -> Any:
        return printable("\n".join(str(super().to_python(value)).splitlines())).strip()
