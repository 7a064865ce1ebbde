"""One launch ahead: a campaign that goes public in some days, in three languages of four, so that its plan has something to say."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from wagtail.models import Locale, Revision
from wagtail_localize.models import StringTranslation

from campaigns.launches import services
from campaigns.models import CampaignPage, LaunchContact
from demo import content
from demo.translations import publish, translate

if TYPE_CHECKING:
    from demo.pages import Built

# Ten in the morning, so many days after the demonstration was loaded.
DAYS, HOUR = 12, dt.time(10)
NOT_READY = "ar"
PARTNER = ("Example Institute", "press@example.org", "de")


def load(built: Built) -> None:
    """Create the campaign, schedule it, and leave one language unfinished."""
    said = content.facts("launch")
    day = timezone.localdate() + dt.timedelta(days=DAYS)
    page = CampaignPage(
        slug=said["slug"],
        locale=Locale.objects.get(language_code=content.SOURCE),
        live=False,
        embargo=timezone.make_aware(dt.datetime.combine(day, HOUR)),
        period_start=day,
        period_end=day + dt.timedelta(days=6),
        picture=built.pictures["notice-ask-help"],
    )
    write(page, said[content.SOURCE])
    above = built.pages["campaigns"]
    above.refresh_from_db()
    page = above.add_child(instance=page)
    publish(page.save_revision())
    for code in content.LANGUAGES[1:]:
        page.refresh_from_db()
        translated = copy.copy(page.get_latest_revision_as_object())
        write(translated, said[code])
        translate(page, translated, Locale.objects.get(language_code=code))
    leave_unfinished(page)
    name, email, language = PARTNER
    LaunchContact.objects.create(campaign_key=page.translation_key, name=name, email=email, language=language)
    services.rehearse(page.translation_key)


def write(page: CampaignPage, words: dict[str, Any]) -> None:
    for name in ("title", "search_description", "introduction", "audience"):
        setattr(page, name, words[name])
    page.key_messages = [
        {"type": "message", "value": message, "id": content.stable_id("launch", "message", number)}
        for number, message in enumerate(words["key_messages"])
    ]
    page.body = [
        {"type": "heading", "value": words["heading"], "id": content.stable_id("launch", "heading")},
        {"type": "text", "value": words["text"], "id": content.stable_id("launch", "text")},
    ]


def leave_unfinished(page: CampaignPage) -> None:
    """Take the last text from the translator of one language, and the page off the schedule: nobody publishes what is not whole."""
    locale = Locale.objects.get(language_code=NOT_READY)
    unfinished = page.get_translation(locale)
    texts = StringTranslation.objects.filter(context__object_id=page.translation_key, locale=locale)
    texts.filter(context__path__startswith="body").order_by("-pk")[:1].get().delete()
    Revision.objects.filter(object_id=str(unfinished.pk), approved_go_live_at__isnull=False).update(
        approved_go_live_at=None
    )
    CampaignPage.objects.filter(pk=unfinished.pk).update(go_live_at=None)
