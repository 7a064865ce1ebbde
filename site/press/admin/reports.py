"""The desk's report on the press: which addresses are printed, which were refused, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.views.reports import ReportView

from core.desk.todo import Lane, ToDo
from core.doors import public_url
from press.models import Due, Kind, PendingChange, Printed
from press.rendering.renderer import quoted

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from django.db.models import QuerySet

    from press.models import PrintedQuerySet


class PrintedFilterSet(WagtailFilterSet):
    path = django_filters.CharFilter(label=_("Address contains"), lookup_expr="contains")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Kind)
    refused = django_filters.BooleanFilter(label=_("Refused"), method="only_refused")

    class Meta:
        model = Printed
        fields = ["path", "kind", "refused"]

    def only_refused(self, printed: PrintedQuerySet, name: str, value: bool) -> QuerySet[Printed]:
        return printed.refused() if value else printed.filter(refused="")


class BytesColumn(NumberColumn):
    """A number, or an empty cell."""

    def get_value(self, instance: Printed) -> str:
        return "" if getattr(instance, self.accessor) is None else super().get_value(instance)


def address_to_open(printed: Printed) -> str | None:
    """Return the public URL; None for an error page, which has none."""
    return None if printed.kind == Kind.ERROR else public_url(quoted(printed.path))


class PrintedPagesView(ReportView):
    """Every printed address: when it was last printed, how large it is, and why it was refused."""

    page_title = _("Printed pages")
    header_icon = "print"
    index_url_name = "press:printed"
    index_results_url_name = "press:printed_results"
    model = Printed
    filterset_class = PrintedFilterSet
    default_ordering = "path"
    columns = [
        TitleColumn("path", label=_("Address"), get_url=address_to_open, sort_key="path"),
        Column("kind_name", label=_("Kind")),
        DateColumn("printed_at", label=_("Printed"), sort_key="printed_at"),
        BytesColumn("size", label=_("Bytes"), sort_key="size"),
        BytesColumn("compressed", label=_("With Brotli"), sort_key="compressed"),
        Column("refused", label=_("Refused because")),
    ]
    list_export = ["path", "kind_name", "printed_at", "size", "compressed", "refused"]
    export_headings = {
        "path": _("Address"),
        "kind_name": _("Kind"),
        "printed_at": _("Printed"),
        "size": _("Bytes"),
        "compressed": _("With Brotli"),
        "refused": _("Refused because"),
    }

    def get_queryset(self) -> QuerySet[Printed]:
        self.queryset = Printed.objects.all()
        return super().get_queryset()

    def get_context_data(self, *args: object, **kwargs: object) -> dict[str, object]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        waiting = PendingChange.objects.count() + Due.objects.count()
        if waiting:
            context["page_subtitle"] = _("Changes waiting to be printed: %(count)s") % {"count": waiting}
        return context


def refused_for(user: AbstractUser) -> int:
    return Printed.objects.refused().count() if user.has_perm("core.change_sitesettings") else 0


REFUSED = ToDo(
    title=_("Pages that could not be printed"),
    count=refused_for,
    url="press:printed",
    lane=Lane.FAILED,
)
