from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(AppConfig):
    name = "users"
    verbose_name = _("People at the desk")
    default = True

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed, email_changed
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.contrib.auth.signals import user_logged_in

        from core import clock
        from core.mail import kinds
        from users import checks, languages, mail  # noqa: F401  (registers the house rules)
        from users.jobs import keep_roles
        from users.sign_in import confirming, second_factor, sessions

        for kind in mail.KINDS:
            kinds.register(kind)
        authenticator_added.connect(second_factor.remember_added)
        for changed in (authenticator_added, authenticator_removed, email_changed):
            changed.connect(confirming.end_other_sessions)
        authentication_step_completed.connect(confirming.change_token)
        user_logged_in.connect(sessions.begin)
        user_logged_in.connect(languages.remember)
        clock.register(
            clock.Job(name="keep-roles", title=_("Roles"), every=timedelta(minutes=5), run=keep_roles)
        )


class PeopleConfig(WagtailUsersAppConfig):
    """Wagtail's user management, with forms for users identified by email."""

    user_viewset = "users.admin.people.UserViewSet"
