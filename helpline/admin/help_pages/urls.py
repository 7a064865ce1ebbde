from django.urls import path

from helpline.admin.help_pages.overview import HelpPagesView
from helpline.admin.help_pages.reviewing import HelpPageReviewView

urlpatterns = [
    path("", HelpPagesView.as_view(), name="list"),
    path("<int:pk>/review/", HelpPageReviewView.as_view(), name="review"),
]
