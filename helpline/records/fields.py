"""The lists of codes that a listing has: each is a `CodesField` of one vocabulary."""

from django import forms
from django.conf import settings

from core.languages import names
from core.models.codes import CodesField
from helpline.vocabulary import codes, regions


class CountriesField(CodesField):
    names = codes.countries
    known = codes.country_codes


class LanguagesField(CodesField):
    names = codes.languages
    known = lambda: codes.LANGUAGES  # noqa: E731  (a vocabulary is a function of no arguments)


class RegionsField(CodesField):
    names = regions.choices
    known = regions.table


class AudiencesField(CodesField):
    names = codes.Audience.named
    known = lambda: codes.Audience.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


class NotForField(CodesField):
    names = codes.NotFor.named
    known = lambda: codes.NotFor.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


class SuitableForField(CodesField):
    names = codes.SuitableFor.named
    known = lambda: codes.SuitableFor.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


class SeesField(CodesField):
    names = codes.Sees.named
    known = lambda: codes.Sees.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


class AuthoritiesField(CodesField):
    names = codes.Authority.named
    known = lambda: codes.Authority.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


def site_languages() -> list[tuple[str, str]]:
    """Return (code, name) of the languages of this site, in the active language, sorted by name."""
    named = [(code, names.language_name(code)) for code in settings.INTERFACE_LANGUAGES]
    return sorted(named, key=lambda pair: names.sort_key(pair[1]))
