"""Rows inside a form: saving stores the rows that the form shows, however often it is sent."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.panels import InlinePanel

# Fields that do not tell one row from another.
ADMINISTRATIVE = frozenset({"id", "ORDER", "DELETE"})


class RowFormSet(BaseChildFormSet):
    """All rows of a record.

    modelcluster keeps a stored row that no row of the form names, and stores a row without identifier as another one.
    If the response to an autosave is lost, the same form is sent again without the identifiers, and the row is stored
    twice. Here the form is the whole list: what it does not show is removed.
    """

    data: Any

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        if self.is_bound:
            self._forget_unknown_rows()

    def _forget_unknown_rows(self) -> None:
        """Clear the identifiers of rows that have been replaced since the form was opened: they are stored again."""
        known = {str(row.pk) for row in self.get_queryset()}
        names = [f"{self.add_prefix(index)}-{self.model._meta.pk.name}" for index in range(self.total_form_count())]
        if gone := [name for name in names if self.data.get(name) and str(self.data[name]) not in known]:
            self.data = self.data.copy()
            for name in gone:
                self.data[name] = ""

    def validate_unique(self) -> None:
        """Refuse rows that agree in all fields, even if no constraint of the database forbids them."""
        super().validate_unique()
        seen: list[dict[str, Any]] = []
        for form in self.forms:
            if form in self.deleted_forms or not form.is_valid() or (form.empty_permitted and not form.has_changed()):
                continue
            row = {name: value for name, value in form.cleaned_data.items() if name not in ADMINISTRATIVE}
            if row in seen:
                form.add_error(None, gettext("The same row is there twice. Remove one."))
                raise ValidationError(gettext("The same row is there twice. Remove one."))
            seen.append(row)

    def save(self, commit: bool = True) -> list[Any]:
        if self.instance.pk and transaction.get_connection().in_atomic_block:  # not in a preview
            # A second request with the same form waits here, and then replaces the rows of the first.
            type(self.instance)._default_manager.select_for_update(of=("self",)).filter(pk=self.instance.pk).first()
        manager = getattr(self.instance, self.rel_name)
        shown = {form.instance.pk for form in self.initial_forms}
        manager.remove(*(row for row in manager.all() if row.pk not in shown))
        saved: list[Any] = super().save(commit)
        return saved


class RowsPanel(InlinePanel):
    """Wagtail's panel for rows, with the form set above."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = RowFormSet
        return options
