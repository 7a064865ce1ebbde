"""The addresses of documents and pictures at the public door, for development: elsewhere both are printed."""

from django.urls import path, re_path

from press.admin import views

urlpatterns = [
    path("documents/<int:document_id>/<str:document_filename>", views.document, name="wagtaildocs_serve"),
    re_path(r"^media/images/(?P<name>[\w.-]+)$", views.picture),
]
