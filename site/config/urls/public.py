"""What the public door answers. A desk path is not here, so it is a plain 404."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path
from wagtail import urls as wagtail_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("home.urls")),
]
urlpatterns += i18n_patterns(
    path("feeds/", include("campaigns.urls")),
    path("", include(wagtail_urls)),
)

handler400 = "core.errors.bad_request"
handler403 = "core.errors.permission_denied"
handler404 = "core.errors.page_not_found"
handler500 = "core.errors.server_error"
