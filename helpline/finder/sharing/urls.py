"""Addresses below `/<language>/help/` and `/<language>/embed/` at the public door that are not Wagtail pages."""

from django.urls import URLPattern, path, re_path

from helpline.finder.sharing import views

# A guide's slug never has this form (GuidePage.clean).
COUNTRY = "(?P<country>[a-z]{2})"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
LANGUAGE = "(?P<code>[a-z]{2,3}(-[a-z0-9]+)*)"

app_name = "helpline"
urlpatterns: list[URLPattern] = [
    re_path(f"^help/{COUNTRY}/$", views.country, name="country"),
    re_path(f"^help/lines/{COUNTRY}/$", views.lines, name="lines"),
    re_path(f"^help/sheets/{COUNTRY}-{LANGUAGE}\\.pdf$", views.country_sheet, name="country-sheet"),
    path("help/listing/<uuid:uuid>/", views.listing, name="listing"),
    re_path(
        f"^help/sheets/(?P<uuid>{UUID})-{LANGUAGE}\\.pdf$", views.programme_sheet, name="programme-sheet"
    ),
    path("embed/", views.embedding, name="embedding"),
    re_path(f"^embed/{COUNTRY}/$", views.embed, name="embed"),
]
