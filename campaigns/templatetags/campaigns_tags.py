from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.core import get_global
from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from core.doors import public_url

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

register = template.Library()

# What could end the element early or open another one, as Django's `json_script` escapes it.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
# Where CLDR's likely country is not the one that our words are written for.
TERRITORIES = {"en": "GB"}


@register.simple_tag(name="json_ld")
def json_ld(thing: dict[str, Any]) -> SafeString:
    """A block of linked data. It is data, not script: browsers do not run it, whatever the policy says."""
    text = json.dumps(thing, cls=DjangoJSONEncoder, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308  (escaped above)


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
