from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.urls import reverse

from core.doors import at_desk, errors
from users import second_factor

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class SecondFactorMiddleware:
    """Stands before every address of the admin: nobody gets in by one factor alone, and nobody without a role."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if at_desk(request) and request.path_info.startswith(reverse("wagtailadmin_home")):
            return self.refusal(request) or self.get_response(request)
        return self.get_response(request)

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to somebody who may not come in yet. Those who are not signed in are sent to sign in by Wagtail."""
        if request.user.is_anonymous:
            return None
        if not request.user.has_perm("wagtailadmin.access_admin"):
            # Sent to sign in, they would be sent back here, and so on.
            return errors.answer(request, 403)
        if not settings.SECOND_FACTOR_REQUIRED:
            return None
        if not second_factor.has_one(request.user):
            return redirect("mfa_index")
        if not second_factor.was_shown(request):
            return redirect_to_login(request.get_full_path(), second_factor.address_to_show(request.user))
        return None
