"""Events as iCalendar files and feeds.

There is a feed for each language, a file for each public event, and one for each registration with a place.
Times are in UTC, which every calendar program converts to the user's zone, summer time included.
So the files need no definitions of time zones, which could be outdated.
The UID is that of the event, in every language and wherever it moves.
"""

import datetime as dt
from collections.abc import Collection, Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from icalendar import Event as CalendarEvent

from core.http import public_url
from core.languages import tree
from core.models import SiteSettings
from core.publishing import feeds, routes
from network.models import Event, EventIndexPage, EventPage

PRODUCT = "Events"


def feed_path(language: str) -> str:
    """Return the path of the feed, `/de/feeds/events.ics`."""
    with translation.override(language):
        return reverse("events-feed", urlconf=settings.PUBLIC_URLCONF)


def languages() -> list[str]:
    """Return the public languages with a list of events."""
    found = tree.public_pages().type(EventIndexPage)
    return sorted({*found.values_list("locale__language_code", flat=True)})


def public_events(language: str | None = None, slugs: Collection[str] | None = None) -> Iterator[EventPage]:
    """Yield the public pages of events, soonest first: those in a language, or with these slugs."""
    pages = EventPage.objects.filter(pk__in=tree.public_pages().values("pk")).select_related("locale")
    if language is not None:
        pages = pages.filter(locale__language_code=language)
    if slugs is not None:
        pages = pages.filter(slug__in=slugs)
    for page in pages.with_facts():
        if isinstance(page.published, Event) and not page.render_blockers():
            yield page


def entry(page: EventPage, *, joining: str = "") -> CalendarEvent:
    """Return an event for a calendar.

    `joining` is only for registrations with a place.
    """
    event = page.published
    assert isinstance(event, Event)  # noqa: S101  (checked by the caller)
    stamp = max(event.changed_at, page.last_published_at or event.changed_at).replace(microsecond=0)
    made = CalendarEvent()
    made.add("uid", f"urn:uuid:{event.uuid}")
    made.add("sequence", event.sequence)
    made.add("dtstamp", stamp)
    made.add("last-modified", stamp)
    made.add("dtstart", event.starts_at.astimezone(dt.UTC))
    made.add("dtend", event.ends_at.astimezone(dt.UTC))
    made.add("summary", feeds.words(page.title, page.language))
    made.add("description", feeds.words("\n\n".join(filter(None, [page.introduction, joining])), page.language))
    made.add("location", feeds.words(page.place, page.language))
    made.add("url", public_url(page.path_at_public))
    made.add("status", "CANCELLED" if event.is_called_off else "CONFIRMED")
    made.add("class", "PRIVATE" if joining else "PUBLIC")
    return made


def file_of(page: EventPage, *, joining: str = "") -> bytes:
    """Return the calendar file of one event."""
    return feeds.serialize_calendar([entry(page, joining=joining)], product=PRODUCT)


def feed(request: HttpRequest) -> HttpResponse:
    """Render the feed of the active language."""
    language = translation.get_language()
    if not routes.may_render(request) or language not in languages():
        raise Http404
    name = gettext("%(site)s: events") % {"site": SiteSettings.for_request(request).name}
    made = feeds.serialize_feed(
        map(entry, public_events(language)),
        product=PRODUCT,
        name=name,
        path=feed_path(language),
        language=language,
    )
    return HttpResponse(made, content_type=feeds.CONTENT_TYPE)


def file(request: HttpRequest, above: str, name: str) -> HttpResponse:
    """Render the calendar file of an event."""
    if routes.may_render(request):
        code = translation.get_language()
        for page in public_events(code, [name]):
            if page.calendar_path == f"/{code}/{above}/{name}.ics":
                return HttpResponse(file_of(page), content_type=feeds.CONTENT_TYPE)
    raise Http404
