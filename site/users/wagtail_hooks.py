"""The start page, the menus, and limits on what administrators may do to accounts."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.admin.wagtail_hooks import ExplorerMenuItem
from wagtail.log_actions import LogActionRegistry

from core.admin.menus import AllowedMenuItem
from core.admin.reports import PERMISSION, FilesReportView, ScheduledJobsReportView, may_see
from core.admin.todo import ToDoPanel
from core.languages.translators import languages_of
from core.mail.views import OutboxView
from users import account_changes, alerts, services
from users.admin import menus, people, wordings
from users.models import User


@hooks.register("construct_homepage_panels")
def put_todos_first(request: HttpRequest, panels: list[Component]) -> None:
    """Put the to-dos first.

    They count reviews in one line, so Wagtail's panel of reviews is dropped.
    """
    panels[:] = [
        ToDoPanel(),
        *(panel for panel in panels if not isinstance(panel, WorkflowObjectsToModeratePanel)),
    ]


@hooks.register("construct_homepage_summary_items")
def leave_out_summary(request: HttpRequest, items: list[Component]) -> None:
    """Leave out the numbers of pages, pictures and files, which take queries and tell no one what to do."""
    items.clear()


# --- Menus ------------------------------------------------------------------------------------------------------------


@hooks.register("construct_main_menu", order=1000)
def main_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    menus.arrange(items, menus.MAIN)
    items[:] = [
        menus.PagesMenuItem(item.label, item.url, name=item.name, icon_name=item.icon_name, order=item.order)
        if isinstance(item, ExplorerMenuItem)
        else item
        for item in items
    ]


hooks.register("register_page_header_buttons", menus.other_languages)


@hooks.register("construct_settings_menu", order=1000)
def settings_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    menus.arrange(items, menus.SETTINGS)


@hooks.register("construct_reports_menu", order=1000)
def reports_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in menus.NEEDLESS_REPORTS]
    menus.arrange(items, menus.REPORTS)


@hooks.register("construct_help_menu", order=1000)
def help_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name in menus.KEPT_HELP]


# --- Addresses and reports ------------------------------------------------------------------------


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [
        path("reports/scheduled-jobs/", ScheduledJobsReportView.as_view(), name="scheduled_jobs_report"),
        path("reports/files/", FilesReportView.as_view(), name="files_report"),
        path("reports/mail/", OutboxView.as_view(), name="outbox"),
        path("account/data/", people.own_data, name="own_data"),
        path("users/<int:pk>/data/", people.data_of_person, name="data_of_person"),
        *wordings.urlpatterns,
    ]


@hooks.register("register_reports_menu_item")
def scheduled_jobs_menu_item() -> MenuItem:
    return AllowedMenuItem(
        _("Scheduled jobs"),
        reverse("scheduled_jobs_report"),
        icon_name="history",
        order=600,
        allows=PERMISSION,
    )


@hooks.register("register_reports_menu_item")
def files_menu_item() -> MenuItem:
    return AllowedMenuItem(
        FilesReportView.page_title,
        reverse("files_report"),
        name="files",
        icon_name="doc-full-inverse",
        order=620,
        allows=may_see,
    )


@hooks.register("register_reports_menu_item")
def outbox_menu_item() -> MenuItem:
    return AllowedMenuItem(
        OutboxView.page_title,
        reverse("outbox"),
        name="outbox",
        icon_name="mail",
        order=2100,
        allows=OutboxView.permission,
    )


@hooks.register("register_admin_menu_item")
def words_menu_item() -> MenuItem:
    return AllowedMenuItem(
        wordings.TITLE,
        reverse("wordings"),
        name="wordings",
        icon_name="wagtail-localize-language",
        order=150,
        allows=languages_of,
    )


# --- Accounts ---------------------------------------------------------------------------------------------------------


@hooks.register("before_bulk_action")
def protect_superusers(request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any) -> None:
    """Prevent administrators from managing superusers, who have more permissions."""
    if action.model is User and not request.user.is_superuser and any(user.is_superuser for user in objects):
        raise PermissionDenied


@hooks.register("before_bulk_action")
def leave_others_alone(request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any) -> None:
    """Keep roles from managing accounts of people who are not staff."""
    if action.model is User and not all(user.works_in_admin for user in objects):
        raise PermissionDenied


@hooks.register("after_bulk_action")
def end_sessions_of_disabled(request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any) -> None:
    if action.model is User and action_type == "set_active_state":
        for user in User.objects.filter(pk__in=[user.pk for user in objects], is_active=False):
            services.end_sessions(user=user)


@hooks.register("before_bulk_action")
def remember_accounts(request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any) -> None:
    if action.model is User:
        action.accounts_before = [(user, account_changes.state(user.pk)) for user in objects]


@hooks.register("after_bulk_action")
def record_account_changes(request: HttpRequest, action_type: str, objects: Sequence[Any], action: Any) -> None:
    if action.model is User:
        for user, before in action.accounts_before:
            account_changes.record(user, before=before, by=request.user)  # type: ignore[arg-type]  # it is staff


@hooks.register("register_log_actions")
def account_actions(actions: LogActionRegistry) -> None:
    for name in (account_changes.CHANGE, account_changes.RESTRICTION):
        actions.register_action(name)(account_changes.ChangeFormatter)
    actions.register_action(alerts.ACTION)(alerts.AlertFormatter)


@hooks.register("register_account_menu_item")
def sign_in_settings(request: HttpRequest) -> dict[str, object]:
    return {
        "url": reverse("mfa_index"),
        "label": _("How you sign in"),
        "help_text": _("Your second factor, recovery codes, and the address that codes are sent to."),
    }


@hooks.register("register_account_menu_item")
def own_data_item(request: HttpRequest) -> dict[str, object]:
    return {
        "url": reverse("own_data"),
        "label": _("What is kept about you"),
        "help_text": _("Your account, how you sign in, and what you have done in the admin, as a file (JSON)."),
    }
