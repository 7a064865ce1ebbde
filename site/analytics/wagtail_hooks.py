"""Registers the report of pages shown."""

from django.urls import URLPattern, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from analytics import report
from core.admin.menus import AllowedMenuItem


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    return report.urlpatterns


@hooks.register("register_reports_menu_item")
def register_menu_item() -> MenuItem:
    view = report.PagesShownView
    return AllowedMenuItem(
        view.page_title,
        reverse("pages_shown"),
        name="pages-shown",
        icon_name=view.header_icon,
        order=1310,
        allows=report.PERMISSION,
    )
