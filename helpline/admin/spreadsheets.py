"""Export of the list of listings, with every column that the importer reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import IndexView

from helpline.admin.imports.views import kinds_for
from helpline.exchange.csv.columns import LAWS, PROGRAMMES, SUPPORT_LINES
from helpline.exchange.imports.drafts import newest
from helpline.exchange.open_data.exports import with_points

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from helpline.exchange.csv.columns import Table
    from helpline.records.listings import Listing


class ImportedIndexView(IndexView):
    """A list of what can be imported, with the way to do it."""

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons = list(super().header_more_buttons)
        if kinds_for(self.request.user):
            buttons.append(
                Button(_("Import"), url=reverse("import-listings"), icon_name="upload", priority=60)
            )
        return buttons


class ListingIndexView(ImportedIndexView):
    """The list of listings. Anyone who may see it may export it: the latest revision of each, drafts and hidden numbers included."""

    @property
    def table(self) -> Table:
        return next(table for table in (PROGRAMMES, SUPPORT_LINES, LAWS) if table.model is self.model)

    def as_spreadsheet(self, queryset: QuerySet[Listing], spreadsheet_format: str) -> HttpResponse:
        whole = with_points(queryset.select_related("latest_revision"))  # type: ignore[arg-type]
        return super().as_spreadsheet(whole, spreadsheet_format)

    def to_row_dict(self, item: Listing) -> dict[str, str]:
        cells = self.table.serialize(newest(item))
        return {name: cells[name] for name in self.table.names}

    def get_heading(self, queryset: QuerySet[Listing], field: str) -> str:
        return field
