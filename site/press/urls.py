"""The address of documents at the public door, which are printed; the view serves them in development."""

from django.urls import path

from press import views

urlpatterns = [
    path("documents/<int:document_id>/<str:document_filename>", views.document, name="wagtaildocs_serve"),
]
