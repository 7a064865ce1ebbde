"""Registers the admin views and icons of campaigns, and restricts files at the desk to staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from campaigns.launches import admin as launches
from campaigns.materials.admin import MaterialViewSet, ThemeViewSet
from campaigns.partners.admin import (
    ActivityViewSet,
    CertificateView,
    PartnerView,
    PartnerViewSet,
    UsageReportViewSet,
)
from campaigns.results import admin as results
from campaigns.results.admin import CampaignResultViewSet
from campaigns.studio.admin import DesignViewSet, StudioView
from campaigns.terms.admin import hooks as terms
from campaigns.terms.admin.viewset import TermViewSet
from core.doors import at_desk, public_url

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from wagtail.admin.menu import MenuItem
    from wagtail.log_actions import LogActionRegistry

    from core.models import UploadedDocument


class CampaignsGroup(SnippetViewSetGroup):
    items = (
        MaterialViewSet,
        DesignViewSet,
        PartnerViewSet,
        ActivityViewSet,
        UsageReportViewSet,
        CampaignResultViewSet,
        ThemeViewSet,
        TermViewSet,
    )
    menu_label = _("Campaigns")
    menu_icon = "bullhorn"
    menu_name = "campaigns"
    menu_order = 300

    def get_submenu_items(self) -> list[MenuItem]:
        return [launches.menu_item(), *super().get_submenu_items()]


terms.register()
launches.register()
register_snippet(CampaignsGroup)


@hooks.register("before_serve_document")
def for_staff_only(document: UploadedDocument, request: HttpRequest) -> HttpResponse | None:
    """Serve files at the desk to staff only, as some are not public yet; redirect everyone else to the public door."""
    if not at_desk(request) or request.user.has_perm("wagtailadmin.access_admin"):
        return None
    return HttpResponseRedirect(public_url(document.url))


@hooks.register("register_admin_urls")
def studio() -> list[URLPattern]:
    return [path("studio/<int:pk>/", StudioView.as_view(), name="studio")]


@hooks.register("register_admin_urls")
def partners() -> list[URLPattern]:
    return [
        path("partners/<int:pk>/", PartnerView.as_view(), name="partner"),
        path(
            "partners/<int:pk>/certificate/<uuid:campaign>/",
            CertificateView.as_view(),
            name="partner-certificate",
        ),
    ]


@hooks.register("register_admin_urls")
def results_of_campaigns() -> list[URLPattern]:
    return results.urlpatterns


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(
        "campaigns.make_link", _("Make a link for a partner"), _("Link for the partner made")
    )
    actions.register_action(
        "campaigns.revoke_link", _("Revoke a link of a partner"), _("Link of the partner revoked")
    )


@hooks.register("register_icons")
def icons(icons: list[str]) -> list[str]:
    return [*icons, "campaigns/icons/bullhorn.svg"]
