"""The URLs of the private site: admin, sign-in, members' area.

A public page requested here redirects to the public site.
"""

from django.apps import apps
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path
from wagtail.admin import urls as admin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.documents.views.serve import serve as serve_document
from wagtail.urls import serve_pattern
from wagtail.views import serve

import home.urls
import prerender.views
from config.urls import patterns
from core.admin import page_chooser
from core.admin.privacy import PrivacyView
from users.sign_in.views import redirect_to_sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(home.urls.private)),
    path("", include(prerender.views.private_urlpatterns)),
    *patterns("private.urlpatterns"),
    path("", include("users.urls")),
    # Before Wagtail's own, which covers one language only.
    path("admin/pages/<int:page_id>/privacy/", require_admin_access(PrivacyView.as_view())),
    # Before Wagtail's own, which name drafts.
    path("admin/choose-page/", include(page_chooser.urlpatterns)),
    path("admin/", include(admin_urls)),
    # Not wagtail.documents.urls, for the reason of wagtail.urls below.
    re_path(r"^documents/(\d+)/(.*)$", serve_document, name="wagtaildocs_serve"),
    path(
        "documents/authenticate_with_password/<int:restriction_id>/",
        redirect_to_sign_in,
        name="wagtaildocs_authenticate_with_password",
    ),
    path("account/", include("allauth.urls")),
]
if apps.is_installed("demo"):
    urlpatterns.append(path("demo/", include("demo.urls")))
urlpatterns += i18n_patterns(
    *patterns("private.localized"),
    # Not wagtail.urls: its sign-in form and its form for shared passwords have neither limits nor a second factor.
    # It looks up their names.
    path("_util/login/", redirect_to_sign_in, name="wagtailcore_login"),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        redirect_to_sign_in,
        name="wagtailcore_authenticate_with_password",
    ),
    re_path(serve_pattern, serve, name="wagtail_serve"),
)

handler400 = "core.http.errors.bad_request"
handler403 = "core.http.errors.permission_denied"
handler404 = "core.http.errors.page_not_found"
handler429 = "core.http.errors.too_many_requests"  # used by allauth
handler500 = "core.http.errors.server_error"
