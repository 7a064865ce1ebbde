"""The feeds, below `/<language>/feeds/` at the public door."""

from django.urls import path

from campaigns.public.feeds import FEEDS, FORMATS

app_name = "campaigns"
urlpatterns = [
    path(f"{kind}.{extension}", feed(extension=extension), name=f"{kind}-{extension}")
    for kind, feed in FEEDS.items()
    for extension in FORMATS
]
