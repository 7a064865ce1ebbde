from django.urls import URLPattern, URLResolver, path

from home import views

app_name = "search"
urlpatterns: list[URLPattern | URLResolver] = [path("", views.find, name="find")]
