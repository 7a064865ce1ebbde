"""The addresses of documents and pictures at the public door, for development: elsewhere both are printed. And of pictures at the desk."""

from django.urls import path, re_path

from press import views

PICTURE = r"^media/images/(?P<name>[\w.-]+)$"

urlpatterns = [
    path("documents/<int:document_id>/<str:document_filename>", views.document, name="wagtaildocs_serve"),
    re_path(PICTURE, views.picture),
]
at_desk = [re_path(PICTURE, views.picture, name="picture")]
