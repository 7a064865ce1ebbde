"""URLs of the public door without a language prefix."""

from django.urls import URLPattern, URLResolver, path

from home import views

app_name = "home"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.choose_language, name="choose-language"),
    path("sitemap.xml", views.site_map, name="sitemap"),
    path("sitemaps/<slug:section>.xml", views.site_map_part, name="sitemap-part"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
    # Printed for web servers and the press, which send it for unknown addresses; it cannot be requested.
    path("404.html", views.not_found, name="not-found"),
    path("errors/<slug:code>/404.html", views.not_found, name="not-found"),
    path("errors/<slug:code>/help/404.html", views.not_found, {"sensitive": True}, name="not-found-help"),
    path("cards/<slug:code>.png", views.card, name="card-of-home"),
    path("cards/<slug:code>/<str:slug>.png", views.card, name="card"),
    path("manifests/<slug:code>.webmanifest", views.manifest, name="manifest"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("apple-touch-icon.png", views.touch_icon, name="touch-icon"),
]
