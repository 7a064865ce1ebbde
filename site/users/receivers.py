"""Receivers for sign-ins, and for changes of sign-in methods."""

from allauth.account.signals import authentication_step_completed, email_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.translation import get_language_from_request
from wagtail.admin.localization import get_available_admin_languages
from wagtail.users.models import UserProfile

from core.declarations import Receiver
from users import account_changes
from users.models import User
from users.sign_in import confirming, second_factor, sessions


def remember(*, request: HttpRequest, user: User, **kwargs: object) -> None:
    """Receive Django's `user_logged_in`: store the user's language until they choose one in their account.

    Without a stored language, mail is in the language of the user who causes it: in German, from a translator to a
    reviewer who reads English.
    """
    no_language_chosen = (
        not request.headers.get("accept-language") and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES
    )
    if no_language_chosen or not user.works_in_admin:
        return
    language = get_language_from_request(request)
    if language not in dict(get_available_admin_languages()):
        return
    profile = UserProfile.get_for_user(user)
    if not profile.preferred_language:
        profile.preferred_language = language
        profile.save(update_fields=["preferred_language"])


RECEIVERS = (
    Receiver(signal=authenticator_added, function=second_factor.remember_added),
    Receiver(signal=authenticator_added, function=confirming.end_other_sessions),
    Receiver(signal=authenticator_removed, function=confirming.end_other_sessions),
    Receiver(signal=email_changed, function=confirming.end_other_sessions),
    Receiver(signal=authenticator_removed, function=account_changes.record_own_factor),
    Receiver(signal=email_changed, function=account_changes.record_own_address),
    Receiver(signal=authentication_step_completed, function=confirming.change_token),
    Receiver(signal=user_logged_in, function=sessions.begin),
    Receiver(signal=user_logged_in, function=remember),
)
