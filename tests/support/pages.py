"""An example page of any type, made without knowing the type: by its factory, or from its required fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.db import models
from wagtail.models import get_page_models

from core.models import BasePage
from tests.factories.core import PageFactory

# Values for fields that a page type declares; Wagtail fills its own fields.
PLAIN: dict[type[models.Field[Any, Any]], Any] = {
    models.CharField: "Some words",
    models.TextField: "Some words.",
    models.DateField: dt.date(2026, 11, 25),
    models.DateTimeField: dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC),
    models.URLField: "https://www.example.org/",
    models.EmailField: "someone@example.org",
}


def page_types() -> list[type[BasePage]]:
    return [model for model in get_page_models() if issubclass(model, BasePage)]


def factories(of: type[PageFactory] = PageFactory) -> Iterator[type[PageFactory]]:
    for app in ("core", "campaigns", "network", "helpline"):
        import_module(f"tests.factories.{app}")
    for factory in of.__subclasses__():
        yield factory
        yield from factories(factory)


def example(model: type[BasePage], home: BasePage) -> BasePage:
    """Return a live page of this type, below parents that it allows; for a home page, return `home` itself."""
    if isinstance(home, model):
        return home
    parents = model.allowed_parent_page_models()
    parent = home if type(home) in parents else parents[0].objects.first() or example(parents[0], home)
    factory = next((each for each in factories() if each._meta.model is model), None)
    if factory is not None:
        return factory(parent=parent)
    return PageFactory._create(model, parent=parent, title="Example", slug="example", **required(model))


def required(model: type[BasePage]) -> dict[str, Any]:
    """Return a value for each required field of this page type.

    Raise LookupError for one that needs a factory.
    """
    values = {}
    for field in model._meta.local_fields:
        if field.blank or field.has_default() or field.primary_key or not field.editable or field.auto_created:
            continue
        if type(field) not in PLAIN:
            app = model._meta.app_label
            raise LookupError(f"{model.__name__} has no factory in tests/factories/{app}.py to fill {field.name}.")
        values[field.name] = PLAIN[type(field)]
    return values
