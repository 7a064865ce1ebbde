from __future__ import annotations

from babel import Locale
from babel.core import get_global
from django import template

from core.doors import public_url

register = template.Library()

# Where CLDR's likely country is not the one that our words are written for.
TERRITORIES = {"en": "GB"}


@register.filter(name="open_graph_locale")
def open_graph_locale(code: str) -> str:
    """A language as Open Graph wants it, with the country where most of its readers live: `de_DE`."""
    language = code.partition("-")[0]
    if language in TERRITORIES:
        return f"{language}_{TERRITORIES[language]}"
    likely = get_global("likely_subtags").get(language)
    territory = Locale.parse(likely).territory if likely else None
    return f"{language}_{territory}" if territory else language


@register.filter(name="public_url")
def absolute(path: str) -> str:
    """The absolute address of a path at the public door."""
    return path if path.startswith("http") else public_url(path)
