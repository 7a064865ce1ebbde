from django.urls import URLPattern, URLResolver, path

from core.desk import opened
from network.public import account, members_area, orcid_views, owned, places, proofs, views
from network.public.works import views as works

app_name = "network"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", members_area.members, name="members"),
    path("<uuid:uuid>/", members_area.one_member, name="member"),
    path("join/", views.JoinView.as_view(), name="join"),
    path("join/sent/", views.join_sent, name="join-sent"),
    path("confirm/<str:token>/", opened.move, {"to": "network:confirm-here"}, name="confirm"),
    path("confirm/opened/<str:key>/", views.confirm, name="confirm-here"),
    path("confirmed/", views.confirmed, name="confirmed"),
    path("link/", views.AskForLinkView.as_view(), name="ask-for-link"),
    path("link/sent/", views.link_sent, name="link-sent"),
    path("link/<str:token>/", opened.move, {"to": "network:open-profile-here"}, name="open-profile"),
    path("link/opened/<str:key>/", views.open_profile, name="open-profile-here"),
    path("profile/", views.profile, name="profile"),
    path("profile/preview/", views.preview, name="preview"),
    path("profile/words/", views.choose_language, name="choose-language"),
    path("profile/words/<str:language>/", views.words, name="words"),
    path("profile/words/<str:language>/take-back/", views.take_back_words, name="take-back-words"),
    path("profile/practices/", owned.practices, name="own-practices"),
    path("profile/works/", works.own_works, name="own-works"),
    path("profile/works/add/", works.add_work, name="add-work"),
    path("profile/works/import/", works.import_works, name="import-works"),
    path("profile/works/orcid/", works.works_at_orcid, name="works-at-orcid"),
    path("profile/works/keep/", works.keep_works, name="keep-works"),
    path("profile/works/<uuid:uuid>/", works.change_work, name="change-work"),
    path("profile/place/", places.place_of_work, name="place-of-work"),
    path("profile/answer/", views.answer, name="answer"),
    path("profile/pause/", views.pause, name="pause"),
    path("profile/resume/", views.resume, name="resume"),
    path("profile/leave/", views.leave, name="leave"),
    path("profile/download/", views.download, name="download"),
    path("profile/download/table/", views.download_table, name="download-table"),
    path("profile/account/", account.open_account, name="open-account"),
    path("profile/account/opened/", account.account_opened, name="account-opened"),
    path("profile/orcid/", orcid_views.go_to_orcid, name="orcid"),
    path("profile/orcid/<slug:outcome>/", orcid_views.outcome_page, name="orcid-outcome"),
    path("profile/proofs/<slug:kind>/", proofs.add_proof, name="add-proof"),
    path("profile/proofs/<uuid:uuid>/take-back/", proofs.take_back_proof, name="take-back-proof"),
    path("profile/nominations/<uuid:uuid>/", proofs.answer_nomination, name="answer-nomination"),
    path(
        "address/<str:token>/",
        opened.move,
        {"to": "network:confirm-address-here"},
        name="confirm-address",
    ),
    path("address/opened/<str:key>/", proofs.confirm_address, name="confirm-address-here"),
    path("nominate/answered/", proofs.nomination_answered, name="nomination-answered"),
    path("nominate/<str:token>/", opened.move, {"to": "network:nominate-here"}, name="nominate"),
    path("nominate/opened/<str:key>/", proofs.nominate, name="nominate-here"),
    path("profile/close/", views.close_profile, name="close-profile"),
    path("left/", views.left, name="left"),
]
