"""Documents at the public door are printed; this gives them their address, and serves them in development."""

from django.urls import path

from press import views

urlpatterns = [
    path("documents/<int:document_id>/<str:document_filename>", views.document, name="wagtaildocs_serve"),
]
