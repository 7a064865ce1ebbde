"""Shared parts of the private site's forms: their look, fields for untrusted text, and lists of choices.

Django renders two or three templates per choice, so a form with a list of countries rendered a thousand of them.
The templates in `templates/django/forms/widgets/` call functions of this module instead, which write the HTML of
Django's widget templates.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.template.loader import render_to_string
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_noop

# Bidi control characters: with them, one name could be made to look like another.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Return `text` without bidi controls, and without control characters other than line breaks."""
    return "".join(
        letter
        for letter in text
        if letter == "\n" or (letter not in TURNING and unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn"})
    )


class FormRenderer(TemplatesSetting):
    """Render every form and field with the design system's templates."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class LineField(forms.CharField):
    """One line of text.

    Line breaks become spaces, so that the value cannot start a new line wherever it is used.
    """

    def to_python(self, value: object) -> Any:
        return printable(" ".join(str(super().to_python(value)).split()))


class LinesField(forms.CharField):
    """A few lines of text."""

    widget = forms.Textarea

    def to_python(self, value: object) -> Any:
        return printable("\n".join(str(super().to_python(value)).splitlines())).strip()


# Label of Django's empty choice, which Django itself translates into few languages.
NOTHING = gettext_noop("- Select an option -")

OPTION = "django/forms/widgets/select_option.html"
INPUTS = ("django/forms/widgets/checkbox_option.html", "django/forms/widgets/radio_option.html")


def options(widget: Mapping[str, Any]) -> SafeString:
    """Return the `<option>`s of a `<select>`, in their groups.

    `widget` is the context of Django's template.
    """
    return mark_safe("".join(_options(widget)))  # noqa: S308  (everything is escaped below)


def _options(widget: Mapping[str, Any]) -> Iterator[str]:
    for name, choices, _index in widget["optgroups"]:
        if name:
            yield f'\n  <optgroup label="{_text(name)}">'
        for choice in choices:
            if choice["template_name"] == OPTION:
                value = conditional_escape(str(choice["value"]))
                yield f'\n  <option value="{value}"{_attributes(choice)}>{_text(choice["label"])}</option>'
            else:
                yield _by_its_template(choice)
        if name:
            yield "\n  </optgroup>"


def inputs(widget: Mapping[str, Any]) -> SafeString:
    """Return a labelled checkbox or radio button for each choice.

    `widget` is the context of Django's template.
    """
    return mark_safe("".join(_inputs(widget)))  # noqa: S308  (everything is escaped below)


def _inputs(widget: Mapping[str, Any]) -> Iterator[str]:
    for name, choices, _index in widget["optgroups"]:
        if name:
            yield f"\n  <div><label>{_text(name)}</label>"
        for choice in choices:
            own = _by_its_template(choice) if choice["template_name"] not in INPUTS else _input(choice)
            yield f"<div>\n    {own}\n</div>"
        if name:
            yield "\n  </div>"


def _input(choice: Mapping[str, Any]) -> str:
    value = "" if choice["value"] is None else f' value="{conditional_escape(str(choice["value"]))}"'
    found = f'<input type="{_text(choice["type"])}" name="{_text(choice["name"])}"{value}{_attributes(choice)}>'
    if not choice["wrap_label"]:
        return found
    name = choice["attrs"].get("id")
    target = f' for="{_text(name)}"' if name else ""
    return f"<label{target}>{found}\n {_text(choice['label'])}</label>"


def _by_its_template(choice: Mapping[str, Any]) -> str:
    return render_to_string(choice["template_name"], {"widget": choice})


def _attributes(choice: Mapping[str, Any]) -> str:
    return "".join(
        f" {_text(name)}" if value is True else f' {_text(name)}="{conditional_escape(str(value))}"'
        for name, value in choice["attrs"].items()
        if value is not False
    )


def _text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, str) else localize(value))
