"""The admin views of materials and themes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet, SnippetViewSetGroup

from campaigns.desk.forms import MaterialForm, campaign_choices
from campaigns.desk.launches.hooks import menu_item as launches_menu_item
from campaigns.desk.partners import ActivityViewSet, PartnerViewSet, UsageReportViewSet
from campaigns.desk.results.views import CampaignResultViewSet
from campaigns.desk.studio import DesignViewSet, LanguagesColumn
from campaigns.desk.terms.viewset import TermViewSet
from campaigns.models import CampaignPage, Material, Theme
from campaigns.models.audiences import Readership
from campaigns.models.files import language_choices
from core.desk.choosers import ChooserViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from wagtail.admin.menu import MenuItem

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
                InlinePanel(
                    "texts",
                    heading=_("Text"),
                    label=_("language"),
                    min_num=1,
                    help_text=_(
                        "What readers see above the files, once for each language that you have a text for."
                    ),
                )
            ],
            heading=_("Text"),
        ),
        ObjectList(
            [
                InlinePanel(
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


class MaterialFilterSet(WagtailFilterSet):
    campaign_key = ChoiceFilter(
        label=_("Campaign"), choices=lambda: campaign_choices()[1:], method="of_campaign"
    )
    audience = ChoiceFilter(label=_("For whom"), choices=Readership.choices, method="for_readers")
    language = ChoiceFilter(
        label=_("Has a file in"), field_name="files__language", choices=language_choices, distinct=True
    )
    missing = ChoiceFilter(label=_("Has no file in"), choices=language_choices, method="without")

    class Meta:
        model = Material
        fields = ["campaign_key", "kind", "audience", "theme", "licence", "live"]

    def for_readers(self, materials: QuerySet[Material], name: str, value: str) -> QuerySet[Material]:
        return materials.filter(audiences__contains=[value])

    def of_campaign(self, materials: QuerySet[Material], name: str, value: str) -> QuerySet[Material]:
        return materials.filter(campaign_key=value)

    def without(self, materials: QuerySet[Material], name: str, value: str) -> QuerySet[Material]:
        return materials.exclude(files__language=value)


class MaterialCreateView(CreateView):
    """Preselects the campaign that the editor came from."""

    def get_initial_form_instance(self) -> Material:
        material: Material = super().get_initial_form_instance() or Material()
        try:
            material.campaign_key = uuid.UUID(self.request.GET.get("campaign_key", ""))
        except ValueError:
            material.campaign_key = None
        return material


class MaterialViewSet(SnippetViewSet):
    model = Material
    chooser_viewset_class = ChooserViewSet
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
        title = (
            CampaignPage.objects.originals()
            .filter(translation_key=OuterRef("campaign_key"))
            .values("title")[:1]
        )
        return Material.objects.annotate(
            campaign_title=Subquery(title),
            in_languages=ArrayAgg(
                "files__language", distinct=True, default=[], filter=Q(files__isnull=False)
            ),
        )


class ThemeViewSet(SnippetViewSet):
    model = Theme
    chooser_viewset_class = ChooserViewSet
    icon = "tag"
    list_display = ["name", Column("locale", label=_("Language")), UpdatedAtColumn()]
    list_select_related = ["locale"]
    ordering = "name"


class CampaignsGroup(SnippetViewSetGroup):
    items = (
        MaterialViewSet,
        DesignViewSet,
        PartnerViewSet,
        ActivityViewSet,
        UsageReportViewSet,
        CampaignResultViewSet,
        ThemeViewSet,
        TermViewSet,
    )
    menu_label = _("Campaigns")
    menu_icon = "bullhorn"
    menu_name = "campaigns"
    menu_order = 300

    def get_submenu_items(self) -> list[MenuItem]:
        return [launches_menu_item(), *super().get_submenu_items()]
