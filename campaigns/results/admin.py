"""The list of results, what they add up to, and the table that is taken out and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from django_filters import ChoiceFilter
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import SnippetViewSet

from campaigns import tables
from campaigns.languages import country_choices, language_choices
from campaigns.models import CampaignResult, Material, UsageReport
from campaigns.results import table
from campaigns.stories.choices import CampaignFilterSet, campaign_choices, campaign_field, with_campaign
from core.desk.views import ChooserViewSet, DeskView
from core.languages import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse
    from django_stubs_ext import StrOrPromise

    from campaigns.partners.querysets import UsageReportQuerySet
    from campaigns.results.models import CampaignResultQuerySet

VIEW, ADD, CHANGE = (f"campaigns.{verb}_campaignresult" for verb in ("view", "add", "change"))


class CampaignResultForm(WagtailAdminModelForm):
    campaign_key = campaign_field()


RESULT_FORM = ObjectList(
    [
        FieldRowPanel([FieldPanel("campaign_key"), FieldPanel("material")]),
        FieldRowPanel([FieldPanel("language"), FieldPanel("country")]),
        FieldRowPanel([FieldPanel("first_day"), FieldPanel("last_day")]),
        FieldRowPanel([FieldPanel("channel"), FieldPanel("source")]),
        FieldPanel("method"),
        FieldRowPanel([FieldPanel("shown"), FieldPanel("clicked")]),
        FieldRowPanel([FieldPanel("put_up"), FieldPanel("people")]),
    ],
    base_form_class=CampaignResultForm,
)


class CampaignResultFilterSet(CampaignFilterSet):
    channel = ChoiceFilter(label=_("Channel"), choices=CampaignResult.Channel.choices)
    language = ChoiceFilter(label=_("Language"), choices=language_choices)
    country = ChoiceFilter(label=_("Country"), choices=country_choices)

    class Meta:
        model = CampaignResult
        fields = ["campaign_key", "channel", "language", "country"]


class CampaignResultIndexView(tables.TableIndexView):
    export_url_name = "export_results"
    import_url_name = "import_results"

    def may_import(self) -> bool:
        return may_import(self.request.user)

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        url = f"{reverse('result_totals')}?{self.request.GET.urlencode()}"
        totals = Button(_("What it adds up to"), url=url, icon_name="table", priority=80)
        return [*super().header_more_buttons, totals]


class CampaignResultViewSet(SnippetViewSet):
    model = CampaignResult
    chooser_viewset_class = ChooserViewSet
    icon = "table"
    edit_handler = RESULT_FORM
    index_view_class = CampaignResultIndexView
    filterset_class = CampaignResultFilterSet
    list_per_page = 50
    ordering = "-last_day"
    list_display = [
        "__str__",
        Column("campaign_title", label=_("Campaign"), sort_key="campaign_title"),
        Column("material", label=_("Material")),
        Column("language", label=_("Language"), accessor=lambda row: names.language_name(row.language)),
        Column("country", label=_("Country"), accessor=lambda row: country(row.country)),
        Column("shown", label=_("Shown"), sort_key="shown"),
        Column("clicked", label=_("Clicked"), sort_key="clicked"),
        Column("put_up", label=_("Put up or handed out"), sort_key="put_up"),
        Column("people", label=_("People reached"), sort_key="people"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CampaignResult]:
        return with_campaign(CampaignResult.objects.select_related("material"))


def country(code: str) -> str:
    return names.country_name(code) if code else gettext("several, or not known")


def may_import(user: AbstractUser | AnonymousUser) -> bool:
    return bool(user.has_perms([ADD, CHANGE]))


def filtered(request: HttpRequest) -> CampaignResultFilterSet:
    """Return the filters of the list as a request has set them."""
    return CampaignResultFilterSet(request.GET, queryset=CampaignResult.objects.all(), request=request)


# --- Totals ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What results can be compared by: fields of a result, the fields of a partner's report that mean the same, and their names."""

    key: str
    title: StrOrPromise
    field: str
    reported: str = ""
    named: Callable[[set[Any]], dict[Any, str]]


def _campaigns(keys: set[Any]) -> dict[Any, str]:
    titles = dict(campaign_choices()[1:])
    return {key: titles.get(str(key), str(key)) for key in keys}


def _materials(keys: set[Any]) -> dict[Any, str]:
    found = dict(Material.objects.filter(pk__in=keys - {None}).values_list("pk", "name"))
    return found | {None: gettext("The campaign as a whole")}


GROUPINGS = (
    Grouping(key="material", title=_("Material"), field="material", reported="material", named=_materials),
    Grouping(
        key="language",
        title=_("Language"),
        field="language",
        reported="material_language",
        named=lambda codes: {code: names.language_name(code) if code else country("") for code in codes},
    ),
    Grouping(
        key="country",
        title=_("Country"),
        field="country",
        reported="country",
        named=lambda codes: {code: country(code) for code in codes},
    ),
    Grouping(
        key="campaign",
        title=_("Campaign"),
        field="campaign_key",
        reported="campaign_key",
        named=_campaigns,
    ),
    Grouping(
        key="channel",
        title=_("Channel"),
        field="channel",
        named=lambda keys: {key: str(CampaignResult.Channel(key).label) for key in keys},
    ),
)


@dataclass(slots=True, kw_only=True)
class TotalRow:
    """What results add up to. `copies`: what partners reported of their own accord, which may be among the others."""

    name: str = ""
    results: int = 0
    shown: int | None = None
    clicked: int | None = None
    put_up: int | None = None
    people: int | None = None
    copies: int | None = None

    @property
    def per_thousand(self) -> str:
        """How often it was clicked of 1000 times that it was shown."""
        return f"{1000 * self.clicked / self.shown:.1f}" if self.shown and self.clicked is not None else ""


def totals(
    grouping: Grouping, results: CampaignResultQuerySet, reports: UsageReportQuerySet
) -> list[TotalRow]:
    """Return a row for each value of what is compared, by name, and one for all. Three queries."""
    found: dict[Any, TotalRow] = {}
    for row in results.added_up(grouping.field):
        sums = {name: row[f"{name}_sum"] for name in CampaignResult.NUMBERS}
        found[row[grouping.field]] = TotalRow(results=row["results"], **sums)
    if grouping.reported:
        for key, copies in reports.copies_by(grouping.reported):
            found.setdefault(key, TotalRow()).copies = copies
    called = grouping.named({*found})
    for key, total in found.items():
        total.name = called.get(key, str(key))
    ordered = sorted(found.values(), key=lambda row: names.sort_key(row.name))
    return [*ordered, _sum(ordered)] if ordered else []


def _sum(rows: list[TotalRow]) -> TotalRow:
    def add(name: str) -> int | None:
        known = [n for row in rows if (n := getattr(row, name)) is not None]
        return sum(known) if known else None

    sums = {name: add(name) for name in (*CampaignResult.NUMBERS, "copies")}
    return TotalRow(name=gettext("All together"), results=sum(row.results for row in rows), **sums)


class ResultTotalsView(DeskView, TemplateView):
    """What results add up to, side by side."""

    template_name = "campaigns/admin/results/totals.html"
    page_title = _("What it adds up to")
    header_icon = "table"
    permission = VIEW

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield tables.list_url(CampaignResult), capfirst(str(CampaignResult._meta.verbose_name_plural))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        asked = self.request.GET.get("by")
        grouping = next((each for each in GROUPINGS if each.key == asked), GROUPINGS[0])
        filters = filtered(self.request)
        return super().get_context_data(
            grouping=grouping,
            groupings=GROUPINGS,
            filters=filters,
            rows=totals(grouping, filters.qs, UsageReport.objects.matching(filters.form.cleaned_data)),
            **kwargs,
        )


# --- Out and in --------------------------------------------------------------------------------------------------------------------


class ExportResultsView(View):
    """The list, or what the filters leave of it, as a table that can be brought back."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return tables.export("campaign-results.csv", table.table(filtered(request).qs))


class ImportResultsView(tables.ImportTableView):
    template_name = "campaigns/admin/results/import.html"
    model = CampaignResult

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_import(user)

    def read(self, text: str) -> tables.ImportPlan:
        return table.ResultReader().read(text)

    def saved(self, number: int) -> str:
        return ngettext("%(n)d result saved.", "%(n)d results saved.", number) % {"n": number}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(columns=", ".join(table.COLUMNS), **kwargs)


urlpatterns: list[URLPattern] = [
    path("results/totals/", ResultTotalsView.as_view(), name="result_totals"),
    path("results/export/", ExportResultsView.as_view(), name="export_results"),
    path("results/import/", ImportResultsView.as_view(), name="import_results"),
]
