"""Panels of the forms in which listings and their contact points are edited."""

from __future__ import annotations

from django import forms
from wagtail.admin.panels import FieldPanel


def latin_panel(field_name: str) -> FieldPanel:
    """The panel of a number, an address or hours: from left to right, whatever the language of the desk."""
    return FieldPanel(field_name, widget=forms.TextInput(attrs={"dir": "ltr"}))
