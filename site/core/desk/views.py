"""The base of our own admin views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django_stubs_ext import StrOrPromise


class DeskView(WagtailAdminTemplateMixin):
    """An admin view with Wagtail's layout. List before a generic view of Django's.

    It needs `page_title`, `header_icon`, `template_name` and `permission`. `get_page_subtitle()` names the object of the view, if there
    is one; `trail()` returns the views above it, for the breadcrumbs.
    """

    permission: str = ""  # "app.codename". Without one, access is denied.

    def allows(self, user: AbstractUser | AnonymousUser) -> bool:
        """Whether a user may see the view. Override it if one permission is not enough to tell."""
        return bool(self.permission) and user.has_perm(self.permission)

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not self.allows(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def trail(self) -> Iterable[tuple[str, StrOrPromise]]:
        """Return the URL and title of each view between the start page and this one."""
        return ()

    def get_breadcrumbs_items(self) -> list[dict[str, object]]:
        above = [{"url": url, "label": label} for url, label in self.trail()]
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, *above, here]


class DeskFormView(DeskView, FormView):  # type: ignore[type-arg]  # Django's own has no argument
    """An admin view with a form."""

    def form_invalid(self, form: Any) -> HttpResponse:
        say_refused(self.request)
        return super().form_invalid(form)


def say_refused(request: HttpRequest) -> None:
    """Say at the top of a page that a form on it was not taken: the field that is wrong may be several screens below."""
    messages.error(request, _("Nothing has been changed yet. Further down it says what is missing or wrong."))
