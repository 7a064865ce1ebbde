"""The list of terms at the desk: by language and level, searched, added to, taken out as a table and brought back."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from campaigns.languages import language_choices
from campaigns.models import KeptWord, LinkedAddress, Term
from campaigns.terms import exchange
from core.desk.choosers import ChooserViewSet
from core.desk.spreadsheets import Echo
from core.desk.views import DeskFormView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import StrOrPromise


ENTER = "wagtailadmin.access_admin"


class ReadByStaff(ModelPermissionPolicy):
    """Everybody at the desk reads it; changing it takes a permission."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        if action == "view":
            return bool(user.has_perm(ENTER))
        return bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


TERMS, KEPT, READ = ReadByStaff(Term), ReadByStaff(KeptWord), ReadByStaff(LinkedAddress)


# Rows of the report before an import that are shown in full.
SHOWN = 100


class TermFilterSet(WagtailFilterSet):
    language = django_filters.ChoiceFilter(label=_("Language"), choices=language_choices)
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Term.Level.choices)
    confidence = django_filters.ChoiceFilter(label=_("Confidence"), choices=Term.Confidence.choices)
    says = django_filters.CharFilter(label=_("Contains"), method="saying")

    class Meta:
        model = Term
        fields: list[str] = []

    def saying(self, terms: QuerySet[Term], name: str, value: str) -> QuerySet[Term]:
        fields = ("word", "forms", "instead", "concept", "why")
        found = Q()
        for each in fields:
            found |= Q(**{f"{each}__icontains": value.replace("\0", "")})
        return terms.filter(found)


class TermIndexView(IndexView):
    @cached_property
    def header_more_buttons(self) -> list[Button]:
        more = [*super().header_more_buttons]
        query = self.request.GET.urlencode()
        more.append(
            Button(
                _("Take the list out as a table"),
                url=f"{reverse('export_terms')}?{query}",
                icon_name="download",
                priority=90,
            )
        )
        if TERMS.user_has_permission(self.request.user, "change"):
            more.append(
                Button(_("Bring a table in"), url=reverse("import_terms"), icon_name="upload", priority=91)
            )
        return more


class InsteadColumn(Column):
    def get_value(self, instance: Term) -> str:
        return " / ".join(instance.replacements)


class TermViewSet(SnippetViewSet):
    model = Term
    icon = "openquote"
    chooser_viewset_class = ChooserViewSet
    index_view_class = TermIndexView
    filterset_class = TermFilterSet
    inspect_view_enabled = True
    inspect_view_fields = (
        "language", "level", "word", "forms", "instead", "why", "concept", "source_url", "quote", "confidence",
    )  # fmt: skip
    list_per_page = 50
    list_display = [
        "__str__",
        Column("get_language_display", label=_("Language"), sort_key="language"),
        Column("get_level_display", label=_("Level"), sort_key="level"),
        InsteadColumn("instead", label=_("Instead")),
        Column("concept", label=_("What it means"), sort_key="concept"),
        DateColumn("changed_at", label=_("Changed"), sort_key="changed_at"),
    ]


class ExportTermsView(View):
    """The list, or what the filters leave of it, as a table that can be brought back."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        if not TERMS.user_has_permission(request.user, "view"):
            raise PermissionDenied
        chosen = TermFilterSet(request.GET, queryset=Term.objects.all(), request=request)
        writer = csv.writer(Echo())
        answer = StreamingHttpResponse(
            (writer.writerow(row) for row in exchange.table(chosen.qs)),
            content_type="text/csv; charset=utf-8",
        )
        answer["Content-Disposition"] = 'attachment; filename="terms.csv"'
        return answer


class TableForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV with commas, in UTF-8, at most 2 MB."))

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > exchange.LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 2 MB."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(gettext("The file is not in UTF-8.")) from None


class ImportTermsView(DeskFormView):
    """Read a table, show what it would change, and save that once somebody has confirmed it. Nothing is kept in between."""

    template_name = "campaigns/admin/terms/import.html"
    form_class = TableForm
    page_title = _("Bring a table in")
    header_icon = "upload"

    def allows(self, user: Any) -> bool:
        return TERMS.user_has_permission(user, "change") and TERMS.user_has_permission(user, "add")

    def trail(self) -> Iterator[tuple[str, StrOrPromise]]:
        yield list_url(), capfirst(str(Term._meta.verbose_name_plural))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        table = request.POST.get("table", "")
        if not table or len(table) > exchange.LARGEST_FILE:
            return super().post(request, *args, **kwargs)
        plan = exchange.read(table)
        if plan.problems:
            return self.show(plan, table)
        number = exchange.save(plan)
        messages.success(request, ngettext("%(n)d term saved.", "%(n)d terms saved.", number) % {"n": number})
        return redirect(list_url())

    def form_valid(self, form: TableForm) -> HttpResponse:
        table = form.cleaned_data["file"]
        return self.show(exchange.read(table), table)

    def show(self, plan: exchange.Plan, table: str) -> HttpResponse:
        rows = [
            (row, [(exchange.column_name(column), before, after) for column, before, after in row.changes])
            for row in plan.rows[:SHOWN]
        ]
        more = len(plan.rows) - len(rows)
        context = self.get_context_data(form=TableForm(), plan=plan, rows=rows, more=more, table=table)
        return self.render_to_response(context)


def list_url() -> str:
    return reverse(Term.snippet_viewset.get_url_name("list"))  # type: ignore[attr-defined]  # Wagtail puts it there
