"""URLs of the open data that is the same in all languages, at the public door under `/open-data/`."""

from django.urls import URLPattern, path

from helpline.exchange.open_data import exports, views

app_name = "open-data"
urlpatterns: list[URLPattern] = [
    path("changes.json", views.changes, name="changes"),
    path("catalogue.ttl", views.turtle, name="turtle"),
    path("catalogue.jsonld", views.json_ld, name="json-ld"),
]
for _name in exports.FILES:
    urlpatterns += [
        path(f"{_name}.csv", views.table, {"name": _name}, name=_name),
        path(f"{_name}.csv-metadata.json", views.about_table, {"name": _name}, name=f"{_name}-metadata"),
    ]
