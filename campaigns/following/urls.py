"""The feeds, the calendar and the page that explains them, below `/<language>/feeds/` at the public door."""

from django.urls import URLPattern, path

from campaigns.following import views
from campaigns.following.feeds import FORMATS, INDEXES, StoryFeed, ThemeFeed

app_name = "campaigns"
urlpatterns: list[URLPattern] = [
    path("", views.ways_to_follow, name="ways-to-follow"),
    path("days-of-action.ics", views.calendar, name="days"),
    path("themes/<uuid:key>.atom", ThemeFeed(), name="theme-atom"),
    *(
        path(f"{kind}.{extension}", StoryFeed(kind=kind, extension=extension), name=f"{kind}-{extension}")
        for kind in INDEXES
        for extension in FORMATS
    ),
]
