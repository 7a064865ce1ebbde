"""The list of terms at the desk: by language and level, searched, added to, taken out as a table and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import View
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import SnippetViewSet

from campaigns import tables
from campaigns.languages import language_choices
from campaigns.models import KeptWord, LinkedAddress, Term
from campaigns.terms import exchange
from core.desk.views import ChooserViewSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, StreamingHttpResponse


ENTER = "wagtailadmin.access_admin"


class ReadByStaff(ModelPermissionPolicy):
    """Everybody at the desk reads it; changing it takes a permission."""

    def user_has_permission(self, user: AbstractUser | AnonymousUser, action: str) -> bool:
        if action == "view":
            return bool(user.has_perm(ENTER))
        return bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: AbstractUser | AnonymousUser, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


TERMS, KEPT, READ = ReadByStaff(Term), ReadByStaff(KeptWord), ReadByStaff(LinkedAddress)


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


class TermIndexView(tables.TableIndexView):
    export_url_name = "export_terms"
    import_url_name = "import_terms"

    def may_import(self) -> bool:
        return TERMS.user_has_permission(self.request.user, "change")


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
        Column("instead", label=_("Instead"), accessor=lambda term: " / ".join(term.replacements)),
        Column("concept", label=_("What it means"), sort_key="concept"),
        DateColumn("changed_at", label=_("Changed"), sort_key="changed_at"),
    ]


class ExportTermsView(View):
    """The list, or what the filters leave of it, as a table that can be brought back."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        if not TERMS.user_has_permission(request.user, "view"):
            raise PermissionDenied
        chosen = TermFilterSet(request.GET, queryset=Term.objects.all(), request=request)
        return tables.export("terms.csv", exchange.table(chosen.qs))


class ImportTermsView(tables.ImportTableView):
    template_name = "campaigns/admin/terms/import.html"
    model = Term

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        return TERMS.user_has_permission(user, "change") and TERMS.user_has_permission(user, "add")

    def read(self, text: str) -> tables.ImportPlan:
        return exchange.read(text)

    def saved(self, number: int) -> str:
        return ngettext("%(n)d term saved.", "%(n)d terms saved.", number) % {"n": number}
