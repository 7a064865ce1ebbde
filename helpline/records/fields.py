"""The lists of codes that a listing has: each is a `CodesField` of one vocabulary."""

from django import forms
from django.conf import settings

from core.languages import names
from core.models.codes import CodesField
from helpline.vocabulary import codes, regions


class CountriesField(CodesField):
    names = codes.countries


class LanguagesField(CodesField):
    names = codes.languages


class RegionsField(CodesField):
    names = regions.choices


class AudiencesField(CodesField):
    names = codes.Audience.named
    widget = forms.CheckboxSelectMultiple


class NotForField(CodesField):
    names = codes.NotFor.named
    widget = forms.CheckboxSelectMultiple


class SuitableForField(CodesField):
    names = codes.SuitableFor.named
    widget = forms.CheckboxSelectMultiple


class SeesField(CodesField):
    names = codes.Sees.named
    widget = forms.CheckboxSelectMultiple


class AuthoritiesField(CodesField):
    names = codes.Authority.named
    widget = forms.CheckboxSelectMultiple


def site_languages() -> list[tuple[str, str]]:
    """Return (code, name) of the languages of this site, in the active language, sorted by name."""
    named = [(code, names.language_name(code)) for code in settings.INTERFACE_LANGUAGES]
    return sorted(named, key=lambda pair: names.sort_key(pair[1]))
