"""URLs of the network at the private site: the members' area.

`localized` are below each language.
"""

from django.urls import URLPattern, URLResolver, include, path

from core import links
from network.directory import views as members_area
from network.events import views as events
from network.groups import views as groups
from network.institutions import views as places
from network.joining import views as joining
from network.members import account, views
from network.messages import inbox
from network.messages import views as conversations
from network.opportunities import views as opportunity_views
from network.practices import views as owned
from network.publications import views as publications
from network.verification import views as verifications

members: list[URLPattern | URLResolver] = [
    path("", members_area.members, name="members"),
    path("<uuid:uuid>/", members_area.one_member, name="member"),
    path("opportunities/", opportunity_views.all_opportunities, name="opportunities"),
    path("opportunities/new/", opportunity_views.new_opportunity, name="new-opportunity"),
    path("opportunities/own/", opportunity_views.own_opportunities, name="own-opportunities"),
    path("opportunities/for-you/", opportunity_views.fitting_opportunities, name="fitting-opportunities"),
    path("opportunities/contacts/<uuid:uuid>/", opportunity_views.answer_outcome, name="answer-outcome"),
    path("opportunities/<uuid:uuid>/", opportunity_views.one_opportunity, name="opportunity"),
    path("opportunities/<uuid:uuid>/change/", opportunity_views.change_opportunity, name="change-opportunity"),
    path("opportunities/<uuid:uuid>/close/", opportunity_views.close_opportunity, name="close-opportunity"),
    path("opportunities/<uuid:uuid>/renew/", opportunity_views.renew_opportunity, name="renew-opportunity"),
    path("opportunities/<uuid:uuid>/matches/", opportunity_views.opportunity_matches, name="matches"),
    path("opportunities/<uuid:uuid>/write/", opportunity_views.take_up, name="take-up"),
    path("digest-email/", opportunity_views.subscribe, name="digest-email"),
    path(
        "digest-email/stop/opened/<str:key>/",
        opportunity_views.stop_digest_email_here,
        name="stop-digest-email-here",
    ),
    path("digest-email/stop/<str:token>/", opportunity_views.stop_digest_email, name="stop-digest-email"),
    path("messages/", inbox.inbox, name="inbox"),
    path("messages/taking/", inbox.set_takes_messages, name="take-messages"),
    path("messages/to/<uuid:uuid>/", conversations.write, name="write"),
    path("messages/<uuid:uuid>/", conversations.conversation, name="conversation"),
    path("messages/<uuid:uuid>/report/", conversations.report, name="report-conversation"),
    path("messages/<uuid:uuid>/erase/", conversations.erase, name="erase-conversation"),
    path("messages/block/<uuid:uuid>/", conversations.block, name="block"),
    path("messages/unblock/<uuid:uuid>/", conversations.unblock, name="unblock"),
    path("messages/share/<uuid:uuid>/", inbox.share, name="share-inbox"),
    path("messages/share/<uuid:uuid>/accept/", inbox.accept_share, name="accept-share"),
    path("messages/share/<uuid:uuid>/end/", inbox.end_share, name="end-share"),
    path("<uuid:uuid>/card/", members_area.card, name="member-card"),
    path("join/", joining.JoinView.as_view(), name="join"),
    path("join/sent/", joining.join_sent, name="join-sent"),
    path("confirm/<str:token>/", links.move_token, {"to": "network:confirm-here"}, name="confirm"),
    path("confirm/opened/<str:key>/", joining.confirm, name="confirm-here"),
    path("confirmed/", joining.confirmed, name="confirmed"),
    path("link/", views.AskForLinkView.as_view(), name="ask-for-link"),
    path("link/sent/", views.link_sent, name="link-sent"),
    path("link/<str:token>/", links.move_token, {"to": "network:open-profile-here"}, name="open-profile"),
    path("link/opened/<str:key>/", views.open_profile, name="open-profile-here"),
    path("profile/", views.profile, name="profile"),
    path("profile/preview/", views.preview, name="preview"),
    path("profile/texts/", views.choose_language, name="choose-language"),
    path("profile/texts/<str:language>/", views.texts, name="texts"),
    path("profile/texts/<str:language>/take-back/", views.take_back_texts, name="take-back-texts"),
    path("profile/practices/", owned.practices, name="own-practices"),
    path("profile/publications/", publications.own_publications, name="own-publications"),
    path("profile/publications/add/", publications.add_publication, name="add-publication"),
    path("profile/publications/doi/", publications.publication_by_doi, name="publication-by-doi"),
    path("profile/publications/orcid/", publications.publications_at_orcid, name="publications-at-orcid"),
    path("profile/publications/keep/", publications.keep_publications, name="keep-publications"),
    path("profile/publications/<uuid:uuid>/", publications.change_publication, name="change-publication"),
    path("profile/place/", places.place_of_work, name="place-of-work"),
    path("profile/answer/", views.answer, name="answer"),
    path("profile/pause/", views.pause, name="pause"),
    path("profile/resume/", views.resume, name="resume"),
    path("profile/leave/", views.leave, name="leave"),
    path("profile/download/", views.download, name="download"),
    path("profile/download/table/", views.download_table, name="download-table"),
    path("profile/download/card/", views.download_card, name="download-card"),
    path("profile/account/", account.open_account, name="open-account"),
    path("profile/account/opened/", account.account_opened, name="account-opened"),
    path("profile/account/close/", account.close_account, name="close-account"),
    path("profile/reconfirmation/", views.reconfirm, name="reconfirm"),
    path("profile/orcid/", verifications.go_to_orcid, name="orcid"),
    path("profile/orcid/<slug:outcome>/", verifications.outcome_page, name="orcid-outcome"),
    path("profile/verifications/<slug:kind>/", views.add_verification, name="add-verification"),
    path(
        "profile/verifications/<uuid:uuid>/take-back/",
        verifications.take_back_verification,
        name="take-back-verification",
    ),
    path("profile/nominations/<uuid:uuid>/", verifications.answer_nomination, name="answer-nomination"),
    path(
        "address/<str:token>/",
        links.move_token,
        {"to": "network:confirm-address-here"},
        name="confirm-address",
    ),
    path("address/opened/<str:key>/", verifications.confirm_address, name="confirm-address-here"),
    path("nominate/answered/", verifications.nomination_answered, name="nomination-answered"),
    path("nominate/<str:token>/", links.move_token, {"to": "network:nominate-here"}, name="nominate"),
    path("nominate/opened/<str:key>/", verifications.nominate, name="nominate-here"),
    path(
        "reconfirmation/<str:token>/",
        links.move_token,
        {"to": "network:reconfirmation-here"},
        name="reconfirmation",
    ),
    path("reconfirmation/opened/<str:key>/", views.reconfirmation, name="reconfirmation-here"),
    path("profile/close/", views.close_profile, name="close-profile"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<uuid:uuid>/", groups.group, name="group"),
    path("groups/<uuid:uuid>/files/<uuid:key>/", groups.group_file, name="group-file"),
    path("events/", events.own_events, name="own-events"),
    path("events/sent/", events.sent, name="event-sent"),
    path("events/place/<str:token>/", links.move_token, {"to": "network:event-place-here"}, name="event-place"),
    path("events/place/opened/<str:key>/", events.place_by_link, name="event-place-here"),
    path("events/place/opened/<str:key>/calendar/", events.calendar_by_link, name="event-calendar-here"),
    path(
        "events/place/opened/<str:key>/certificate/",
        events.certificate_by_link,
        name="event-certificate-here",
    ),
    path("events/<uuid:uuid>/", events.RegisterView.as_view(), name="event"),
    path("events/<uuid:uuid>/register/", events.register, name="event-register"),
    path("events/<uuid:uuid>/place/", events.place_by_account, name="own-event-place"),
    path("events/<uuid:uuid>/place/calendar/", events.calendar_by_account, name="own-event-calendar"),
    path(
        "events/<uuid:uuid>/place/certificate/",
        events.certificate_by_account,
        name="own-event-certificate",
    ),
    path("left/", views.left, name="left"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    # Registered with ORCID, and so the same for every language.
    path("members/orcid/", verifications.come_back, name="orcid-return"),
]
localized: list[URLPattern | URLResolver] = [path("members/", include((members, "network")))]
