"""Launch emails: plain text, one for each address, composed on delivery."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy
from wagtail.models import PageLogEntry
from wagtail.users.models import UserProfile

from campaigns.launches.models import CalledOff, called_off
from campaigns.models import CampaignPage, Launch, LaunchContact
from core.http import private_url, public_url
from core.languages import names, translators
from core.mail import outbox
from core.mail.kinds import MailKind
from core.models import OutgoingMail


def staff_of(campaign_key: uuid.UUID) -> list[Any]:
    """Return the users to notify of a launch: those who have worked on its pages, and translators of its languages."""
    pages = CampaignPage.objects.filter(translation_key=campaign_key).select_related("locale")
    worked = PageLogEntry.objects.filter(page__in=pages.values("pk"), user__isnull=False).values("user")
    groups = [translators.group_name(page.locale.language_code) for page in pages]
    users = get_user_model()._default_manager.filter(is_active=True).exclude(email="")
    enter = Q(is_superuser=True) | Q(
        groups__permissions__codename="access_admin",
        groups__permissions__content_type__app_label="wagtailadmin",
    )
    theirs = Q(pk__in=worked) | Q(groups__name__in=groups)
    return [*users.filter(pk__in=users.filter(enter).values("pk")).filter(theirs).distinct().order_by("pk")]


def tell(launch: Launch) -> None:
    """Queue the emails of a launch that are not queued yet. Call it in the transaction that publishes."""
    now = timezone.now()
    told: set[str] = set()
    staff = staff_of(launch.campaign_key)
    if launch.staff_notified_at is None:
        for user in staff:
            outbox.queue(LAUNCHED.name, about=launch, recipient=user.email, user=user.pk)
        launch.staff_notified_at = now
    told |= {user.email.lower() for user in staff}
    if launch.partners_notified_at is None and launch.pages.filter(published_at__isnull=False).exists():
        for contact in LaunchContact.objects.filter(campaign_key=launch.campaign_key).select_related("partner"):
            address = contact.address.lower()
            if address and address not in told:
                told.add(address)
                outbox.queue(LAUNCHED.name, about=launch, recipient=contact.address, contact=contact.pk)
        launch.partners_notified_at = now
    launch.save(update_fields=["staff_notified_at", "partners_notified_at"])


def compose(mail: OutgoingMail) -> EmailMessage | None:
    """Compose one email from the state at delivery; return None if it must not be sent any more."""
    launch, language = mail.about, language_of(mail)
    if not isinstance(launch, Launch) or language is None:
        return None
    for_staff = "user" in mail.data
    with translation.override(language):
        pages = list(launched(launch))
        original = next((each["page"] for each in pages), None)
        public = [each for each in pages if each["url"]]
        if original is None or not (public or for_staff):
            return None
        missing = [each for each in pages if not each["url"]]
        says = {"title": original.title, "count": len(public), "total": len(pages)}
        subject = gettext("“%(title)s” is public") % says
        if missing and for_staff:
            subject = gettext("“%(title)s” is public in %(count)d of %(total)d languages") % says
        context = {
            "title": original.title,
            "public": public,
            "missing": missing if for_staff else [],
            "plan_url": private_url("launch_plan", original.pk) if for_staff else "",
        }
        return EmailMessage(
            subject=subject,
            body=render_to_string("campaigns/mail/launched.txt", context),
            to=[mail.recipient],
        )


def language_of(mail: OutgoingMail) -> str | None:
    """Return the language of the recipient; None if the account is inactive or the contact was removed."""
    if "user" in mail.data:
        user = get_user_model()._default_manager.filter(pk=mail.data["user"], is_active=True).first()
        return UserProfile.get_for_user(user).get_preferred_language() if user else None
    contact = LaunchContact.objects.filter(pk=mail.data["contact"]).select_related("partner").first()
    return contact.letter_language if contact else None


def launched(launch: Launch) -> Iterator[dict[str, Any]]:
    """Yield each page of the launch with its language, its address if public, and the reason if not."""
    pages = CampaignPage.objects.filter(translation_key=launch.campaign_key).select_related("locale")
    outcomes = {each.page_id: each for each in launch.pages.all()}
    off = called_off([page.pk for page in pages])
    for page in pages.order_by("pk"):
        outcome = outcomes.get(page.pk)
        if outcome is not None or page.is_open:
            yield {
                "page": page,
                "language": names.language_name(page.locale.language_code),
                "url": public_url(page.path_at_public) if page.is_open else "",
                "reason": (outcome.reason if outcome is not None else "") or why_not(off.get(page.pk)),
            }


def why_not(called: CalledOff | None) -> str:
    return called.sentence if called else gettext("It was not published for the go-live time.")


LAUNCHED = MailKind(name="campaigns.launched", title=gettext_lazy("A campaign is public"), write=compose)
