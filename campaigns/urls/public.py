"""The URLs of campaigns at the public site; `localized` are below each language."""

from django.urls import URLPattern, URLResolver, include, path

from campaigns.materials import catalogue
from campaigns.materials.kits import download as kit
from campaigns.results import open_data as results
from campaigns.sharing import views as sharing

urlpatterns: list[URLPattern | URLResolver] = [
    path("cards/<slug:code>/<slug:kind>/<int:key>.png", sharing.card, name="share-card"),
    path("oembed/<slug:code>/<slug:kind>/<int:key>.json", sharing.described, name="oembed"),
    path("open-data/materials.ttl", catalogue.turtle, name="materials-turtle"),
    path("open-data/materials.jsonld", catalogue.json_ld, name="materials-json-ld"),
    path("open-data/campaign-results.csv", results.table, name="campaign-results"),
]
localized: list[URLPattern | URLResolver] = [
    path("feeds/", include("campaigns.following.urls")),
    path("<path:campaign>/kits/<slug:name>.zip", kit, name="kit"),
]
