"""URLs of campaigns on the public site. `localized` has those below each language."""

from django.urls import URLPattern, URLResolver, include, path

from campaigns.following import feeds
from campaigns.materials import catalogue
from campaigns.materials.kits import download as kit
from campaigns.results import open_data as results
from campaigns.sharing import shared

FEEDS: list[URLPattern] = [
    path("", feeds.ways_to_follow, name="ways-to-follow"),
    path("days-of-action.ics", feeds.calendar, name="days"),
    path("themes/<uuid:key>.atom", feeds.ThemeFeed(), name="theme-atom"),
    *(
        path(f"{kind}.{extension}", feeds.StoryFeed(kind=kind, extension=extension), name=f"{kind}-{extension}")
        for kind in feeds.INDEXES
        for extension in feeds.FORMATS
    ),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("cards/<slug:code>/<slug:kind>/<int:key>.png", shared.card, name="share-card"),
    path("oembed/<slug:code>/<slug:kind>/<int:key>.json", shared.described, name="oembed"),
    path("open-data/materials.ttl", catalogue.turtle, name="materials-turtle"),
    path("open-data/materials.jsonld", catalogue.json_ld, name="materials-json-ld"),
    path("open-data/campaign-results.csv", results.table, name="campaign-results"),
]
localized: list[URLPattern | URLResolver] = [
    path("feeds/", include((FEEDS, "campaigns"))),
    path("<path:campaign>/kits/<slug:name>.zip", kit, name="kit"),
]
