"""The URLs of campaigns at the private site: previews and the area of partners. `localized` are below each language."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("previews/", include("campaigns.previews.urls"))]
localized: list[URLPattern | URLResolver] = [path("partners/", include("campaigns.partners.urls"))]
