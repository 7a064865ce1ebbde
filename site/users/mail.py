"""Mail to the people who work in the admin."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Site
from wagtail.users.models import UserProfile

from core.http import private_url
from core.mail import outbox
from core.mail.kinds import MailKind
from core.models import SiteSettings
from users.models import User

INVITATION = MailKind(name="users.invitation", title=gettext_lazy("Invitation to the admin"))
NOTICE = MailKind(name="users.notice", title=gettext_lazy("Notice about an account"))
# Not sent any more once the code has expired.
CODE = MailKind(
    name="users.code",
    title=gettext_lazy("Sign-in code"),
    lasts=timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
)
ACCOUNT_CHANGE = MailKind(name="users.account_change", title=gettext_lazy("Change of an account in the admin"))
ALERT = MailKind(name="users.alert", title=gettext_lazy("Change of where readers of help pages are sent"))
KINDS = (INVITATION, NOTICE, CODE, ACCOUNT_CHANGE, ALERT)


def site_name() -> str:
    site = Site.objects.filter(is_default_site=True).first()
    return SiteSettings.for_site(site).name if site else settings.WAGTAIL_SITE_NAME


def send_invitation(*, user: User, by: User | None) -> None:
    name = site_name()
    context = {"user": user, "by": by, "site_name": name, "sign_in": private_url("account_login")}
    message = EmailMessage(
        subject=_("Your account at %(site)s") % {"site": name},
        body=render_to_string("users/mail/invitation.txt", context),
        to=[user.email],
    )
    outbox.send(message, kind=INVITATION.name)


def send_wrong_codes(*, user: User) -> None:
    """Warn the owner of an account that wrong codes of its second factor were entered, in their language if known."""
    profile = UserProfile.objects.filter(user=user).first()
    with translation.override(profile.get_preferred_language() if profile else translation.get_language()):
        context = {"site_name": site_name()}
        message = EmailMessage(
            subject=_("Wrong codes for your account at %(site_name)s") % context,
            body=render_to_string("users/mail/wrong_codes.txt", context),
            to=[user.email],
        )
    outbox.send(message, kind=NOTICE.name)
