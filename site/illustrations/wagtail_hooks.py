"""The page of the admin that shows the illustrations."""

from typing import Any

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from core.admin.views import AdminView
from illustrations.scenes import SCENES, path_of

LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"


class IllustrationsView(AdminView, TemplateView):
    """Every scene, its mirrored form, its alternative text and the licence."""

    template_name = "illustrations/scenes.html"
    page_title = _("Illustrations")
    header_icon = "image"
    permission = "wagtailadmin.access_admin"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scenes = [
            {
                "name": scene.name,
                "alt": scene.alt,
                "path": path_of(scene.name),
                "mirrored": path_of(scene.name, right_to_left=True) if scene.directed else "",
            }
            for scene in SCENES
        ]
        return super().get_context_data(scenes=scenes, licence_url=LICENCE_URL, **kwargs)


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
