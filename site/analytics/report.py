"""The admin's report: how often pages were shown in the last weeks, and whether that rises or falls.

It has the numbers that the public will see: rounded, and small numbers left out.
Complete weeks appear here a week earlier.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy, pgettext
from django.views.generic import TemplateView, View

from analytics import open_data
from analytics.disclosure import PublishedTable
from analytics.models import CountedWeek, monday_of
from core.admin.spreadsheets import Echo
from core.admin.views import AdminView
from core.languages import names
from core.languages.bidi import left_to_right
from core.languages.lazy import StrOrPromise
from core.publishing.counted import ALL, OTHER, Cell, Counted

WEEKS = 12
# The trend compares the last weeks with as many before.
COMPARED = 4
PERMISSION = "analytics.view_countedweek"
LEFT_OUT = "\u2013"  # a dash


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRow:
    """One line: a number for each week, oldest first, None where it is left out or was not counted."""

    name: str
    numbers: Sequence[int | None]

    @property
    def cells(self) -> list[str]:
        return [LEFT_OUT if n is None else str(n) for n in self.numbers]

    @property
    def trend(self) -> str:
        """Change of the last weeks against those before, in percent.

        Empty if a number is missing, or if there was nothing before.
        """
        known = [n for n in self.numbers[-2 * COMPARED :] if n is not None]
        before, after = sum(known[:COMPARED]), sum(known[COMPARED:])
        if len(known) < 2 * COMPARED or not before:
            return ""
        change = round(100 * after / before - 100)
        return gettext("%(percent)s %%") % {"percent": f"{change:+d}".replace("-", "\u2212")}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendTable:
    title: StrOrPromise
    key: str
    weeks: Sequence[str]
    rows: Sequence[TrendRow]


def page_names(kinds: Iterable[Counted], pages: Iterable[str]) -> dict[str, str]:
    """Return the names of pages, by their codes."""
    wanted = sorted({*pages} - {ALL, OTHER})
    found = {page: page for page in wanted}
    for kind in kinds:
        found |= kind.names([page for page in wanted if kind.has(page)])
    return found | {OTHER: gettext("others, seldom shown"), ALL: pgettext("pages or languages", "all")}


def trends() -> Iterator[TrendTable]:
    """Yield two tables for each kind of page: by language, and by page."""
    weeks = [each.week for each in CountedWeek.objects.complete()][-WEEKS:]
    by_week = open_data.tables(weeks)
    kinds = {kind.name: kind for found in by_week.values() for kind, _table in found}
    for kind in kinds.values():
        tables = [{each.name: table for each, table in by_week[week]}.get(kind.name) for week in weeks]
        languages = {code for table in tables if table for code in table.languages}
        pages = [page for table in tables if table for page in table.pages]
        called = page_names([kind], pages)
        yield TrendTable(
            title=gettext("%(kind)s, by language") % {"kind": kind.title},
            key=f"{kind.name}-languages",
            weeks=weeks,
            rows=[
                _row(names.language_name(code), (code, ALL), tables)
                for code in sorted(languages, key=names.language_name)
            ]
            + [_row(called[ALL], (ALL, ALL), tables)],
        )
        ordered = sorted({*pages}, key=lambda page: (page == OTHER, names.sort_key(called[page])))
        yield TrendTable(
            title=gettext("%(kind)s, by page") % {"kind": kind.title},
            key=f"{kind.name}-pages",
            weeks=weeks,
            rows=[_row(called[page], (ALL, page), tables) for page in ordered],
        )


def _row(name: str, cell: Cell, tables: Sequence[PublishedTable | None]) -> TrendRow:
    return TrendRow(name=name, numbers=[table.numbers.get(cell) if table else None for table in tables])


class PagesShownView(AdminView, TemplateView):
    template_name = "analytics/admin/report.html"
    page_title = gettext_lazy("Pages shown")
    header_icon = "view"
    permission = PERMISSION

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        tables = list(trends())
        newest = CountedWeek.objects.complete().last()
        return super().get_context_data(
            tables=tables,
            is_counting=settings.ANALYTICS,
            newest=newest,
            week=newest and left_to_right(newest.week),
            monday=newest and monday_of(newest.week),
            **kwargs,
        )


class PagesShownFileView(View):
    """All complete weeks, by language and page, as a CSV file.

    `SafeExportMiddleware` makes its cells safe.
    """

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        writer = csv.writer(Echo())
        answer = StreamingHttpResponse(
            (writer.writerow(row) for row in (open_data.COLUMNS, *open_data.rows(CountedWeek.objects.complete()))),
            content_type="text/csv; charset=utf-8",
        )
        answer["Content-Disposition"] = 'attachment; filename="pages-shown.csv"'
        return answer


urlpatterns: list[URLPattern] = [
    path("reports/pages-shown/", PagesShownView.as_view(), name="pages_shown"),
    path("reports/pages-shown.csv", PagesShownFileView.as_view(), name="pages_shown_file"),
]
