"""The address of pictures at the desk."""

from django.urls import re_path

from press.admin import views

urlpatterns = [re_path(r"^media/images/(?P<name>[\w.-]+)$", views.picture, name="picture")]
