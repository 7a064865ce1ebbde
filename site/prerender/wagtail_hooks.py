"""Prerendering in the admin: its report and warnings, and hooks for Wagtail actions that send no signal."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.documents import get_document_model
from wagtail.models import Page

from prerender import changes
from prerender.models import PrerenderedPath
from prerender.views import PrerenderedPagesView

urls = [
    path("", PrerenderedPagesView.as_view(), name="report"),
    path("results/", PrerenderedPagesView.as_view(results_only=True), name="report_results"),
]


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    return [path("reports/public-pages/", include((urls, "prerender"), namespace="prerender"))]


@hooks.register("register_reports_menu_item")
def register_menu_item() -> MenuItem:
    return MenuItem(_("Public pages"), reverse("prerender:report"), name="public-pages", icon_name="print", order=1300)


@hooks.register("before_edit_page")
def tell_why_it_is_not_rendered(request: HttpRequest, page: Page) -> None:
    """Warn on a page's edit screen that its last render was refused, so the public still sees the previous version."""
    if request.method != "GET":
        return
    for prerendered in PrerenderedPath.objects.of_pages([page.pk]).refused().exclude(rendered_at=None):
        messages.warning(
            request,
            gettext("%(address)s could not be updated. The public still sees the previous version. %(reason)s")
            % {"address": prerendered.path, "reason": prerendered.refused},
        )


@hooks.register("after_bulk_action")
def notice_moved_documents(request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any) -> None:
    """Record documents moved in bulk: that sends no signal, and their new collection may not be public."""
    for thing in objects:
        if isinstance(thing, get_document_model()):
            changes.note_document(thing)
