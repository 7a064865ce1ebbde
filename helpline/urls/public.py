"""URLs of the helpline on the public site.

`localized` are below each language, and are no Wagtail pages.
"""

from django.urls import URLPattern, URLResolver, include, path, re_path

from helpline.exchange.open_data import exports
from helpline.exchange.open_data import views as open_data
from helpline.exchange.open_data.api import api as hsds
from helpline.finder.sharing import views

# A guide's slug never has this form (GuidePage.clean).
COUNTRY = "(?P<country>[a-z]{2})"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
LANGUAGE = "(?P<code>[a-z]{2,3}(-[a-z0-9]+)*)"

_files = [
    path("changes.json", open_data.changes, name="changes"),
    path("catalogue.ttl", open_data.turtle, name="turtle"),
    path("catalogue.jsonld", open_data.json_ld, name="json-ld"),
]
for _name in exports.FILES:
    _files += [
        path(f"{_name}.csv", open_data.table, {"name": _name}, name=_name),
        path(f"{_name}.csv-metadata.json", open_data.about_table, {"name": _name}, name=f"{_name}-metadata"),
    ]
_shared = [
    re_path(f"^help/{COUNTRY}/$", views.country, name="country"),
    re_path(f"^help/lines/{COUNTRY}/$", views.lines, name="lines"),
    re_path(f"^help/handouts/{COUNTRY}-{LANGUAGE}\\.pdf$", views.country_handout, name="country-handout"),
    path("help/listing/<uuid:uuid>/", views.listing, name="listing"),
    re_path(
        f"^help/handouts/(?P<uuid>{UUID})-{LANGUAGE}\\.pdf$",
        views.programme_handout,
        name="programme-handout",
    ),
    path("embed/", views.embedding, name="embedding"),
    re_path(f"^embed/{COUNTRY}/$", views.embed, name="embed"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("open-data/", include((_files, "open-data"))),
    path("hsds/", hsds.urls),
]
localized: list[URLPattern | URLResolver] = [
    path("open-data/", open_data.about, name="about-open-data"),
    path("", include((_shared, "helpline"))),
]
