"""The lists and forms of listings and of their texts, the export of a list, and the words for translators."""

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, ObjectList, PublishingPanel, TabbedInterface
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, UpdatedAtColumn
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import IndexView, SnippetViewSetGroup

from core.admin.features import NO_CHECKS, OF_RECORDS, Feature, Missing
from core.admin.rows import RowsPanel
from core.admin.views import RecordViewSet, TranslatedIndexView
from core.languages import names
from core.languages.names import TIMES_IN
from core.languages.wordings import Wording
from helpline.admin.forms import ListingForm, ReasonedForm
from helpline.admin.imports import kinds_for
from helpline.admin.listed_sites import SitesPanel
from helpline.admin.panels import panels
from helpline.admin.review import ListingCompareView, ListingHistoryView, ReviewView
from helpline.admin.review_queue.todo import not_submitted
from helpline.admin.review_queue.views import ReviewQueueViewSet
from helpline.admin.views import (
    ActionView,
    LawActionView,
    ListingCreateView,
    ListingEditView,
    ListingUnpublishView,
    ListingWorkflowActionView,
)
from helpline.approval.rule import User
from helpline.exchange.csv.columns import LAWS, PROGRAMMES, SUPPORT_LINES, Table
from helpline.exchange.imports.drafts import newest
from helpline.exchange.open_data.exports import with_points
from helpline.governance import services
from helpline.records import facts
from helpline.records.laws import CountryLaw, LawText
from helpline.records.listings import Listing
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.querysets import ListingQuerySet
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ApprovedText, ProgrammeText
from helpline.vocabulary import codes


class ImportedIndexView(IndexView):
    """List of records that can be imported, with a link to the import."""

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons = list(super().header_more_buttons)
        if kinds_for(self.request.user):
            buttons.append(Button(_("Import"), url=reverse("import-listings"), icon_name="upload", priority=60))
        return buttons


class TextIndexView(TranslatedIndexView, ImportedIndexView):
    pass


class ListingIndexView(ImportedIndexView):
    """List of listings.

    Users who may see it may export the latest revision of each, including drafts and hidden numbers.
    """

    @property
    def table(self) -> Table:
        return next(table for table in (PROGRAMMES, SUPPORT_LINES, LAWS) if table.model is self.model)

    def as_spreadsheet(self, queryset: QuerySet[Listing], spreadsheet_format: str) -> HttpResponse:
        whole = with_points(queryset.select_related("latest_revision"))  # type: ignore[arg-type]
        return super().as_spreadsheet(whole, spreadsheet_format)

    def to_row_dict(self, item: Listing) -> dict[str, str]:
        cells = self.table.serialize(newest(item))
        return {name: cells[name] for name in self.table.names}

    def get_heading(self, queryset: QuerySet[Listing], field: str) -> str:
        return field


DUE = [
    ("overdue", _("due, or never checked")),
    ("hidden", _("so overdue that the numbers are hidden")),
    ("unchecked", _("never checked")),
]


class ListingFilterSet(WagtailFilterSet):
    status = django_filters.ChoiceFilter(label=_("State"), choices=codes.Status.choices)
    due = django_filters.ChoiceFilter(label=_("Check"), choices=DUE, method="by_due")
    live = django_filters.BooleanFilter(label=_("Shown to the public"))
    drafts = django_filters.ChoiceFilter(
        label=_("Drafts"), choices=[("own", _("written by me and not submitted"))], method="by_drafts"
    )

    def by_drafts(self, listings: ListingQuerySet, name: str, value: str) -> ListingQuerySet:
        return listings.filter(not_submitted(listings.model, self.request.user))

    def by_due(self, listings: ListingQuerySet, name: str, value: str) -> ListingQuerySet:
        today = timezone.localdate()
        match value:
            case "overdue":
                return listings.overdue(today)
            case "hidden":
                return listings.stale(today)
            case _:
                return listings.unchecked()

    def by_country(self, listings: ListingQuerySet, name: str, value: str) -> ListingQuerySet:
        return listings.filter(countries__contains=[value])


class ProgrammeFilterSet(ListingFilterSet):
    country = django_filters.ChoiceFilter(label=_("Country"), choices=codes.countries, method="by_country")

    class Meta:
        model = Programme
        fields: list[str] = []


class SupportLineFilterSet(ListingFilterSet):
    country = django_filters.ChoiceFilter(label=_("Country"), choices=names.countries, method="by_country")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=codes.LineKind.choices)

    class Meta:
        model = SupportLine
        fields: list[str] = []


class LawFilterSet(ListingFilterSet):
    country = django_filters.ChoiceFilter(label=_("Country"), choices=names.countries)
    who_must_report = django_filters.ChoiceFilter(label=_("Who must report"), choices=codes.ReportingDuty.choices)

    class Meta:
        model = CountryLaw
        fields: list[str] = []


WHY_PANEL = FieldPanel("why")


class BelowTabs(ObjectList):
    """Part of a form that stays below all tabs, where one saves."""

    class BoundPanel(ObjectList.BoundPanel):
        def show_panel_furniture(self) -> bool:
            return False


def form_of(model: type[Programme | SupportLine], *tabs: ObjectList) -> TabbedInterface:
    """Return the form of a listing: its tabs, and below each of them the reason."""
    own = panels(model, tab=facts.CHECK)
    more = [SitesPanel(heading=_("Privacy of its websites")), PublishingPanel(help_text=TIMES_IN)]
    last = ObjectList([*own, *more], heading=facts.CHECK)
    return TabbedInterface([*tabs, last, BelowTabs([WHY_PANEL])], base_form_class=ListingForm)


class TwoPersonApprovalViewSet(RecordViewSet):
    """Records that need a second person.

    Copying is off, as a listing keeps one identifier for ever.
    """

    missing_features: Missing = {
        **OF_RECORDS,
        Feature.COMMENTS: _("Ask and answer under “Reasons and comments” on the page “Compare and decide”."),
        Feature.PREVIEW: _("“Compare and decide” shows each change beside the published version."),
        Feature.CHECKS: NO_CHECKS,
    }
    index_view_class = ImportedIndexView
    add_view_class = ListingCreateView
    edit_view_class = ListingEditView
    unpublish_view_class = ListingUnpublishView
    workflow_action_view_class = ListingWorkflowActionView
    revisions_compare_view_class = ListingCompareView
    history_view_class = ListingHistoryView
    copy_view_enabled = False

    def get_urlpatterns(self) -> list[URLPattern]:
        review = self.construct_view(ReviewView, viewset=self)
        return [*super().get_urlpatterns(), path("review/<int:pk>/", review, name="review")]

    @property
    def review_url_name(self) -> str:
        return self.get_url_name("review")


class ListingViewSet(TwoPersonApprovalViewSet):
    """Programmes and support lines."""

    index_view_class = ListingIndexView
    inspect_view_enabled = True
    list_per_page = 50
    ordering: tuple[str, ...] = ("name", "pk")
    add_to_settings_menu = False
    add_to_admin_menu = False

    action_view_class = ActionView

    def get_urlpatterns(self) -> list[URLPattern]:
        action = self.construct_view(self.action_view_class, viewset=self)
        return [*super().get_urlpatterns(), path("now/<int:pk>/", action, name="now")]


def country_names(listing: Programme | SupportLine) -> str:
    return names.joined(codes.country_name(code) for code in listing.countries)


class ProgrammeViewSet(ListingViewSet):
    model = Programme
    icon = "help"
    menu_label = _("Programmes")
    url_prefix = "programmes"
    list_export = PROGRAMMES.names
    export_filename = "programmes"
    search_fields = ["name", "operator", "reference"]
    filterset_class = ProgrammeFilterSet
    list_display = [
        "name",
        Column("countries", label=_("Countries"), accessor=country_names),
        Column("status", label=_("State"), accessor="get_status_display"),
        DateColumn("checked_on", label=_("Checked on")),
        DateColumn("next_check_due", label=_("Next check due"), sort_key="next_check_due"),
        UpdatedAtColumn(),
    ]
    edit_handler = form_of(
        Programme,
        ObjectList(panels(Programme, tab=facts.MAIN), heading=facts.MAIN),
        ObjectList(
            [
                RowsPanel(
                    "contact_points",
                    label=_("contact point"),
                    panels=panels(ContactPoint, tab=facts.CONTACT),
                )
            ],
            heading=facts.CONTACT,
        ),
        ObjectList(panels(Programme, tab=facts.TOLD), heading=facts.TOLD),
    )


class SupportLineViewSet(ListingViewSet):
    model = SupportLine
    icon = "warning"
    menu_label = _("Support lines")
    url_prefix = "support-lines"
    list_export = SUPPORT_LINES.names
    export_filename = "support-lines"
    search_fields = ["name", "reference", "number"]
    filterset_class = SupportLineFilterSet
    list_display = [
        "name",
        Column("countries", label=_("Countries"), accessor=country_names),
        Column("kind", label=_("Kind"), accessor="get_kind_display"),
        Column("status", label=_("State"), accessor="get_status_display"),
        DateColumn("next_check_due", label=_("Next check due"), sort_key="next_check_due"),
        UpdatedAtColumn(),
    ]
    edit_handler = form_of(SupportLine, ObjectList(panels(SupportLine, tab=facts.MAIN), heading=facts.MAIN))


class CountryLawViewSet(ListingViewSet):
    model = CountryLaw
    icon = "doc-full-inverse"
    menu_label = _("Laws of countries")
    url_prefix = "country-laws"
    list_export = LAWS.names
    export_filename = "laws"
    ordering = ("country", "part", "pk")
    search_fields = ["law", "reference"]
    filterset_class = LawFilterSet
    action_view_class = LawActionView
    list_display = [
        "__str__",
        Column("who_must_report", label=_("Who must report"), accessor="get_who_must_report_display"),
        Column("status", label=_("State"), accessor="get_status_display"),
        DateColumn("checked_on", label=_("Checked on")),
        DateColumn("next_check_due", label=_("Next check due"), sort_key="next_check_due"),
        UpdatedAtColumn(),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(panels(CountryLaw, tab=facts.MAIN), heading=facts.MAIN),
            ObjectList(
                [*panels(CountryLaw, tab=facts.CHECK), WHY_PANEL, PublishingPanel(help_text=TIMES_IN)],
                heading=facts.CHECK,
            ),
        ],
        base_form_class=ListingForm,
    )


TEXT_LACKS: Missing = {
    **TwoPersonApprovalViewSet.missing_features,
    Feature.SCHEDULE: _("A text is public as soon as a second person has approved it."),
}


class LawTextViewSet(TwoPersonApprovalViewSet):
    model = LawText
    missing_features = TEXT_LACKS
    index_view_class = TextIndexView
    icon = "doc-full"
    menu_label = _("Texts of laws")
    url_prefix = "law-texts"
    list_display = ["__str__", "words", UpdatedAtColumn()]
    search_fields = ["law__law", "words"]
    edit_handler = ObjectList([*LawText.panels, WHY_PANEL], base_form_class=ReasonedForm)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LawText]:
        return LawText.objects.select_related("law", "locale")


class ProgrammeTextViewSet(TwoPersonApprovalViewSet):
    model = ProgrammeText
    missing_features = TEXT_LACKS
    index_view_class = TextIndexView
    icon = "doc-full"
    menu_label = _("Texts")
    url_prefix = "programme-texts"
    list_display = [
        "programme",
        "summary",
        BooleanColumn("live", label=_("Reviewed by two people")),
        UpdatedAtColumn(),
    ]
    search_fields = ["programme__name", "summary"]
    edit_handler = ObjectList([*ProgrammeText.panels, WHY_PANEL], base_form_class=ReasonedForm)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgrammeText]:
        return ProgrammeText.objects.select_related("programme", "locale")


class ListingAdmin(SnippetViewSetGroup):
    """The menu of listings."""

    menu_label = _("Listings")
    menu_icon = "help"
    menu_order = 200
    submenu_hook = ReviewQueueViewSet.menu_hook
    items = (ProgrammeViewSet, ProgrammeTextViewSet, SupportLineViewSet, CountryLawViewSet, LawTextViewSet)


def note_translation(text: ApprovedText, by: User) -> None:
    services.note(listing=text, by=by, reason=gettext("Translated from the original."))


WORDINGS = (
    Wording(
        key="programmes",
        title=_("Texts of programmes"),
        model=ProgrammeText,
        fields=("summary", "contact", "answers", "not_for"),
        shared=("programme",),
        note=note_translation,
    ),
    Wording(
        key="laws",
        title=_("Texts of laws"),
        model=LawText,
        fields=("words",),
        shared=("law",),
        note=note_translation,
    ),
)
