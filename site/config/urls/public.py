"""The URLs of the public site.

Paths of the private site are not among them, so they are a plain 404.
"""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path
from wagtail.urls import serve_pattern
from wagtail.views import serve

import home.urls
from analytics.views import about as pages_shown
from config.urls import patterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("home.urls")),
    path("", include("prerender.views")),
    path("open-data/", include("analytics.views")),
    *patterns("public.urlpatterns"),
]
urlpatterns += i18n_patterns(
    path("open-data/pages-shown/", pages_shown, name="pages-shown"),
    path("search/", include(home.urls.search)),
    *patterns("public.localized"),
    # Not wagtail.urls: it includes a sign-in form.
    re_path(serve_pattern, serve, name="wagtail_serve"),
)

handler400 = "core.http.errors.bad_request"
handler403 = "core.http.errors.permission_denied"
handler404 = "core.http.errors.page_not_found"
handler500 = "core.http.errors.server_error"
