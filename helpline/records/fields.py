"""Lists of codes as array columns: queried with `__contains` and `__overlap`, edited as a choice of names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.languages import names
from helpline.vocabulary import codes, duties

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


class CodesField(ArrayField):  # type: ignore[type-arg]
    """A list of codes of one vocabulary. Codes outside it are refused."""

    names: ClassVar[Callable[[], list[tuple[str, str]]]]
    known: ClassVar[Callable[[], Collection[str]]]
    widget: ClassVar[type[forms.Widget]] = forms.SelectMultiple

    def __init__(self, verbose_name: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", list)
        super().__init__(models.CharField(max_length=20), verbose_name=verbose_name, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("base_field", None)
        return name, path, args, kwargs

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        known = type(self).known()
        unknown = [code for code in value or [] if code not in known]
        if unknown:
            raise ValidationError(_("Unknown: %(codes)s"), params={"codes": ", ".join(map(str, unknown))})

    def formfield(self, **kwargs: Any) -> Any:
        return forms.TypedMultipleChoiceField(
            choices=type(self).names,
            label=capfirst(self.verbose_name),
            help_text=self.help_text,
            required=not self.blank,
            widget=kwargs.get("widget", self.widget),
            empty_value=[],
        )


class CountriesField(CodesField):
    names = codes.countries
    known = codes.country_codes


class LanguagesField(CodesField):
    names = codes.languages
    known = lambda: codes.LANGUAGES  # noqa: E731  (a vocabulary is a function of no arguments)


class AudiencesField(CodesField):
    names = codes.Audience.named
    known = lambda: codes.Audience.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


class NotForField(CodesField):
    names = codes.NotFor.named
    known = lambda: codes.NotFor.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


class SeesField(CodesField):
    names = codes.Sees.named
    known = lambda: codes.Sees.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


class AuthoritiesField(CodesField):
    names = duties.Authority.named
    known = lambda: duties.Authority.values  # noqa: E731
    widget = forms.CheckboxSelectMultiple


def site_languages() -> list[tuple[str, str]]:
    """Return (code, name) of the languages of this site, in the active language, sorted by name."""
    named = [(code, names.language_name(code)) for code in settings.INTERFACE_LANGUAGES]
    return sorted(named, key=lambda pair: names.sort_key(pair[1]))
