"""Filters of the directory."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages.lazy import StrOrPromise
from network.vocabulary.details import Detail
from network.vocabulary.models import Vocabulary

# The groups of the directory's choices, and those that are always visible.
FIRST = ("country", "language", "field")
GROUPS = (*FIRST, "role", "setting", "method", "population", "kind", "offers", "needs")


class DirectoryView(StrEnum):
    """A way to show the members found other than as a list."""

    TABLE = "table"
    MAP = "map"


class CodeFilterField(forms.ChoiceField):
    """One code of a group, or any.

    Known codes are valid even if they are not offered.
    """

    default_error_messages = {"invalid_choice": _("We do not know this choice.")}
    known: Collection[str] = ()

    def valid_value(self, value: object) -> bool:
        return value in self.known

    def __init__(self, *, unknown: StrOrPromise = "", **kwargs: Any) -> None:
        errors = {"invalid_choice": unknown} if unknown else None
        super().__init__(required=False, error_messages=errors, **kwargs)


class DirectoryFilter(forms.Form):
    """Filters of the directory.

    All are optional.
    An invalid value is reported, not guessed.
    """

    q = forms.CharField(
        label=_("Words"),
        max_length=100,
        required=False,
        help_text=_("A name, a place of work, a method …"),
        error_messages={"max_length": _("Please shorten your search to %(limit_value)d characters at most.")},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    country = CodeFilterField(label=_("Country"), unknown=_("We do not know this country."))
    language = CodeFilterField(label=_("Language"), unknown=_("We do not know this language."))
    # Translators: a field of work or study.
    field = CodeFilterField(label=_("Field of work"), unknown=_("We do not know this field of work."))
    role = CodeFilterField(label=Detail.ROLES.label)
    setting = CodeFilterField(label=Detail.WORK_SETTINGS.label)
    method = CodeFilterField(label=Detail.METHODS.label)
    population = CodeFilterField(label=Detail.POPULATIONS.label)
    kind = CodeFilterField(label=_("Person or organisation"))
    offers = CodeFilterField(label=Detail.OFFERS.label)
    needs = CodeFilterField(label=Detail.NEEDS.label)
    # Alternative view of the results.
    show = forms.ChoiceField(
        required=False,
        choices=[(view, view) for view in DirectoryView],
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("There is no such view.")},
    )
    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=9999,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("There is no such page.")),
    )

    def __init__(self, data: Any, *, vocabulary: Vocabulary, named: Mapping[str, Mapping[str, str]]) -> None:
        """Initialise the form.

        `named` maps group → code → name for all valid choices (`directory.choice_names`).
        """
        super().__init__(_with_current_codes(data, vocabulary), auto_id="filter-%s")
        for group in GROUPS:
            self.choice(group).known = named[group]

    def choice(self, name: str) -> CodeFilterField:
        field = self.fields[name]
        assert isinstance(field, CodeFilterField)  # noqa: S101  (for the type checker)
        return field

    @property
    def first(self) -> list[forms.BoundField]:
        """Return the fields that most readers filter by."""
        return [self[name] for name in ("q", *FIRST)]

    @property
    def more(self) -> list[forms.BoundField]:
        """Return the folded fields: the groups that have choices."""
        return [self[name] for name in GROUPS if name not in FIRST and self.offered[name]]

    @property
    def uses_more(self) -> bool:
        """Return whether a folded field has a value or an error."""
        return any(field.value() or field.errors for field in self.more)

    def offer(self, choices: Mapping[str, list[tuple[str, str]]]) -> None:
        """Offer only choices with results; others remain valid."""
        self.offered = choices
        for name, offered in choices.items():
            self.choice(name).choices = [("", pgettext_lazy("choice in a filter", "Any")), *offered]

    @property
    def asked(self) -> dict[str, str]:
        """Return the filters of a valid form by name, without empty ones, `page` and `show`.

        In the order of the fields.
        """
        return {name: value for name, value in self.cleaned_data.items() if value and name not in {"page", "show"}}

    @property
    def is_abuse(self) -> bool:
        """Return whether none of the site's forms can have sent this.

        That is, it is too long, has control characters, or a page that is not a number.
        """
        codes = {error.code for errors in self.errors.as_data().values() for error in errors}
        return bool(codes - {"invalid_choice"})


def _with_current_codes(data: Any, vocabulary: Vocabulary) -> Any:
    """Return the parameters with merged codes replaced, so that bookmarked URLs keep working."""
    old = {group: data[group] for group, codes in vocabulary.replaced.items() if data.get(group) in codes}
    if old:
        data = data.copy()
        for group, code in old.items():
            data[group] = vocabulary.replaced[group][code]
    return data
