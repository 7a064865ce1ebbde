"""What follows from signing in, and from changing how one signs in."""

from allauth.account.signals import authentication_step_completed, email_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in

from core.declarations import Receiver
from users import languages
from users.sign_in import confirming, second_factor, sessions

RECEIVERS = (
    Receiver(signal=authenticator_added, function=second_factor.remember_added),
    Receiver(signal=authenticator_added, function=confirming.end_other_sessions),
    Receiver(signal=authenticator_removed, function=confirming.end_other_sessions),
    Receiver(signal=email_changed, function=confirming.end_other_sessions),
    Receiver(signal=authentication_step_completed, function=confirming.change_token),
    Receiver(signal=user_logged_in, function=sessions.begin),
    Receiver(signal=user_logged_in, function=languages.remember),
)
