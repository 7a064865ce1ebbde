"""The URLs of the helpline at the private site: forms that readers fill in there. `localized` are below each language."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
localized: list[URLPattern | URLResolver] = [path("", include("helpline.admin.public_forms.urls"))]
