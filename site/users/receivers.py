"""Receivers for sign-ins, and for changes of sign-in methods."""

from contextlib import suppress

from allauth.account.signals import authentication_step_completed, email_changed
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.translation import get_language_from_request
from wagtail.admin.localization import get_available_admin_languages
from wagtail.users.models import UserProfile

from core.declarations import Receiver
from core.http.limits import Limit, RateLimitExceededError, consume
from users import account_changes, mail
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


WRONG_CODES = Limit(name="second-factor-wrong", times=4, seconds=24 * 3600)
ALERTS = Limit(name="second-factor-alerts", times=1, seconds=24 * 3600)


def warn_of_guesses(*, user: User, **kwargs: object) -> None:
    """Receive allauth's `authentication_failed`: mail the owner at the fifth wrong code of a day, once a day."""
    try:
        consume(WRONG_CODES, str(user.pk))
    except RateLimitExceededError:
        with suppress(RateLimitExceededError):
            consume(ALERTS, str(user.pk))
            mail.send_wrong_codes(user=user)


RECEIVERS = (
    Receiver(signal=authenticator_added, function=second_factor.remember_added),
    Receiver(signal=authenticator_added, function=confirming.end_other_sessions),
    Receiver(signal=authenticator_removed, function=confirming.end_other_sessions),
    Receiver(signal=email_changed, function=confirming.end_other_sessions),
    Receiver(signal=authenticator_removed, function=account_changes.record_own_factor),
    Receiver(signal=email_changed, function=account_changes.record_own_address),
    Receiver(signal=authentication_step_completed, function=confirming.change_token),
    Receiver(signal=authentication_failed, function=warn_of_guesses),
    Receiver(signal=user_logged_in, function=sessions.begin),
    Receiver(signal=user_logged_in, function=remember),
)
