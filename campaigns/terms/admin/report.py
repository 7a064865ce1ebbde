"""The reports: words to avoid that somebody kept, those that the public reads now, and links that lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView

from campaigns.languages import language_choices
from campaigns.models import KeptWord, LinkedAddress
from campaigns.terms.admin.deciding import words_url, words_url_of
from campaigns.terms.admin.permissions import ENTER, KEPT, READ
from campaigns.terms.public_texts import words_to_avoid
from core.desk.views import DeskView
from core.languages import names, tree

if TYPE_CHECKING:
    from django.db.models import QuerySet

SHOWN = 50


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


class PublicWordsView(DeskView, TemplateView):
    """The words to avoid that the public reads now, in one language: a term may be younger than the text in which it stands."""

    template_name = "campaigns/admin/terms/public.html"
    page_title = _("Words to avoid that are public")
    header_icon = "openquote"
    permission = ENTER

    @cached_property
    def language(self) -> str:
        """The language that is asked for, or else that in which the site is written."""
        codes = tree.public_codes()
        asked = self.request.GET.get("language", "")
        return asked if asked in codes else next(iter(codes), "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = words_to_avoid(self.language) if self.language else []
        paginator = Paginator(found, SHOWN)
        shown = paginator.get_page(self.request.GET.get("p"))
        return super().get_context_data(
            **kwargs,
            language=self.language,
            languages=[(code, names.language_name(code)) for code in tree.public_codes()],
            open_count=sum(1 for each in found if each.kept is None),
            kept_count=sum(1 for each in found if each.kept is not None),
            shown=shown,
            rows=[(each, words_url(each.thing)) for each in shown],
        )


class PlacesColumn(Column):
    """The pages that link to an address, each with a link to its form."""

    cell_template_name = "campaigns/admin/terms/places.html"

    def get_value(self, instance: LinkedAddress) -> Any:
        return [
            (reverse("wagtailadmin_pages:edit", args=[each["page"]]), each["title"])
            for each in instance.places
        ]


class DeadLinksView(ReportView):
    """The web addresses that public pages link to, and that did not answer twice in a row."""

    page_title = _("Links that lead nowhere")
    header_icon = "link"
    index_url_name = "dead_links:list"
    index_results_url_name = "dead_links:results"
    model = LinkedAddress
    permission_policy = READ
    any_permission_required = {"view"}
    default_ordering = "url"
    columns = [
        Column("url", label=_("Web address"), sort_key="url"),
        Column("get_problem_display", label=_("Problem"), sort_key="problem"),
        DateColumn("tried_at", label=_("Last tried"), sort_key="tried_at"),
        PlacesColumn("places", label=_("Linked from")),
    ]
    list_export = ["url", "get_problem_display", "tried_at"]
    export_headings = {
        "url": _("Web address"),
        "get_problem_display": _("Problem"),
        "tried_at": _("Last tried"),
    }

    def get_queryset(self) -> QuerySet[LinkedAddress]:
        self.queryset = LinkedAddress.objects.dead()
        return super().get_queryset()
