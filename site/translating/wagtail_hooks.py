"""Registers the table of translations in the admin."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.views.generic import RedirectView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.models import Locale, Page

from core.admin.menus import AllowedMenuItem
from translating.admin.table import queue_url
from translating.admin.translate import TranslateView, stale_cells
from translating.admin.views import ICON, TITLE, CellView, TranslationRunView, TranslationTableView
from translating.rights import Rights


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    return [
        path("translations/", TranslationTableView.as_view(), name="translation_table"),
        path("translations/cells/<int:pk>/", CellView.as_view(), name="translation_cell"),
        path("translations/translate/", TranslateView.as_view(), name="translate"),
        path("translations/translate/<slug:code>/", TranslateView.as_view(), name="translate"),
        path("translations/runs/<int:pk>/", TranslationRunView.as_view(), name="translation_run"),
    ]


@hooks.register("register_admin_urls", order=-1)
def replace_report() -> list[URLPattern]:
    """Lead from wagtail-localize's report, which takes eight queries for each row, to the table that replaces it."""
    table = RedirectView.as_view(pattern_name="translation_table", http_method_names=["get", "head"])
    return [path(f"localize/reports/translations/{results}", table) for results in ("", "results/")]


@hooks.register("construct_reports_menu")
def leave_out_report(request: HttpRequest, items: list[MenuItem]) -> None:
    report = reverse("wagtail_localize:translations_report")
    items[:] = [item for item in items if item.url != report]


@hooks.register("after_publish_page")
def lead_to_translations(request: HttpRequest, page: Page) -> None:
    """After a source was published, lead to the translations that are out of date: one click, not a search."""
    if page.locale_id != Locale.get_default().pk:
        return
    cells = stale_cells(page.translation_key, Rights(request.user))
    if first := cells.first():
        count = len(cells)
        text = ngettext("%(count)d translation is out of date.", "%(count)d translations are out of date.", count)
        button = messages.button(queue_url(first), gettext("Compare"))
        messages.warning(request, text % {"count": count}, buttons=[button])


@hooks.register("insert_global_admin_css")
def insert_stylesheet() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("translating/table.css"))


@hooks.register("register_admin_menu_item")
def menu_item() -> MenuItem:
    return AllowedMenuItem(
        TITLE,
        reverse("translation_table"),
        name="translation-table",
        icon_name=ICON,
        order=140,
        allows=lambda user: Rights(user).languages,
    )
