"""The button for machine translation on the screen of a translation. The worker asks, and the screen says what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.models import Page
from wagtail_localize.models import Translation

from core.languages import machine

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class MachineTranslateView(View):
    """At the address of wagtail-localize's own view, which asks the provider while the browser waits."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, translation_id: int) -> HttpResponse:
        translation = get_object_or_404(Translation, pk=translation_id, enabled=True)
        page = translation.get_target_instance()
        if not isinstance(page, Page) or machine.provider_for(translation) is None:
            raise Http404("No machine translates this.")
        if not page.permissions_for_user(request.user).can_edit():
            raise PermissionDenied
        machine.ask(translation, by=request.user)
        messages.success(
            request, gettext("Asked. This page says when the texts are there, or what went wrong.")
        )
        return redirect("wagtailadmin_pages:edit", page.pk)
