"""The list of results, their totals, and their export and import as a table."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
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

from campaigns import tables
from campaigns.languages import country_choices, language_choices
from campaigns.models import CampaignPage, CampaignResult, Material, UsageReport
from campaigns.partners.activities import UsageReportQuerySet
from campaigns.results.models import CampaignResultQuerySet
from campaigns.stories.choices import CampaignFilterSet, campaign_choices, campaign_field, with_campaign
from core.admin.views import AdminView, RecordViewSet
from core.languages import names
from core.languages.lazy import StrOrPromise

MOST_ROWS = 2_000
FACTS = ("language", "country", "first_day", "last_day", "channel", "source", "method")
COLUMNS = ("id", "campaign", "material", *FACTS, *CampaignResult.NUMBERS)
REQUIRED = ("campaign", "language", "first_day", "last_day", "channel", "source", "method")


def slugs() -> dict[uuid.UUID, str]:
    """Return the slug of each campaign, by its key."""
    return dict(CampaignPage.objects.originals().values_list("translation_key", "slug"))


# --- Export ---


def table(results: Iterable[CampaignResult]) -> Iterator[list[str]]:
    """Yield the rows of the table, its head first. Cells are escaped as in all exports (`core.admin.spreadsheets`)."""
    names = slugs()
    yield list(COLUMNS)
    for result in results:
        yield [*cells(result, names).values()]


def cells(result: CampaignResult, names: Mapping[uuid.UUID, str]) -> dict[str, str]:
    written = {name: getattr(result, name) for name in (*FACTS, *CampaignResult.NUMBERS)}
    return {
        "id": str(result.key),
        "campaign": names.get(result.campaign_key, ""),
        "material": str(result.material_id or ""),
        **{name: "" if value is None else str(value) for name, value in written.items()},
    }


# --- Import ---


class ResultReader:
    """Compare a table with the stored results. A line without an id is new; results missing from the table stay."""

    def __init__(self) -> None:
        self.names = slugs()
        self.keys = {slug: key for key, slug in self.names.items()}
        self.known = {str(result.key): result for result in CampaignResult.objects.all()}
        self.materials = {str(each.pk): each for each in Material.objects.only("pk", "campaign_key")}
        self.plan = tables.ImportPlan()
        self.used: set[str] = set()

    def read(self, text: str) -> tables.ImportPlan:
        try:
            lines = tables.read_lines(text, columns=COLUMNS, required=REQUIRED, most=MOST_ROWS)
        except ValidationError as problem:
            return tables.ImportPlan(problems=problem.messages)
        for number, line in enumerate(lines, start=2):
            self.read_line(number, line)
        return self.plan

    def read_line(self, number: int, line: dict[str, str]) -> None:
        key = line.get("id", "").lower()
        if key in self.used:
            return self.refuse(number, gettext("this id stands in the table twice."))
        self.used |= {key} if key else set()
        result = self.known.get(key)
        if key and result is None:
            try:
                result = CampaignResult(key=uuid.UUID(key))
            except ValueError:
                return self.refuse(number, gettext("this is not an id."))
        result = result or CampaignResult()
        before = dict.fromkeys(COLUMNS, "") if result.pk is None else cells(result, self.names)
        try:
            self.fill(result, line)
            result.full_clean(exclude=["key"])
        except ValidationError as problem:
            for name, said in problem.message_dict.items():
                self.refuse(number, names.labelled(column_name(name), " ".join(said)))
            return None
        after = cells(result, self.names)
        changes = [
            (column_name(name), before[name], after[name]) for name in COLUMNS[1:] if before[name] != after[name]
        ]
        self.plan.add(result, changes)
        return None

    def fill(self, result: CampaignResult, line: Mapping[str, str]) -> None:
        """Set the fields of a result from a line. Raise ValidationError for an unknown campaign or material."""
        if line["campaign"] not in self.keys:
            raise ValidationError({"campaign_key": gettext("There is no such campaign.")})
        result.campaign_key = self.keys[line["campaign"]]
        if "material" in line:
            asked = line["material"]
            if asked and asked not in self.materials:
                raise ValidationError({"material": gettext("There is no such material.")})
            result.material = self.materials.get(asked)
        for name in (*FACTS, *CampaignResult.NUMBERS):
            if name in line:
                model_field: Any = CampaignResult._meta.get_field(name)
                value = line[name] or (None if name in CampaignResult.NUMBERS else "")
                try:
                    setattr(result, name, model_field.to_python(value) if value else value)
                except ValidationError as problem:
                    raise ValidationError({name: problem.messages}) from None

    def refuse(self, number: int, problem: str) -> None:
        self.plan.problems.append(gettext("Line %(number)d: %(problem)s") % {"number": number, "problem": problem})


def column_name(column: str) -> str:
    """Return the label of a column in the admin form."""
    model_field: Any = CampaignResult._meta.get_field({"campaign": "campaign_key"}.get(column, column))
    return str(capfirst(str(model_field.verbose_name)))


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


class CampaignResultViewSet(RecordViewSet):
    model = CampaignResult
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
    """Return the filters of the list with the values of a request."""
    return CampaignResultFilterSet(request.GET, queryset=CampaignResult.objects.all(), request=request)


# --- Totals ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """A way to group results: a field of results, the matching field of partners' reports, and names of the values."""

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
    """Sums of results. `copies` is the number that partners reported, which may overlap with the other numbers."""

    name: str = ""
    results: int = 0
    shown: int | None = None
    clicked: int | None = None
    put_up: int | None = None
    people: int | None = None
    copies: int | None = None

    @property
    def per_thousand(self) -> str:
        """Clicks for each 1000 times shown."""
        return f"{1000 * self.clicked / self.shown:.1f}" if self.shown and self.clicked is not None else ""


def totals(grouping: Grouping, results: CampaignResultQuerySet, reports: UsageReportQuerySet) -> list[TotalRow]:
    """Return a row for each value of the grouping, sorted by name, and one for all. Three queries."""
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


class ResultTotalsView(AdminView, TemplateView):
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


# --- Export and import ---


class ExportResultsView(View):
    """Export of the filtered list, as a table that can be imported again."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return tables.export("campaign-results.csv", table(filtered(request).qs))


class ImportResultsView(tables.ImportTableView):
    template_name = "campaigns/admin/results/import.html"
    model = CampaignResult

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return may_import(user)

    def read(self, text: str) -> tables.ImportPlan:
        return ResultReader().read(text)

    def saved(self, number: int) -> str:
        return ngettext("%(n)d result saved.", "%(n)d results saved.", number) % {"n": number}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(columns=", ".join(COLUMNS), **kwargs)
