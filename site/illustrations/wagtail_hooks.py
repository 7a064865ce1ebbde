"""Registers the page of the desk that shows the illustrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from illustrations.desk import IllustrationsView

if TYPE_CHECKING:
    from django.urls import URLPattern


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    return [path("illustrations/", IllustrationsView.as_view(), name="illustrations")]


@hooks.register("register_admin_menu_item")
def menu_item() -> MenuItem:
    return MenuItem(
        IllustrationsView.page_title,
        reverse("illustrations"),
        name="illustrations",
        icon_name="image",
        order=510,
    )
