"""The URLs of the helpline at the public site; `localized` are below each language."""

from django.urls import URLPattern, URLResolver, include, path

from helpline.exchange.open_data.api import api as hsds
from helpline.exchange.open_data.views import about as open_data

urlpatterns: list[URLPattern | URLResolver] = [
    path("open-data/", include("helpline.urls.open_data")),
    path("hsds/", hsds.urls),
]
localized: list[URLPattern | URLResolver] = [
    path("open-data/", open_data, name="about-open-data"),
    path("", include("helpline.finder.sharing.urls")),
]
