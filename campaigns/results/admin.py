"""The list of results, what they add up to, and the table that is taken out and brought back."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from django_filters import ChoiceFilter
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from campaigns.languages import country_choices, language_choices
from campaigns.models import CampaignResult, Material, UsageReport
from campaigns.results import table
from campaigns.stories.choices import CampaignFilterSet, campaign_choices, campaign_field, with_campaign
from campaigns.terms.admin.viewset import SHOWN, TableForm
from core.desk.choosers import ChooserViewSet
from core.desk.spreadsheets import Echo
from core.desk.views import DeskFormView, DeskView
from core.languages import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
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


class CampaignResultIndexView(IndexView):
    @cached_property
    def header_more_buttons(self) -> list[Button]:
        query = self.request.GET.urlencode()
        more = [
            *super().header_more_buttons,
            Button(
                _("What it adds up to"),
                url=f"{reverse('result_totals')}?{query}",
                icon_name="table",
                priority=80,
            ),
            Button(
                _("Take the list out as a table"),
                url=f"{reverse('export_results')}?{query}",
                icon_name="download",
                priority=90,
            ),
        ]
        if may_import(self.request.user):
            more.append(
                Button(_("Bring a table in"), url=reverse("import_results"), icon_name="upload", priority=91)
            )
        return more


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


def may_import(user: Any) -> bool:
    return bool(user.has_perms([ADD, CHANGE]))


def list_url() -> str:
    return reverse(CampaignResult.snippet_viewset.get_url_name("list"))


def chosen(request: HttpRequest) -> QuerySet[CampaignResult]:
    """Return the results that the filters of the list leave."""
    found: QuerySet[CampaignResult] = CampaignResultFilterSet(
        request.GET, queryset=CampaignResult.objects.all(), request=request
    ).qs
    return found


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
        yield list_url(), capfirst(str(CampaignResult._meta.verbose_name_plural))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("by")
        grouping = next((each for each in GROUPINGS if each.key == asked), GROUPINGS[0])
        filters = CampaignResultFilterSet(
            self.request.GET, queryset=CampaignResult.objects.all(), request=self.request
        )
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
        writer = csv.writer(Echo())
        answer = StreamingHttpResponse(
            (writer.writerow(row) for row in table.table(chosen(request))),
            content_type="text/csv; charset=utf-8",
        )
        answer["Content-Disposition"] = 'attachment; filename="campaign-results.csv"'
        return answer


class ImportResultsView(DeskFormView):
    """Read a table, show what it would change, and save that once somebody has confirmed it. Nothing is kept in between."""

    template_name = "campaigns/admin/results/import.html"
    form_class = TableForm
    page_title = _("Bring a table in")
    header_icon = "upload"

    def allows(self, user: Any) -> bool:
        return may_import(user)

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield list_url(), capfirst(str(CampaignResult._meta.verbose_name_plural))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.POST.get("table", "")
        if not text or len(text) > table.LARGEST_FILE:
            return super().post(request, *args, **kwargs)
        plan = table.ResultReader().read(text)
        if plan.problems:
            return self.show(plan, text)
        number = table.save(plan)
        messages.success(
            request, ngettext("%(n)d result saved.", "%(n)d results saved.", number) % {"n": number}
        )
        return redirect(list_url())

    def form_valid(self, form: TableForm) -> HttpResponse:
        text = form.cleaned_data["file"]
        return self.show(table.ResultReader().read(text), text)

    def show(self, plan: table.ResultPlan, text: str) -> HttpResponse:
        context = self.get_context_data(
            form=TableForm(), plan=plan, rows=plan.rows[:SHOWN], more=len(plan.rows[SHOWN:]), table=text,
            columns=", ".join(table.COLUMNS),
        )  # fmt: skip
        return self.render_to_response(context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"columns": ", ".join(table.COLUMNS), **kwargs})


urlpatterns: list[URLPattern] = [
    path("results/totals/", ResultTotalsView.as_view(), name="result_totals"),
    path("results/export/", ExportResultsView.as_view(), name="export_results"),
    path("results/import/", ImportResultsView.as_view(), name="import_results"),
]
