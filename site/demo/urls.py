from django.urls import path

from demo.mailbox import MailboxView, MailView

app_name = "demo"
urlpatterns = [
    path("mailbox/", MailboxView.as_view(), name="mailbox"),
    path("mailbox/<int:pk>/", MailView.as_view(), name="mail"),
]
