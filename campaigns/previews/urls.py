"""The previews for partners, at the desk: nobody signs in for them."""

from __future__ import annotations

from django.urls import path

from campaigns.previews import views
from core import links

app_name = "previews"
urlpatterns = [
    path("opened/<str:key>/", views.overview, name="overview"),
    path("opened/<str:key>/pages/<int:pk>/", views.page, name="page"),
    path("opened/<str:key>/files/<int:pk>/<str:name>", views.file, name="file"),
    path("opened/<str:key>/kits/<int:pk>/<slug:name>.zip", views.kit, name="kit"),
    path("opened/<str:key>/pictures/<str:signed>", views.picture, name="picture"),
    path("<str:token>/", links.move_token, {"to": "previews:overview"}, name="open"),
]
