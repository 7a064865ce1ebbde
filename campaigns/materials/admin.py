"""Admin views of materials and themes."""

import uuid

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.snippets.views.snippets import CreateView

from campaigns.languages import language_choices
from campaigns.materials.models import Readership
from campaigns.models import Material, MaterialText, Theme
from campaigns.panels import InLanguagePanel
from campaigns.stories.choices import CampaignFilterSet, campaign_field, with_campaign
from campaigns.studio.admin import LanguagesColumn
from core.admin.features import NO_LOCK, OF_RECORDS, Feature, Missing
from core.admin.views import RecordViewSet, TranslatedIndexView


class MaterialForm(WagtailAdminModelForm):
    campaign_key = campaign_field(
        required=False, help_text=_("The campaign's pages list this material in every language.")
    )

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean()
        self.note_sources()
        files = self.formsets.get("files")
        if files is None:
            return cleaned
        seen = set()
        for form in files.forms:
            if form in files.deleted_forms or not form.is_valid() or not form.cleaned_data.get("document"):
                continue
            if hasattr(form.cleaned_data["document"], "output"):  # drawn by the studio, which draws several
                continue
            cleaned_file = form.cleaned_data
            one = (
                cleaned_file["language"],
                cleaned_file.get("country", ""),
                cleaned_file["document"].file_extension.lower(),
            )
            if one in seen:
                form.add_error("document", gettext("There is already a file in this format, language and country."))
                self.add_error(None, gettext("Two files have the same format, language and country."))
            seen.add(one)
        return cleaned

    def note_sources(self) -> None:
        """Store the source texts with each translation changed here.

        Other translations go stale if the source changed.
        """
        forms_ = self.formsets["texts"].forms if "texts" in self.formsets else []
        by_language = {form.cleaned_data.get("language"): form for form in forms_ if form.is_valid()}
        source = by_language.pop(settings.LANGUAGE_CODE, None)
        if source is None:
            return
        words = {name: source.cleaned_data.get(name, "") for name in MaterialText.WORDS}
        for form in by_language.values():
            if {*MaterialText.WORDS, "language"}.intersection(form.changed_data):
                form.instance.made_from = words


MATERIAL_FORM = TabbedInterface(
    [
        ObjectList(
            [
                FieldPanel("name"),
                FieldPanel("campaign_key"),
                MultiFieldPanel(
                    [
                        FieldPanel("kind"),
                        FieldPanel("audiences"),
                        FieldPanel("theme"),
                        FieldPanel("licence"),
                    ],
                    heading=_("What it is"),
                ),
            ],
            heading=_("Facts"),
        ),
        ObjectList(
            [
                InLanguagePanel(
                    "texts",
                    heading=_("Text"),
                    label=_("language"),
                    min_num=1,
                    help_text=_("What readers see above the files, once for each language that you have a text for."),
                )
            ],
            heading=_("Text"),
        ),
        ObjectList(
            [
                InLanguagePanel(
                    "files",
                    heading=_("Files"),
                    label=_("file"),
                    help_text=_(
                        "One file for each language and format. The format and size are read from the file. "
                        "A material without files is not shown."
                    ),
                )
            ],
            heading=_("Files"),
        ),
    ],
    base_form_class=MaterialForm,
)


class MaterialFilterSet(CampaignFilterSet):
    audience = ChoiceFilter(label=_("Audience"), choices=Readership.choices, method="for_readers")
    language = ChoiceFilter(
        label=_("Has a file in"), field_name="files__language", choices=language_choices, distinct=True
    )
    missing = ChoiceFilter(label=_("Has no file in"), choices=language_choices, method="without")

    class Meta:
        model = Material
        fields = ["campaign_key", "kind", "audience", "theme", "licence", "live"]

    def for_readers(self, materials: QuerySet[Material], name: str, value: str) -> QuerySet[Material]:
        return materials.filter(audiences__contains=[value])

    def without(self, materials: QuerySet[Material], name: str, value: str) -> QuerySet[Material]:
        return materials.exclude(files__language=value)


class MaterialCreateView(CreateView):
    """Preselect the campaign that the editor came from."""

    def get_initial_form_instance(self) -> Material:
        material: Material = super().get_initial_form_instance() or Material()
        try:
            material.campaign_key = uuid.UUID(self.request.GET.get("campaign_key", ""))
        except ValueError:
            material.campaign_key = None
        return material


class MaterialViewSet(RecordViewSet):
    model = Material
    missing_features: Missing = {
        **OF_RECORDS,
        Feature.SCHEDULE: _("A material appears with its campaign, at the time of the campaign."),
        Feature.WORKFLOW: _("Everyone who writes materials may publish them."),
        Feature.LOCK: NO_LOCK,
    }
    icon = "download"
    edit_handler = MATERIAL_FORM
    add_view_class = MaterialCreateView
    filterset_class = MaterialFilterSet
    list_per_page = 50
    ordering = "name"
    list_display = [
        "name",
        Column("get_kind_display", label=_("Kind"), sort_key="kind"),
        Column("campaign_title", label=_("Campaign"), sort_key="campaign_title"),
        LanguagesColumn("in_languages", label=_("Files in")),
        LiveStatusTagColumn(),
        UpdatedAtColumn(),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Material]:
        return with_campaign(Material.objects.all()).annotate(
            in_languages=ArrayAgg("files__language", distinct=True, default=[], filter=Q(files__isnull=False)),
        )


class ThemeViewSet(RecordViewSet):
    model = Theme
    icon = "tag"
    list_display = ["name", Column("locale", label=_("Language")), UpdatedAtColumn()]
    index_view_class = TranslatedIndexView
    ordering = "name"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Theme]:
        return Theme.objects.select_related("locale")
