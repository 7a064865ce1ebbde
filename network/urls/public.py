"""URLs of the network at the public site.

`localized` are below each language.
"""

from django.urls import URLPattern, URLResolver, path

from network.digests.handouts import pdf
from network.events import calendars
from network.open_data.api import about_interface as about_interface
from network.open_data.api import api
from network.open_data.feeds import FEEDS
from network.practices import open_table

urlpatterns: list[URLPattern | URLResolver] = [
    path("open-data/practices.csv", open_table.table, name="practices-table"),
    path("open-data/practices.csv-metadata.json", open_table.about_table, name="practices-table-metadata"),
    path("api/", api.urls),
]
localized: list[URLPattern | URLResolver] = [
    path("feeds/events.ics", calendars.feed, name="events-feed"),
    path("network/data/", about_interface, name="network-data"),
    *(path(f"feeds/{feed.name}.atom", feed(), name=f"{feed.name}-atom") for feed in FEEDS),
    path("<path:above>/<slug:name>.ics", calendars.file, name="calendar-of-event"),
    path("<path:above>/<slug:name>.pdf", pdf, name="pdf-of-page"),
]
