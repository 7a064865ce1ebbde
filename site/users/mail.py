"""What the desk writes to the people who work there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from wagtail.models import Site

from core.doors import desk_url
from core.models import SiteSettings

if TYPE_CHECKING:
    from users.models import User


def site_name() -> str:
    """The name of the site, as its operator has set it."""
    site = Site.objects.filter(is_default_site=True).first()
    return SiteSettings.for_site(site).name if site else settings.WAGTAIL_SITE_NAME


def send_invitation(*, user: User, by: User | None) -> None:
    """Tell somebody that they have an account, and how to sign in. Raises OSError or SMTPException where mail is not taken."""
    name = site_name()
    context = {"user": user, "by": by, "site_name": name, "sign_in": desk_url("account_login")}
    send_mail(
        subject=_("Your account at %(site)s") % {"site": name},
        message=render_to_string("users/mail/invitation.txt", context),
        from_email=None,
        recipient_list=[user.email],
    )
