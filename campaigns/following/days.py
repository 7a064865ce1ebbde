"""Days of action as iCalendar (RFC 5545), one file for each language: campaign dates and international days.

The same content makes the same bytes: the time stamp of an event is when its page was last published.
Events last whole days, so time zones do not shift them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from icalendar import Event

from campaigns.models import CampaignPage
from core.http import public_url
from core.languages import tree
from core.models import SiteSettings
from core.publishing import feeds
from core.publishing.feeds import ONE_DAY

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# A campaign of up to a week is one event.
# A longer one would fill every day of the calendar, so it has an event on its first and on its last day.
LONGEST_EVENT = dt.timedelta(days=7)
# Date of the last change to the texts of KEPT_DAYS.
KEPT_SINCE = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


class KeptDay(NamedTuple):
    """A day observed every year. `first` is its first date, `url` the page of the body that decided on it."""

    name: str
    first: dt.date
    title: _StrPromise
    about: _StrPromise
    url: str


KEPT_DAYS = (
    KeptDay(
        "protection",
        dt.date(2015, 11, 18),
        _("European Day on the Protection of Children against Sexual Exploitation and Sexual Abuse"),
        _(
            "A day of the Council of Europe. On the same day, the United Nations mark the World Day for the "
            "Prevention of and Healing from Child Sexual Exploitation, Abuse and Violence."
        ),
        "https://www.coe.int/en/web/children/end-child-sexual-abuse-day",
    ),
    KeptDay(
        "children",
        dt.date(1990, 11, 20),
        _("World Children’s Day"),  # noqa: RUF001
        _("The day on which the United Nations adopted the Convention on the Rights of the Child."),
        "https://www.un.org/en/observances/world-childrens-day",
    ),
)


def calendar_path(language: str) -> str:
    """Return the path of the calendar, `/de/feeds/days-of-action.ics`."""
    with translation.override(language):
        return reverse("campaigns:days", urlconf=settings.PUBLIC_URLCONF)


def subscribe_url(language: str) -> str:
    return feeds.subscribe_url(calendar_path(language))


def calendar(language: str, request: HttpRequest) -> bytes:
    """Return the calendar in a language, which must be active."""
    name = gettext("%(site)s: days of action") % {"site": SiteSettings.for_request(request).name}
    return feeds.serialize_feed(
        [*_kept(language), *_campaigns(language)],
        product="Days of action",
        name=name,
        path=calendar_path(language),
        language=language,
    )


def _kept(language: str) -> Iterator[Event]:
    for day in KEPT_DAYS:
        event = _event(
            identity=uuid.uuid5(uuid.NAMESPACE_URL, f"{day.url} {day.name} {language}"),
            language=language,
            title=str(day.title),
            about=str(day.about),
            first=day.first,
            last=day.first,
            stamp=KEPT_SINCE,
            url=day.url,
        )
        event.add("rrule", {"freq": "yearly"})
        yield event


def _campaigns(language: str) -> Iterator[Event]:
    public = CampaignPage.objects.public().filter(locale__language_code=language, period_start__isnull=False)
    for page in public.select_related("locale").defer("body").order_by("period_start", "path"):
        if not page.render_blockers():
            yield from _of(page)


def _of(page: CampaignPage) -> Iterator[Event]:
    first, last = page.period_start, page.period_end
    if first is None:
        return

    def event(what: str, title: str, first: dt.date, last: dt.date) -> Event:
        return _event(
            # Stays the same when a page is moved or its dates change, and differs by language.
            identity=uuid.uuid5(page.translation_key, f"{what} {page.language}"),
            language=page.language,
            title=title,
            about=page.introduction,
            first=first,
            last=last,
            stamp=page.last_published_at or page.first_published_at or KEPT_SINCE,
            url=public_url(page.path_at_public),
        )

    if last is not None and last - first < LONGEST_EVENT:
        yield event("begins", page.title, first, last)
        return
    titled = {"title": page.title}
    yield event("begins", gettext("Campaign begins: %(title)s") % titled, first, first)
    if last is not None:
        yield event("ends", gettext("Last day of the campaign: %(title)s") % titled, last, last)


def _event(
    *,
    identity: uuid.UUID,
    language: str,
    title: str,
    about: str,
    first: dt.date,
    last: dt.date,
    stamp: dt.datetime,
    url: str,
) -> Event:
    stamp = stamp.astimezone(dt.UTC).replace(microsecond=0)
    made = Event()
    made.add("uid", f"urn:uuid:{identity}")
    made.add("dtstamp", stamp)
    made.add("last-modified", stamp)
    made.add("dtstart", first)
    made.add("dtend", last + ONE_DAY)  # the day after
    made.add("summary", feeds.words(title, language))
    if about:
        made.add("description", feeds.words(about, language))
    made.add("url", url)
    made.add("transp", "TRANSPARENT")  # does not block time in the subscriber's calendar
    made.add("class", "PUBLIC")
    return made


def languages() -> list[str]:
    """Return the public languages with a list of campaigns."""
    found = tree.public_pages().filter(content_type__app_label="campaigns", content_type__model="campaignindexpage")
    return sorted({*found.values_list("locale__language_code", flat=True)})
