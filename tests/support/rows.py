"""Forms of the admin with rows, found in Wagtail's registries, and rows to type into them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django import forms
from django.db import models
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME
from wagtail.admin.panels import InlinePanel, Panel
from wagtail.models import RevisionMixin, get_page_models
from wagtail.snippets.models import get_snippet_models

# Fields that are filled although the form does not require them, by relation.
ALSO = {"contact_points": {"channel": "phone", "number": "+493023125001"}}
WORDS = "Typed words"
# Values of fields for text.
TYPED = {WORDS, "+493023125001"}


def panels_of(panel: Panel) -> Iterator[InlinePanel]:
    """Return the panels with rows in a form."""
    if isinstance(panel, InlinePanel):
        yield panel
    for child in getattr(panel, "children", ()):
        yield from panels_of(child)


@cache
def forms_with_rows() -> dict[type[models.Model], list[InlinePanel]]:
    """Return the models whose forms have rows, with the panels of these."""
    handlers = {model: model.get_edit_handler() for model in get_page_models()}
    handlers |= {model: model.snippet_viewset.get_edit_handler() for model in get_snippet_models()}
    found = {model: [*panels_of(handler)] for model, handler in handlers.items()}
    return {model: panels for model, panels in found.items() if panels}


def form_data(form: Any) -> dict[str, Any]:
    """Return what the browser would send for a form that nobody has changed."""
    data = {}
    for bound in [*form, *(field for each in form.formsets.values() for one in each.forms for field in one)]:
        value = bound.value()
        if value not in (None, False):
            data[bound.html_name] = "on" if value is True else value
    for formset in form.formsets.values():
        data |= {field.html_name: field.value() for field in formset.management_form}
        for inline in formset.forms:
            data.setdefault(f"{inline.prefix}-ORDER", 1)
    return data


def new_row(formset: Any) -> dict[str, str]:
    """Return values for another row: the required fields, as a person would fill them in."""
    row = {}
    for name, field in formset.empty_form.fields.items():
        if name not in {"id", DELETION_FIELD_NAME, ORDERING_FIELD_NAME} and field.required:
            row[name] = str(_value(field))
    return row | ALSO.get(formset.prefix, {})


def _value(field: forms.Field) -> Any:
    if isinstance(field, forms.ModelChoiceField):
        return field.queryset.order_by("-pk").first().pk
    choices = [code for code, _label in getattr(field, "choices", None) or getattr(field.widget, "choices", ()) if code]
    return choices[-1] if choices else WORDS


def stored_rows(record: Any, relation: str, names: Iterator[str] | list[str]) -> list[dict[str, str]]:
    """Return the rows of the newest version, as far as the named fields go."""
    newest = record.get_latest_revision_as_object() if isinstance(record, RevisionMixin) else record
    rows = getattr(newest, relation).all()
    return [{name: _text(getattr(row, row._meta.get_field(name).attname)) for name in names} for row in rows]


def _text(value: Any) -> str:
    return str(value).replace("\r\n", "\n")
