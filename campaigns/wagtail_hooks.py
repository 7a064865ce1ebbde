"""Registration of admin views, reports, menus and icons, of checks before publishing, and of access to files."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.reports import ReportView
from wagtail.log_actions import LogActionRegistry
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from campaigns.launches import admin as launches
from campaigns.materials.admin import MaterialViewSet, ThemeViewSet
from campaigns.models import AllowedException, LinkedAddress, Term
from campaigns.partners.admin import (
    ActivityViewSet,
    CertificateView,
    PartnerView,
    PartnerViewSet,
    UsageReportViewSet,
)
from campaigns.results import admin as results
from campaigns.studio.admin import DesignViewSet, StudioView
from campaigns.terms import admin as terms
from campaigns.terms import checker, confirming, content_checks, deciding
from core.http import is_private_site, public_url
from core.http.access import may_work_here
from core.languages.glossary import TERMS
from core.languages.submission import CHECKS
from core.models import UploadedDocument


class CampaignsGroup(SnippetViewSetGroup):
    items = (
        MaterialViewSet,
        DesignViewSet,
        PartnerViewSet,
        ActivityViewSet,
        UsageReportViewSet,
        results.CampaignResultViewSet,
        ThemeViewSet,
        terms.TermViewSet,
    )
    menu_label = _("Campaigns")
    menu_icon = "bullhorn"
    menu_name = "campaigns"
    menu_order = 300

    def get_submenu_items(self) -> list[MenuItem]:
        return [launches.menu_item(), *super().get_submenu_items()]


register_permission_policy(Term, terms.TERMS)
register_permission_policy(AllowedException, terms.KEPT)
register_permission_policy(LinkedAddress, terms.READ)
hooks.register("register_page_header_buttons", launches.button)
hooks.register("register_page_listing_more_buttons", launches.button)
hooks.register("register_page_header_buttons", deciding.header_button)
hooks.register("construct_snippet_action_menu", deciding.add_to_menu)
hooks.register("construct_snippet_action_menu", terms.add_to_menu)
hooks.register("construct_wagtail_userbar", content_checks.put_in)
# Before hooks that show less: those of `core`, and wagtail-localize's own view of a translation.
FIRST = -20
hooks.register("before_publish_page", deciding.ask_before_publishing, order=FIRST)
hooks.register("before_publish", deciding.ask_before_publishing, order=FIRST)
hooks.register("before_edit_page", deciding.ask_in_the_editor, order=FIRST)
hooks.register("before_bulk_action", deciding.refuse_in_bulk)
hooks.register(TERMS, checker.glossary)
hooks.register(CHECKS, content_checks.beside_translation)
register_snippet(CampaignsGroup)


@hooks.register("before_serve_document")
def for_staff_only(document: UploadedDocument, request: HttpRequest) -> HttpResponse | None:
    """Serve files on the private site to staff only, as some are not public yet; redirect others to the public site."""
    if not is_private_site(request) or may_work_here(request):
        return None
    return HttpResponseRedirect(public_url(document.url))


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern | URLResolver]:
    certificate, words = CertificateView.as_view(), deciding.WordsView.as_view()
    kept, links = terms.AllowedExceptionsView, terms.DeadLinksView
    return [
        path("launches/", launches.LaunchesView.as_view(), name="launches"),
        path("launches/<int:pk>/", launches.LaunchPlanView.as_view(), name="launch_plan"),
        path("studio/<int:pk>/", StudioView.as_view(), name="studio"),
        path("partners/<int:pk>/", PartnerView.as_view(), name="partner"),
        path("partners/<int:pk>/certificate/<uuid:campaign>/", certificate, name="partner-certificate"),
        path("results/totals/", results.ResultTotalsView.as_view(), name="result_totals"),
        path("results/export/", results.ExportResultsView.as_view(), name="export_results"),
        path("results/import/", results.ImportResultsView.as_view(), name="import_results"),
        path("terms/in/<str:app_label>/<str:model_name>/<str:pk>/", words, name="words"),
        path("terms/export/", terms.ExportTermsView.as_view(), name="export_terms"),
        path("terms/import/", terms.ImportTermsView.as_view(), name="import_terms"),
        path("terms/unconfirmed/", confirming.NativeReaderView.as_view(), name="unconfirmed_terms"),
        path("terms/<int:pk>/forms/", terms.FormsFoundView.as_view(), name="forms_found"),
        path("reports/public-words/", terms.PublicWordsView.as_view(), name="public_words"),
        path("reports/dead-links/", include((report_urls(links), "dead_links"), namespace="dead_links")),
        path(
            "reports/allowed-exceptions/",
            include((report_urls(kept), "allowed_exceptions"), namespace="allowed_exceptions"),
        ),
    ]


def report_urls(view: type[ReportView]) -> list[URLPattern]:
    """Return the URLs of a report: the page, and its results for the filters."""
    return [
        path("", view.as_view(), name="list"),
        path("results/", view.as_view(results_only=True), name="results"),
    ]


REPORTS = (
    (_("Words to avoid that are public"), "public_words", "openquote"),
    (_("Allowed exceptions"), "allowed_exceptions:list", "openquote"),
    (_("Links that lead nowhere"), "dead_links:list", "link"),
)
for number, (title, url, icon) in enumerate(REPORTS):
    name = url.partition(":")[0]
    item = MenuItem(title, reverse_lazy(url), name=name, icon_name=icon, order=750 + number)
    hooks.register("register_reports_menu_item", lambda item=item: item)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("campaigns.make_link", _("Make a link for a partner"), _("Link for the partner made"))
    actions.register_action("campaigns.revoke_link", _("Revoke a link of a partner"), _("Link of the partner revoked"))


@hooks.register("register_icons")
def icons(icons: list[str]) -> list[str]:
    return [*icons, "campaigns/icons/bullhorn.svg"]
