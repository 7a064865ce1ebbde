"""Our own sign-in URLs, and overrides of library URLs that would bypass them. Include before theirs."""

from allauth.account import views as allauth_views
from django.urls import URLPattern, URLResolver, include, path, re_path

from core.desk import opened
from users import page_tree, views

own: list[URLPattern | URLResolver] = [
    path("account/start/", views.StartView.as_view(), name="start"),
    path("account/once/opened/<str:key>/", views.SignInOnceView.as_view(), name="sign-in-once-here"),
    path(
        "account/once/<str:uid>/<str:token>/",
        opened.move,
        {"to": "users:sign-in-once-here"},
        name="sign-in-once",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own, "users"))),
    path("account/login/", views.sending_codes(allauth_views.login), name="account_login"),
    path(
        "account/login/code/",
        views.sending_codes(allauth_views.request_login_code),
        name="account_request_login_code",
    ),
    # Sends another code when asked to.
    path(
        "account/login/code/confirm/",
        views.sending_codes(allauth_views.confirm_login_code),
        name="account_confirm_login_code",
    ),
    # Wagtail's own sign-in and password reset have neither a second factor nor rate limits.
    path("admin/login/", views.redirect_to_sign_in),
    re_path(r"^admin/password_reset/", views.redirect_to_sign_in),
    # There are no passwords to set: a code by mail does as well.
    re_path(r"^account/password/", views.redirect_to_sign_in),
    path("admin/pages/", page_tree.open_tree),
    # Wagtail's pages that raise an error or 404 on purpose.
    path("admin/failwhale/", views.NotHereView.as_view()),
    path("admin/test404/", views.NotHereView.as_view()),
]
