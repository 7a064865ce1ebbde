"""Records as CSV tables: exported, changed in a spreadsheet, and imported after a confirmation of the changes."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django import forms
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import IndexView

from core.admin.spreadsheets import Echo
from core.admin.views import AdminFormView
from core.languages.lazy import StrOrPromise

LARGEST_FILE = 2_000_000  # bytes
# Number of changed rows shown before an import.
SHOWN = 100


@dataclass(slots=True, kw_only=True)
class PlannedRow:
    """The effect of a line of a table. `changes` are the column, the value before, and the value after."""

    record: Model
    is_new: bool
    changes: list[tuple[str, str, str]]


@dataclass(slots=True, kw_only=True)
class ImportPlan:
    """Changes of an import. Nothing is saved while there are problems."""

    rows: list[PlannedRow] = field(default_factory=list)
    same: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def new(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.is_new]

    @property
    def changed(self) -> list[PlannedRow]:
        return [row for row in self.rows if not row.is_new]

    def add(self, record: Model, changes: list[tuple[str, str, str]]) -> None:
        if changes:
            self.rows.append(PlannedRow(record=record, is_new=record.pk is None, changes=changes))
        else:
            self.same += 1


def read_lines(text: str, *, columns: Collection[str], required: Collection[str], most: int) -> list[dict[str, str]]:
    """Return the lines of a table by column, without the apostrophes of escaped cells. Raise ValidationError."""
    try:
        lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error:
        raise ValidationError(gettext("This is not a CSV file with commas.")) from None
    head = [*lines[0]] if lines else []
    if not lines or {*head} - {*columns} or {*required} - {*head}:
        raise ValidationError(gettext("The columns are not these: %(columns)s.") % {"columns": ", ".join(columns)})
    if len(lines) > most:
        raise ValidationError(gettext("At most %(most)d lines at a time.") % {"most": most})
    return [{name: plain(cell) for name, cell in line.items()} for line in lines]


def plain(cell: object) -> str:
    """Return a cell without the apostrophe that keeps spreadsheets from reading it as a formula."""
    return cell.strip().removeprefix("'") if isinstance(cell, str) else ""


@transaction.atomic
def save(plan: ImportPlan) -> int:
    """Save the changes of a table. Raise ValueError if there are problems."""
    if plan.problems:
        raise ValueError(plan.problems[0])
    for row in plan.rows:
        row.record.save()
    return len(plan.rows)


def list_url(model: type[Model]) -> str:
    return reverse(model.snippet_viewset.get_url_name("list"))  # type: ignore[attr-defined]  # Wagtail puts it there


def export(name: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Return a table as a file download. Cells are escaped as in all exports (`core.admin.spreadsheets`)."""
    writer = csv.writer(Echo())
    return StreamingHttpResponse(
        (writer.writerow(row) for row in rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class TableIndexView(IndexView):
    """A list with buttons that export it as a table, and import a table."""

    export_url_name = ""
    import_url_name = ""

    def may_import(self) -> bool:
        raise NotImplementedError

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        more = [
            *super().header_more_buttons,
            Button(
                _("Take the list out as a table"),
                url=f"{reverse(self.export_url_name)}?{self.request.GET.urlencode()}",
                icon_name="download",
                priority=90,
            ),
        ]
        if self.may_import():
            url = reverse(self.import_url_name)
            more.append(Button(_("Bring a table in"), url=url, icon_name="upload", priority=91))
        return more


class TableForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV with commas, in UTF-8, at most 2 MB."))

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 2 MB."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(gettext("The file is not in UTF-8.")) from None


class ImportTableView(AdminFormView):
    """Read a table, show its changes, and save them after a confirmation. Nothing is stored in between."""

    form_class = TableForm
    page_title = _("Bring a table in")
    header_icon = "upload"
    model: type[Model]

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        raise NotImplementedError

    def read(self, text: str) -> ImportPlan:
        raise NotImplementedError

    def saved(self, number: int) -> str:
        """Return the message with the number of saved rows."""
        raise NotImplementedError

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield list_url(self.model), capfirst(str(self.model._meta.verbose_name_plural))

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        text = request.POST.get("table", "")
        if not text or len(text) > LARGEST_FILE:
            return super().post(request, *args, **kwargs)
        plan = self.read(text)
        if plan.problems:
            return self.show(plan, text)
        messages.success(request, self.saved(save(plan)))
        return redirect(list_url(self.model))

    def form_valid(self, form: TableForm) -> HttpResponse:
        text = form.cleaned_data["file"]
        return self.show(self.read(text), text)

    def show(self, plan: ImportPlan, text: str) -> HttpResponse:
        rows, more = plan.rows[:SHOWN], len(plan.rows[SHOWN:])
        context = self.get_context_data(form=TableForm(), plan=plan, rows=rows, more=more, table=text)
        return self.render_to_response(context)
