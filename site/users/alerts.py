"""Alerts to administrators when one user changes where readers of help pages are sent.

These are the quick exit, the list of addresses for it, and redirects of sensitive addresses.
"""

from typing import Any

from django.core.mail import EmailMessage
from django.db.models import Model
from django.db.models.signals import post_save, pre_save
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.contrib.redirects.models import Redirect
from wagtail.log_actions import LogFormatter, get_active_log_context, log
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from core.declarations import Receiver
from core.http import private_url
from core.http.headers import is_sensitive
from core.mail import outbox
from core.models import ExitAddress, SiteSettings
from users import mail, services

ACTION = "users.alert"


def destination(row: Model) -> str:
    """Return where a row sends readers of help pages; empty if nowhere."""
    if isinstance(row, SiteSettings):
        return row.exit_url
    if isinstance(row, ExitAddress):
        return row.url if row.approved_at is not None else ""
    if isinstance(row, Redirect) and is_sensitive(row.old_path):
        return str(row.redirect_page or row.redirect_link)
    return ""


def remember(sender: type[Model], instance: Any, **kwargs: object) -> None:
    """Receive Django's `pre_save`."""
    stored = sender._default_manager.filter(pk=instance.pk).first() if instance.pk else None
    instance.destination_before = destination(stored or sender())


def alert(instance: Any, **kwargs: object) -> None:
    """Receive Django's `post_save`: log a change with both values, and mail it to all other administrators."""
    before, after = instance.destination_before, destination(instance)
    if before == after:
        return
    by: Any = get_active_log_context().user
    log(instance=instance, action=ACTION, user=by, data={"before": before, "after": after})
    for administrator in services.administrators().exclude(email="").exclude(pk=by.pk if by else 0):
        with translation.override(UserProfile.get_for_user(administrator).get_preferred_language()):
            what = str(instance if isinstance(instance, Redirect) else instance._meta.verbose_name)
            context = {
                "by": by,
                "site_name": mail.site_name(),
                "change": in_words(what, before, after),
                "url": private_url("wagtailadmin_home"),
            }
            message = EmailMessage(
                subject=_("Where readers of help pages are sent was changed"),
                body=render_to_string("users/mail/alert.txt", context),
                to=[administrator.email],
            )
        outbox.send(message, kind=mail.ALERT.name)


def in_words(what: str, before: str, after: str) -> str:
    return _("%(what)s: %(before)s → %(after)s") % {"what": what, "before": before or "-", "after": after or "-"}


class AlertFormatter(LogFormatter):
    """Show both values in the history."""

    label = gettext_lazy("Change where readers of help pages are sent")

    def format_message(self, log_entry: ModelLogEntry) -> str:
        return in_words(log_entry.label, log_entry.data["before"], log_entry.data["after"])


WATCHED = (SiteSettings, ExitAddress, Redirect)
RECEIVERS = (
    Receiver(signal=pre_save, function=remember, senders=WATCHED),
    Receiver(signal=post_save, function=alert, senders=WATCHED),
)
