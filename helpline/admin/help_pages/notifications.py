"""Telling everybody who works on a help page, at once, that somebody wants it off the site, that the public has lost it or that its translation was stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy
from wagtail.models import PageLogEntry
from wagtail.permissions import page_permission_policy
from wagtail.users.models import UserProfile

from core.admin.unpublish_requests import ASK
from core.admin.unpublishing import ACTION
from core.doors import desk_url
from core.languages import names
from core.mail import outbox
from core.mail.kinds import MailKind
from helpline.finder.pages import HelpPage

if TYPE_CHECKING:
    from wagtail.models import Page
    from wagtail_localize.models import Translation

    from core.models import OutgoingMail

GONE, STOPPED, ASKED = "gone", "stopped", "asked"
# Wagtail's own entry of an unpublished page stands for a way that asked for no reason.
LOGGED = {
    GONE: (ACTION, "wagtail.unpublish", "wagtail.delete"),
    STOPPED: ("core.stop_translation",),
    ASKED: (ASK,),
}
SUBJECTS = {
    GONE: gettext_lazy("Off the site: %(title)s"),
    STOPPED: gettext_lazy("No longer translated: %(title)s"),
    ASKED: gettext_lazy("To be taken off the site? %(title)s"),
}


def note_unpublished(sender: type[Page], instance: HelpPage, **kwargs: object) -> None:
    tell(instance, GONE)


def note_deleted(sender: type[Page], instance: HelpPage, **kwargs: object) -> None:
    """Tell of a page that was public until it was deleted, however that happened."""
    if instance.live:
        tell(instance, GONE)


def note_asked(sender: type[Page], instance: HelpPage, **kwargs: object) -> None:
    tell(instance, ASKED)


def note_stopped(sender: type[Translation], instance: Translation, created: bool, **kwargs: object) -> None:
    if created or instance.enabled:
        return
    page = HelpPage.in_language(instance.source.object_id, instance.target_locale_id)
    if page is not None:
        tell(page, STOPPED)


def tell(page: HelpPage, what: str) -> None:
    """Queue a mail to everybody who may change or publish the page. It is written when it is sent, with the reason."""
    people = page_permission_policy.users_with_any_permission_for_instance({"change", "publish"}, page)
    for user in people.filter(is_active=True).exclude(email=""):
        outbox.queue(
            MAIL.name,
            recipient=user.email,
            what=what,
            user=user.pk,
            page=page.pk,
            title=page.title,
            language=page.locale.language_code,
        )


def write(mail: OutgoingMail) -> EmailMessage | None:
    """Write to one person, in their language; to nobody who did it, and to nobody who has left."""
    data = mail.data
    user = get_user_model().objects.filter(pk=data["user"], is_active=True).first()
    entries = PageLogEntry.objects.filter(page_id=data["page"], action__in=LOGGED[data["what"]])
    found = sorted(
        entries.select_related("user").order_by("-timestamp")[:3], key=lambda entry: entry.action != ACTION
    )
    entry = found[0] if found else None
    if user is None or (entry is not None and entry.user_id == user.pk):
        return None
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        context = {
            **data,
            "language": names.language_name(data["language"]),
            "by": entry.user if entry is not None else None,
            "reason": (entry.data or {}).get("reason", "") if entry is not None else "",
            "url": desk_url("help_pages:list"),
            "decide_url": desk_url("take_off", data["page"]),
        }
        return EmailMessage(
            subject=" ".join((SUBJECTS[data["what"]] % {"title": data["title"]}).split()),
            body=render_to_string("helpline/mail/help_page.txt", context),
            to=[mail.recipient],
        )


MAIL = MailKind(name="helpline.page", title=gettext_lazy("Help page taken off the site"), write=write)
