"""URLs of the published numbers that are the same in all languages, at the public door under `/open-data/`."""

from django.urls import URLPattern, path

from counting import open_data, views

app_name = "counting"
urlpatterns: list[URLPattern] = [
    path(name.removeprefix(open_data.FOLDER), views.file, {"path": name}) for name in views.FILES
]
