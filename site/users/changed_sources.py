"""Telling translators at once that a source has changed: nobody has to remember to send it to them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.users.models import UserProfile
from wagtail_localize.models import Translation

from core.doors import desk_url
from core.languages import names
from core.languages.changes import follow
from core.mail import outbox
from core.mail.kinds import MailKind
from users import roles
from users.models import User

if TYPE_CHECKING:
    from core.models import OutgoingMail


def note_published(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Bring the texts to translate up to a source page that was just published, and mail its translators if they changed."""
    if instance.locale.language_code != settings.LANGUAGE_CODE or instance.alias_of_id:
        return
    source = follow(instance)
    if source is None:
        return
    for each in source.translations.filter(enabled=True).select_related("target_locale"):
        language = each.target_locale.language_code
        for user in translators(language):
            outbox.queue(
                CHANGED.name,
                recipient=user.email,
                user=user.pk,
                translation=each.pk,
                title=instance.title,
                language=language,
                urgent=bool(getattr(instance, "is_sensitive", False)),
            )


def translators(language: str) -> Any:
    """Return those who translate into a language."""
    group = roles.translator(language).name
    return User.objects.filter(groups__name=group, is_active=True).exclude(email="").order_by("pk")


def write(mail: OutgoingMail) -> EmailMessage | None:
    """Write to one translator, in their language; to nobody who has left, and not about a translation that was stopped."""
    data = mail.data
    user = User.objects.filter(pk=data["user"], is_active=True).first()
    if user is None or not Translation.objects.filter(pk=data["translation"], enabled=True).exists():
        return None
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        context = {
            **data,
            "language": names.language_name(data["language"]),
            "url": desk_url("changed_texts", data["translation"]),
        }
        subject = _("Changed in the source: %(title)s") % data
        return EmailMessage(
            subject=" ".join(subject.split()),
            body=render_to_string("users/mail/source_changed.txt", context),
            to=[mail.recipient],
        )


CHANGED = MailKind(name="users.changed", title=gettext_lazy("Source of a translation changed"), write=write)
