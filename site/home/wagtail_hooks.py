"""Registers the admin views of the search's promoted pages."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.snippets.models import register_snippet

from core.admin.views import RecordViewSet
from home.models import PromotedPage


class PromotedPageViewSet(RecordViewSet):
    model = PromotedPage
    icon = "search"
    menu_label = _("Promoted in search")
    add_to_settings_menu = True
    list_display = ["page", Column("language", label=_("Language")), Column("phrases", label=_("Phrases"))]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromotedPage]:
        return PromotedPage.objects.select_related("page__locale")


register_snippet(PromotedPageViewSet)
