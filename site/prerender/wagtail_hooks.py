"""Prerendering at the desk: its report and warnings, and hooks for Wagtail actions that send no signal."""

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
from prerender.models import Printed
from prerender.views import PrintedPagesView

urls = [
    path("", PrintedPagesView.as_view(), name="printed"),
    path("results/", PrintedPagesView.as_view(results_only=True), name="printed_results"),
]


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    return [path("reports/printed/", include((urls, "prerender"), namespace="prerender"))]


@hooks.register("register_reports_menu_item")
def register_menu_item() -> MenuItem:
    return MenuItem(
        _("Printed pages"), reverse("prerender:printed"), name="printed-pages", icon_name="print", order=1300
    )


@hooks.register("before_edit_page")
def tell_why_it_is_not_printed(request: HttpRequest, page: Page) -> None:
    """Warn on a page's edit screen that its last print was refused, so the public still sees the previous version."""
    if request.method != "GET":
        return
    for printed in Printed.objects.of_pages([page.pk]).refused().exclude(printed_at=None):
        messages.warning(
            request,
            gettext(
                "%(address)s could not be printed. The public still sees the previous version. %(reason)s"
            )
            % {"address": printed.path, "reason": printed.refused},
        )


@hooks.register("after_bulk_action")
def notice_moved_documents(
    request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any
) -> None:
    """Record documents moved in bulk: that sends no signal, and their new collection may not be public."""
    for thing in objects:
        if isinstance(thing, get_document_model()):
            changes.note_document(thing)
