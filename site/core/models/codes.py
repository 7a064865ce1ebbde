"""A list of codes in one column."""

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


class CodesField(ArrayField):  # type: ignore[type-arg]
    """A list of codes of one vocabulary, queried with `__contains` and `__overlap`, edited as a choice of names.

    Other codes are refused.
    """

    names: ClassVar[Callable[[], list[tuple[str, str]]]]
    widget: ClassVar[type[forms.Widget]] = forms.SelectMultiple

    def __init__(self, verbose_name: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", list)
        super().__init__(models.CharField(max_length=20), verbose_name=verbose_name, **kwargs)

    @classmethod
    def known(cls) -> Collection[str]:
        """Return every code of the vocabulary."""
        return {code for code, _name in cls.names()}

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

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        """Keep the order of the codes that stay.

        A form sorts them differently, and saving it unchanged must change nothing.
        """
        chosen = list(data or [])
        kept = [code for code in getattr(instance, self.name) or [] if code in chosen]
        super().save_form_data(instance, [*kept, *(code for code in chosen if code not in kept)])

    def formfield(self, **kwargs: Any) -> Any:
        return forms.TypedMultipleChoiceField(
            choices=type(self).names,
            label=capfirst(self.verbose_name),
            help_text=self.help_text,
            required=not self.blank,
            widget=kwargs.get("widget", self.widget),
            empty_value=[],
        )
