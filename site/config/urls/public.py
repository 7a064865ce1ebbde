"""The URLs of the public door. Desk paths are not among them, so they are a plain 404."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path
from wagtail.urls import serve_pattern
from wagtail.views import serve

from campaigns.materials import views as materials
from campaigns.materials.kits import download as kit
from campaigns.results import open_data as results
from campaigns.sharing import views as sharing
from counting.views import about as pages_shown
from helpline.exchange.api import api as hsds
from helpline.exchange.views import about as open_data
from network.digests.downloads import pdf
from network.events import calendars
from network.open_data.api import api as network
from network.open_data.feeds import FEEDS
from network.open_data.interface import about as about_interface
from network.practices import open_table

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("home.urls")),
    path("", include("press.urls")),
    path("cards/<slug:code>/<slug:kind>/<int:key>.png", sharing.card, name="share-card"),
    path("oembed/<slug:code>/<slug:kind>/<int:key>.json", sharing.described, name="oembed"),
    path("open-data/materials.ttl", materials.turtle, name="materials-turtle"),
    path("open-data/materials.jsonld", materials.json_ld, name="materials-json-ld"),
    path("open-data/practices.csv", open_table.table, name="practices-table"),
    path("open-data/practices.csv-metadata.json", open_table.about_table, name="practices-table-metadata"),
    path("open-data/campaign-results.csv", results.table, name="campaign-results"),
    path("open-data/", include("counting.urls")),
    path("open-data/", include("helpline.urls")),
    path("hsds/", hsds.urls),
    path("api/", network.urls),
]
urlpatterns += i18n_patterns(
    path("feeds/events.ics", calendars.feed, name="events-feed"),
    path("feeds/", include("campaigns.following.urls")),
    path("network/data/", about_interface, name="network-data"),
    *(path(f"feeds/{feed.name}.atom", feed(), name=f"{feed.name}-atom") for feed in FEEDS),
    path("open-data/pages-shown/", pages_shown, name="pages-shown"),
    path("open-data/", open_data, name="about-open-data"),
    path("search/", include("home.search_urls")),
    path("", include("helpline.finder.sharing.urls")),
    path("<path:campaign>/kits/<slug:name>.zip", kit, name="kit"),
    path("<path:above>/<slug:name>.ics", calendars.file, name="calendar-of-event"),
    path("<path:above>/<slug:name>.pdf", pdf, name="pdf-of-page"),
    # Not wagtail.urls: it includes a sign-in form.
    re_path(serve_pattern, serve, name="wagtail_serve"),
)

handler400 = "core.doors.errors.bad_request"
handler403 = "core.doors.errors.permission_denied"
handler404 = "core.doors.errors.page_not_found"
handler500 = "core.doors.errors.server_error"
