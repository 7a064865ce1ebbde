"""The URLs of the network at the private site: the area of its members. `localized` are below each language."""

from django.urls import URLPattern, URLResolver, include, path

from network.verification.orcid_views import come_back

urlpatterns: list[URLPattern | URLResolver] = [
    # Registered with ORCID: one address, whatever the language.
    path("members/orcid/", come_back, name="orcid-return"),
]
localized: list[URLPattern | URLResolver] = [path("members/", include("network.urls.members"))]
