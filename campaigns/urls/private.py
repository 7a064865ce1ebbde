"""URLs of campaigns on the private site: previews and the partner area. `localized` has those below each language."""

from django.urls import URLPattern, URLResolver, include, path

from campaigns.launches import previews
from campaigns.partners import views as partners
from core import links

# Access to these needs a link instead of signing in.
PREVIEWS: list[URLPattern] = [
    path("opened/<str:key>/", previews.overview, name="overview"),
    path("opened/<str:key>/pages/<int:pk>/", previews.page, name="page"),
    path("opened/<str:key>/files/<int:pk>/<str:name>", previews.file, name="file"),
    path("opened/<str:key>/kits/<int:pk>/<slug:name>.zip", previews.kit, name="kit"),
    path("opened/<str:key>/pictures/<str:signed>", previews.picture, name="picture"),
    path("<str:token>/", links.move_token, {"to": "previews:overview"}, name="open"),
]
PARTNERS: list[URLPattern] = [
    path("thanks/", partners.thanks, name="thanks"),
    path("<str:token>/", links.move_token, {"to": "partners:opened"}, name="open"),
    path("opened/<str:key>/", partners.overview, name="opened"),
    path("opened/<str:key>/used/", partners.UsageView.as_view(), name="used"),
    path("opened/<str:key>/certificate/<uuid:campaign>/", partners.certificate, name="certificate"),
]
urlpatterns: list[URLPattern | URLResolver] = [path("previews/", include((PREVIEWS, "previews")))]
localized: list[URLPattern | URLResolver] = [path("partners/", include((PARTNERS, "partners")))]
