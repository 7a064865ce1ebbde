"""Templates for lists of choices: same HTML as Django's, from fewer templates."""

import re
from datetime import date

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.test.signals import template_rendered
from django.utils.safestring import mark_safe

MANY = [(f"c{number}", f"Country {number}") for number in range(200)]
CHOICES = [
    ("", "Please choose"),
    ("a&b", "<Ada> & 'Ben'"),
    (mark_safe("c&amp;d"), "escaped already"),
    (None, "None"),
    (7, 1_000),
    (date(2026, 11, 25), mark_safe("<b>bold</b>")),
    ("Europe", [("de", "Germany"), ("fr", "France")]),
]


class Told(forms.Select):
    """A select whose options have more attributes than their value."""

    def create_option(self, *args, **kwargs):
        option = super().create_option(*args, **kwargs)
        option["attrs"] |= {"data-two": option["value"], "hidden": True, "disabled": False}
        return option


class WithoutLabels(forms.CheckboxSelectMultiple):
    def create_option(self, *args, **kwargs):
        return {**super().create_option(*args, **kwargs), "wrap_label": False}


class WithAnOptionOfItsOwn(forms.CheckboxSelectMultiple):
    option_template_name = "django/forms/widgets/input.html"


WIDGETS = [
    forms.Select,
    forms.SelectMultiple,
    Told,
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
    WithoutLabels,
    WithAnOptionOfItsOwn,
]


def shown(widget, renderer, *, value, attrs):
    """Return the widget's HTML, without the indentation and empty lines that pages lack anyway."""
    return re.sub(r"\n\s*", "\n", widget.render("name", value, attrs=attrs, renderer=renderer))


class TestLists:
    @pytest.mark.parametrize("kind", WIDGETS)
    @pytest.mark.parametrize("value", [None, "", ["fr", "7"], "a&b", 7])
    @pytest.mark.parametrize(
        "attrs", [{}, {"id": "id_name", "class": "wide", "required": True, "x": False, "data-n": 1_000}]
    )
    def test_are_written_as_django_writes_them(self, kind, value, attrs):
        widget = kind(choices=CHOICES)

        ours = shown(widget, get_default_renderer(), value=value, attrs=attrs)

        assert ours == shown(widget, DjangoTemplates(), value=value, attrs=attrs)

    @pytest.mark.parametrize("kind", [forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple])
    def test_take_the_same_templates_for_few_and_many_choices(self, kind):
        def templates(choices):
            names = []

            def note(**kwargs):
                names.append(kwargs["template"].name)

            template_rendered.connect(note)
            try:
                shown(kind(choices=choices), get_default_renderer(), value=[], attrs={"id": "id_name"})
            finally:
                template_rendered.disconnect(note)
            return names

        few = templates(MANY[:2])

        assert few
        assert templates(MANY) == few
