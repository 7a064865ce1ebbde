"""The form in which a partner tells how it used the materials."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import CampaignPage, Material, Partner, UsageReport
from core.desk.forms import LinesField
from core.languages import names

# What is shown where nothing need be chosen.
NOTHING = "---------"


def material_choices(language: str) -> list[tuple[str, Any]]:
    """Return the public materials of the public campaigns as choices, by the title of the campaign."""
    titles = CampaignPage.objects.public().titles_in(language)
    materials = Material.objects.filter(live=True, campaign_key__in=titles).prefetch_related("texts")
    found: dict[str, list[tuple[str, str]]] = {}
    for material in materials:
        found.setdefault(titles[material.campaign_key][0], []).append(
            (str(material.pk), material.title_in(language))
        )
    return [
        ("", NOTHING),
        *(
            (title, sorted(rows, key=lambda row: names.sort_key(row[1])))
            for title, rows in sorted(found.items())
        ),
    ]


class UsageForm(forms.ModelForm[UsageReport]):
    """How materials of one campaign were used."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    campaign_key = forms.TypedChoiceField(label=_("Campaign"), coerce=UUID)
    material = forms.TypedChoiceField(
        label=_("Material"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Leave it empty if you used several."),
    )
    text = LinesField(
        label=_("How you used it"),
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=UsageReport._meta.get_field("text").help_text,
    )

    class Meta:
        model = UsageReport
        fields = ("campaign_key", "material_language", "country", "used_on", "copies", "people", "text")
        widgets = {"used_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    field_order = (
        "campaign_key",
        "material",
        "material_language",
        "country",
        "used_on",
        "copies",
        "people",
        "text",
    )

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = translation.get_language()
        titles = CampaignPage.objects.public().titles_in(language)
        ordered = sorted(
            ((str(key), title) for key, (title, _path) in titles.items()),
            key=lambda pair: names.sort_key(pair[1]),
        )
        self.choice_field("campaign_key").choices = [("", gettext("Please choose")), *ordered]
        self.choice_field("material").choices = material_choices(language)
        # Django's own label of nothing is in few languages.
        for name, nothing in (("country", gettext("Please choose")), ("material_language", NOTHING)):
            field = self.choice_field(name)
            field.choices = [("", nothing), *(choice for choice in field.choices if choice[0])]
        self.fields["country"].initial = partner.country

    def choice_field(self, name: str) -> Any:
        return self.fields[name]

    def clean_material(self) -> Material | None:
        key = self.cleaned_data["material"]
        return Material.objects.filter(pk=key).first() if key else None

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        material, campaign = cleaned.get("material"), cleaned.get("campaign_key")
        if material and campaign and material.campaign_key != campaign:
            self.add_error("material", gettext("This material belongs to another campaign."))
        return cleaned

    @property
    def told(self) -> dict[str, Any]:
        """What a valid form says, without its key."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}

    @property
    def spoken(self) -> list[tuple[str, str]]:
        """What a valid form says, in words, as (label, text)."""
        report = self.instance
        choices = dict(self.choice_field("campaign_key").choices)
        material = self.cleaned_data["material"]
        language = translation.get_language()
        rows = [
            (gettext("Campaign"), choices.get(str(report.campaign_key), "")),
            (gettext("Material"), material.title_in(language) if material else ""),
            (
                gettext("Language of the material"),
                names.language_name(report.material_language) if report.material_language else "",
            ),
            (gettext("Country"), report.country_name),
            (gettext("Day"), report.used_on),
            (gettext("Copies"), report.copies),
            (gettext("People reached"), report.people),
        ]
        return [(label, said) for label, said in rows if said not in {"", None}]
