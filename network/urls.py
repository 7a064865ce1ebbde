from django.urls import URLPattern, URLResolver, path

from network.public import views

app_name = "network"

urlpatterns: list[URLPattern | URLResolver] = [
    path("join/", views.JoinView.as_view(), name="join"),
    path("join/sent/", views.join_sent, name="join-sent"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("confirmed/", views.confirmed, name="confirmed"),
    path("link/", views.AskForLinkView.as_view(), name="ask-for-link"),
    path("link/sent/", views.link_sent, name="link-sent"),
    path("link/<str:token>/", views.open_profile, name="open-profile"),
    path("profile/", views.profile, name="profile"),
    path("profile/pause/", views.pause, name="pause"),
    path("profile/resume/", views.resume, name="resume"),
    path("profile/leave/", views.leave, name="leave"),
    path("profile/download/", views.download, name="download"),
    path("profile/close/", views.close_profile, name="close-profile"),
    path("left/", views.left, name="left"),
]
