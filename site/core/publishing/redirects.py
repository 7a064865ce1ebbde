"""Redirects in the admin: those of a sensitive address stay on this site.

Another host would learn who looks for help, and when.
The form refuses such a redirect, an import stops at it, and the renderer writes no file for one that is stored anyway.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.signals import pre_save
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.contrib.redirects import views
from wagtail.contrib.redirects.forms import RedirectForm
from wagtail.contrib.redirects.models import Redirect

from core.declarations import Receiver
from core.http.headers import is_sensitive


def is_allowed(old_path: str, link: str) -> bool:
    """Return whether a redirect from a path to a URL may be served."""
    hosts = {host for url in (settings.PUBLIC_URL, settings.ONION_URL) if (host := urlsplit(url).netloc)}
    return not is_sensitive(old_path) or url_has_allowed_host_and_scheme(link, hosts)


def check(redirect: Redirect) -> None:
    """Raise ValidationError if a redirect of a sensitive address leads to another host."""
    old_path = Redirect.normalise_path(redirect.old_path)
    if redirect.redirect_link and redirect.redirect_page is None and not is_allowed(old_path, redirect.redirect_link):
        raise ValidationError(
            _(
                "%(address)s is a help address: it can only redirect to a page of this site. "
                "Another website would learn who looks for help."
            )
            % {"address": old_path}
        )


def check_saved(instance: Redirect, **kwargs: object) -> None:
    """Receive Django's `pre_save`, so that an import does not store such a redirect either."""
    check(instance)


class SafeRedirectForm(RedirectForm):
    def clean(self) -> dict[str, Any]:
        super().clean()
        given = {name: self.cleaned_data.get(name) for name in ("old_path", "redirect_page", "redirect_link")}
        if given["old_path"]:
            check(Redirect(**given))
        return self.cleaned_data


class AddRedirectView(views.CreateView):
    form_class = SafeRedirectForm


class EditRedirectView(views.EditView):
    form_class = SafeRedirectForm


def process_import(request: HttpRequest) -> HttpResponse:
    """Import redirects; none of them if one is refused."""
    try:
        with transaction.atomic():
            response: HttpResponse = views.process_import(request)
            return response
    except ValidationError as refusal:
        messages.error(request, _("Nothing was imported. %(reason)s") % {"reason": " ".join(refusal.messages)})
        return redirect("wagtailredirects:start_import")


urlpatterns: list[URLPattern] = [
    path("redirects/add/", AddRedirectView.as_view()),
    path("redirects/<int:redirect_id>/", EditRedirectView.as_view()),
    path("redirects/import/process/", process_import, name="import_redirects"),
]
RECEIVERS = (Receiver(signal=pre_save, function=check_saved, senders=(Redirect,)),)
