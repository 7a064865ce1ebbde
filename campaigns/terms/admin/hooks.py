"""Where the desk meets the guard: buttons, menus, addresses, and the moments before something is published."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.permissions import register_permission_policy

from campaigns.models import KeptWord, LinkedAddress, Term
from campaigns.terms import checker
from campaigns.terms.admin import content_checks, deciding, report
from campaigns.terms.admin.report import DeadLinksView, KeptWordsView, PublicWordsView
from campaigns.terms.admin.viewset import KEPT, READ, TERMS, ExportTermsView, ImportTermsView
from core.languages.machine import TERMS as TERMS_FOR_MACHINES
from core.languages.submission import CHECKS

# Before the hooks that say less: those of the house, and wagtail-localize's own view of a translation.
FIRST = -20


def register() -> None:
    register_permission_policy(Term, TERMS)
    register_permission_policy(KeptWord, KEPT)
    register_permission_policy(LinkedAddress, READ)
    hooks.register("register_admin_urls", urls)
    for item in report_menu_items():
        hooks.register("register_reports_menu_item", lambda item=item: item)
    hooks.register("register_page_header_buttons", deciding.header_button)
    hooks.register("construct_snippet_action_menu", deciding.add_to_menu)
    hooks.register("construct_snippet_action_menu", report.add_to_menu)
    hooks.register("construct_wagtail_userbar", content_checks.put_in)
    hooks.register("before_publish_page", deciding.ask_before_publishing, order=FIRST)
    hooks.register("before_publish", deciding.ask_before_publishing, order=FIRST)
    hooks.register("before_edit_page", deciding.ask_in_the_editor, order=FIRST)
    hooks.register("before_bulk_action", deciding.refuse_in_bulk)
    hooks.register(TERMS_FOR_MACHINES, checker.glossary)
    hooks.register(CHECKS, content_checks.beside_translation)


def urls() -> list[URLPattern | URLResolver]:
    kept = [
        path("", KeptWordsView.as_view(), name="list"),
        path("results/", KeptWordsView.as_view(results_only=True), name="results"),
    ]
    links = [
        path("", DeadLinksView.as_view(), name="list"),
        path("results/", DeadLinksView.as_view(results_only=True), name="results"),
    ]
    return [
        path(
            "terms/in/<str:app_label>/<str:model_name>/<str:pk>/", deciding.WordsView.as_view(), name="words"
        ),
        path("terms/export/", ExportTermsView.as_view(), name="export_terms"),
        path("terms/import/", ImportTermsView.as_view(), name="import_terms"),
        path("terms/<int:pk>/forms/", report.FormsFoundView.as_view(), name="forms_found"),
        path("reports/public-words/", PublicWordsView.as_view(), name="public_words"),
        path("reports/dead-links/", include((links, "dead_links"), namespace="dead_links")),
        path("reports/kept-words/", include((kept, "kept_words"), namespace="kept_words")),
    ]


def report_menu_items() -> list[MenuItem]:
    reports = (
        (_("Words to avoid that are public"), "public_words", "openquote"),
        (_("Words that were kept"), "kept_words:list", "openquote"),
        (_("Links that lead nowhere"), "dead_links:list", "link"),
    )
    return [
        MenuItem(title, reverse_lazy(url), name=url.partition(":")[0], icon_name=icon, order=750 + number)
        for number, (title, url, icon) in enumerate(reports)
    ]
