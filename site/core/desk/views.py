"""The base of our own screens at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponseBase
    from django_stubs_ext import StrOrPromise


class DeskView(WagtailAdminTemplateMixin):
    """A screen in Wagtail's frame. Put it before a generic view of Django's.

    It needs `page_title`, `header_icon`, `template_name` and `permission`. `get_page_subtitle()` names what the screen is about, if it
    is about one thing; `trail()` gives the screens above it, for the breadcrumbs.
    """

    permission: str = ""  # "app.codename". Nobody may see a screen that names none.

    def allows(self, user: Any) -> bool:
        """Whether this person may see the screen. Override it where one permission does not say it."""
        return bool(self.permission) and user.has_perm(self.permission)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.allows(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def trail(self) -> Iterable[tuple[str, StrOrPromise]]:
        """The screens between the start page and this one: address and title of each."""
        return ()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = [{"url": url, "label": label} for url, label in self.trail()]
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, *above, here]
