from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.urls import reverse

from core.doors import at_desk, errors
from users.sign_in import second_factor, sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


EDITING_SESSIONS = "/admin/editing-sessions/"


class SecondFactorMiddleware:
    """Guard every URL of the admin: it takes a role and, where required, a second factor. Note that somebody is still there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not at_desk(request):
            return self.get_response(request)
        entering = request.path_info.startswith(reverse("wagtailadmin_home"))
        response = (self.refusal(request) if entering else None) or self.get_response(request)
        # An editor that nobody sits at asks for these, too.
        if not request.path_info.startswith(EDITING_SESSIONS):
            sessions.note_use(request)
        return response

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response for a user who may not enter yet, or None. Wagtail itself redirects anonymous users to sign in."""
        if request.user.is_anonymous:
            return None
        if not request.user.works_at_desk or not request.user.has_perm("wagtailadmin.access_admin"):
            # Redirecting them to sign in would loop.
            return errors.answer(request, 403)
        if not settings.SECOND_FACTOR_REQUIRED:
            return None
        if not second_factor.is_set_up(request.user):
            return redirect("mfa_index")
        if not second_factor.was_used(request):
            return redirect_to_login(request.get_full_path(), second_factor.confirmation_url(request.user))
        return None
