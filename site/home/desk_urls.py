"""URLs that every host must answer, for the desk."""

from django.urls import URLPattern, URLResolver, path

from home import views

app_name = "home"
urlpatterns: list[URLPattern | URLResolver] = [
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
    path("favicon.ico", views.favicon, name="favicon"),
]
