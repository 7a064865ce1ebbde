"""The pages behind the link of a partner, below `/<language>/partners/` at the desk."""

from django.urls import URLPattern, URLResolver, path

from campaigns.partners import views
from core import links

app_name = "partners"
urlpatterns: list[URLPattern | URLResolver] = [
    path("thanks/", views.thanks, name="thanks"),
    path("<str:token>/", links.move_token, {"to": "partners:opened"}, name="open"),
    path("opened/<str:key>/", views.overview, name="opened"),
    path("opened/<str:key>/used/", views.UsageView.as_view(), name="used"),
    path("opened/<str:key>/certificate/<uuid:campaign>/", views.certificate, name="certificate"),
]
