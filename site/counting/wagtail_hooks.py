"""Registers the report of pages shown."""

from django.urls import URLPattern, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from counting import report


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    return report.urlpatterns


class PagesShownMenuItem(MenuItem):
    def is_shown(self, request: object) -> bool:
        return request.user.has_perm(report.PERMISSION)  # type: ignore[attr-defined]


@hooks.register("register_reports_menu_item")
def register_menu_item() -> MenuItem:
    view = report.PagesShownView
    return PagesShownMenuItem(
        view.page_title, reverse("pages_shown"), name="pages-shown", icon_name=view.header_icon, order=1310
    )
