"""URLs of each site without a language prefix, and of the search."""

from django.urls import URLPattern, URLResolver, path

from home import views

app_name = "home"
# Every host serves these; the private site serves nothing else of this app.
on_both_sites: list[URLPattern | URLResolver] = [
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
    path("favicon.ico", views.favicon, name="favicon"),
]
private = (on_both_sites, app_name)
search = ([path("", views.find, name="find")], "search")
urlpatterns: list[URLPattern | URLResolver] = [
    *on_both_sites,
    path("", views.choose_language, name="choose-language"),
    path("sitemap.xml", views.site_map, name="sitemap"),
    path("sitemaps/<slug:section>.xml", views.site_map_part, name="sitemap-part"),
    # Prerendered for web servers and the application, which send it for unknown addresses; it cannot be requested.
    path("404.html", views.not_found, name="not-found"),
    path("errors/<slug:code>/404.html", views.not_found, name="not-found"),
    path("errors/<slug:code>/help/404.html", views.not_found, {"sensitive": True}, name="not-found-help"),
    path("cards/<slug:code>.png", views.card, name="card-of-home"),
    path("cards/<slug:code>/<str:slug>.png", views.card, name="card"),
    path("manifests/<slug:code>.webmanifest", views.manifest, name="manifest"),
    path("apple-touch-icon.png", views.touch_icon, name="touch-icon"),
]
