"""The report of words to avoid that somebody kept: where, who, when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView

from campaigns.desk.terms.deciding import words_url_of
from campaigns.desk.terms.permissions import KEPT
from campaigns.models import KeptWord
from campaigns.models.files import language_choices

if TYPE_CHECKING:
    from django.db.models import QuerySet


class KeptFilterSet(WagtailFilterSet):
    language = django_filters.ChoiceFilter(label=_("Language"), choices=language_choices)
    found = django_filters.CharFilter(label=_("Contains"), lookup_expr="icontains")

    class Meta:
        model = KeptWord
        fields: list[str] = []


class KeptWordsView(ReportView):
    """Every reason that somebody gave, newest first."""

    page_title = _("Words that were kept")
    header_icon = "openquote"
    index_url_name = "kept_words:list"
    index_results_url_name = "kept_words:results"
    model = KeptWord
    permission_policy = KEPT
    any_permission_required = {"view"}
    filterset_class = KeptFilterSet
    default_ordering = "-at"
    columns = [
        TitleColumn("title", label=_("Where"), get_url=words_url_of, sort_key="title"),
        Column("found", label=_("Word"), sort_key="found"),
        Column("text", label=_("Text")),
        Column("reason", label=_("Reason")),
        Column("by", label=_("By")),
        DateColumn("at", label=_("When"), sort_key="at"),
    ]
    list_export = ["title", "language", "found", "text", "reason", "by", "at"]
    export_headings = {
        "title": _("Where"),
        "language": _("Language"),
        "found": _("Word"),
        "text": _("Text"),
        "reason": _("Reason"),
        "by": _("By"),
        "at": _("When"),
    }

    def get_queryset(self) -> QuerySet[KeptWord]:
        self.queryset = KeptWord.objects.select_related("by", "content_type")
        return super().get_queryset()

    def order_queryset(self, queryset: Any) -> Any:
        return super().order_queryset(queryset).order_by(*([self.ordering] if self.ordering else []), "-pk")
