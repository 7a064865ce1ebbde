"""Panels of the forms of campaigns, materials, designs and partners."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from wagtail.admin.forms import WagtailAdminModelForm

from core.admin.rows import RowsPanel


class InLanguageForm(WagtailAdminModelForm):
    """The form of a row in one language: a new row is in that of the admin until another is chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("language"):
            code = get_language()
            self.initial["language"] = code if code in settings.LANGUAGE_TABLE else settings.LANGUAGE_CODE


class InLanguagePanel(RowsPanel):
    """The rows of a record, each in one language."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        rows = options["formsets"][self.relation_name]
        rows["form"] = type("RowForm", (InLanguageForm, rows.get("form", WagtailAdminModelForm)), {})
        return options
