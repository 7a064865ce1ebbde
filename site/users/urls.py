"""Our own sign-in URLs, and overrides of library URLs that would bypass them.

Include before theirs.
"""

from allauth.account import views as allauth_views
from allauth.mfa.totp import views as app_views
from allauth.mfa.webauthn import views as passkey_views
from django.urls import URLPattern, URLResolver, include, path, re_path

from core import links
from users.admin import menus
from users.sign_in import views
from users.sign_in.confirming import asking_again

own: list[URLPattern | URLResolver] = [
    path("account/start/", views.StartView.as_view(), name="start"),
    path("account/confirm/", views.ConfirmView.as_view(), name="confirm"),
    path("account/sessions/", views.SessionsView.as_view(), name="sessions"),
    path("account/once/opened/<str:key>/", views.SignInOnceView.as_view(), name="sign-in-once-here"),
    path(
        "account/once/<str:uid>/<str:token>/",
        links.move_token,
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
    # Sends another code on request.
    path(
        "account/login/code/confirm/",
        views.sending_codes(views.ConfirmCodeView.as_view()),
        name="account_confirm_login_code",
    ),
    path("account/logout/", views.clearing_browser(allauth_views.logout), name="account_logout"),
    # Changes by which an intruder at an open browser could keep the account.
    path("account/email/", asking_again(allauth_views.email), name="account_email"),
    path("account/2fa/totp/activate/", asking_again(app_views.activate_totp), name="mfa_activate_totp"),
    path("account/2fa/webauthn/add/", asking_again(passkey_views.add_webauthn), name="mfa_add_webauthn"),
    # Wagtail's own sign-in and password reset have neither a second factor nor rate limits.
    path("admin/login/", views.redirect_to_sign_in),
    re_path(r"^admin/password_reset/", views.redirect_to_sign_in),
    # There are no passwords to set: a code by mail replaces them.
    re_path(r"^account/password/", views.redirect_to_sign_in),
    path("admin/", menus.start_page),
    path("admin/pages/", menus.open_tree),
    # Wagtail's pages that raise an error or 404 on purpose.
    path("admin/failwhale/", views.not_here),
    path("admin/test404/", views.not_here),
]
