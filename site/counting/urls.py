"""URLs of the published numbers that are the same in all languages, at the public door under `/open-data/`."""

from django.urls import URLPattern, path

from counting import open_data, views

app_name = "counting"
urlpatterns: list[URLPattern] = [
    path(f"{open_data.NAME}.csv", views.table, name="table"),
    path(f"{open_data.NAME}.csv-metadata.json", views.about_table, name="metadata"),
    path(f"{open_data.NAME}.ttl", views.turtle, name="turtle"),
    path(f"{open_data.NAME}.jsonld", views.json_ld, name="json-ld"),
]
