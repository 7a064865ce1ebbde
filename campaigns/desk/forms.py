"""Forms of the desk."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from campaigns.models import CampaignPage


def campaign_choices() -> list[tuple[str, str]]:
    """Every campaign once, by its key, under the title that it was first written with."""
    pages = CampaignPage.objects.first_written().order_by("title").values_list("translation_key", "title")
    return [("", gettext("None: it stands on its own")), *((str(key), title) for key, title in pages)]


class MaterialForm(WagtailAdminModelForm):
    """A material with its words and files."""

    campaign_key = forms.TypedChoiceField(
        label=_("Campaign"),
        choices=campaign_choices,
        coerce=lambda key: uuid.UUID(str(key)),
        empty_value=None,
        required=False,
        help_text=_("Its pages list this material, in every language."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        files = self.formsets.get("files")
        if files is None:
            return cleaned
        seen = set()
        for form in files.forms:
            if form in files.deleted_forms or not form.is_valid() or not form.cleaned_data.get("document"):
                continue
            one = (form.cleaned_data["language"], form.cleaned_data["document"].file_extension.lower())
            if one in seen:
                form.add_error(
                    "document", gettext("There is a file of this format in this language already.")
                )
                self.add_error(None, gettext("There are two files of the same format in one language."))
            seen.add(one)
        return cleaned
