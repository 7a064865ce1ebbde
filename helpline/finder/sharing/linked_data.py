"""The page of a country as schema.org data, for search engines.

The finder has none, as it would reveal the topic of the page.
A programme is a `Service` of an `Organization`, with a `ServiceChannel` for each contact point.
A support line is a `Service` too.
Listings that have not been checked (in the demonstration) say so.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from core.http import public_url
from helpline.finder.content.listing.reading import active_language
from helpline.finder.sharing import addresses
from helpline.finder.sharing.lookups import Place
from helpline.records.listings import Listing
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.support_lines import SupportLine
from helpline.records.visibility import hides_contact
from helpline.vocabulary import codes, hours
from helpline.vocabulary.codes import ANYWHERE, Audience, Channel, Cost, LineKind

type Thing = dict[str, Any]

CONTEXT = "https://schema.org"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Schema.org cannot express midnight at the end of a day.
END_OF_DAY = "23:59"


def country(place: Place, *, title: str, description: str) -> Thing:
    """Describe the page of a country, and the services that it lists."""
    language = active_language()
    url = public_url(addresses.country_path(language, place.code))
    page = {
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": title,
        "description": description,
        "inLanguage": language,
        "isAccessibleForFree": True,
        "spatialCoverage": {"@type": "Country", "identifier": place.code.upper(), "name": place.name},
    }
    if place.as_of:
        page["dateModified"] = place.as_of.isoformat()
    services = [
        *(programme(row, place.today) for row in place.programmes),
        *(support_line(row, place.today) for row in place.lines),
    ]
    return {"@context": CONTEXT, "@graph": [page, *(drop_empty(service) for service in services)]}


def programme(row: Programme, today: dt.date) -> Thing:
    hidden = hides_contact(row, today)
    text = next(iter(row.texts.all()), None)
    return service_base(row) | {
        "name": row.name,
        "description": text.summary if text else "",
        "serviceType": gettext("Help so that no child is harmed"),
        "provider": drop_empty({"@type": "Organization", "name": row.operator or row.name, "url": row.website}),
        "areaServed": [area(code) for code in row.countries],
        "audience": [{"@type": "Audience", "audienceType": name} for name in Audience.in_words(row.audiences)],
        "availableChannel": [] if row.is_closed else [*channels(row, hidden=hidden)],
    }


def channels(row: Programme, *, hidden: bool) -> Iterator[Thing]:
    for point in row.contact_points.all():
        channel = {
            "@type": "ServiceChannel",
            "name": str(Channel(point.channel).label) if point.channel else "",
            "serviceUrl": point.url or row.website,
            "availableLanguage": list(point.languages),
        }
        if not hidden:
            channel["servicePhone"] = contact_point(point)
        yield drop_empty(channel)


def contact_point(point: ContactPoint) -> Thing:
    phone = point.phone
    if phone is None and not point.email:
        return {}
    return drop_empty(
        {
            "@type": "ContactPoint",
            "telephone": phone.digits if phone else "",
            "email": point.email,
            "contactType": str(Channel(point.channel).label) if point.channel else "",
            "availableLanguage": list(point.languages),
            "contactOption": "TollFree" if phone and point.cost == Cost.FREE else "",
            "hoursAvailable": opening_hours(point.opening_hours),
        }
    )


def support_line(row: SupportLine, today: dt.date) -> Thing:
    phone = row.phone
    hidden = hides_contact(row, today)
    point = {
        "@type": "ContactPoint",
        "telephone": phone.digits if phone else "",
        "contactType": str(LineKind(row.kind).label),
        "availableLanguage": list(row.languages),
        "hoursAvailable": opening_hours(row.opening_hours),
    }
    channel = {
        "@type": "ServiceChannel",
        "serviceUrl": row.website,
        "servicePhone": drop_empty(point) if phone and not hidden else {},
        "availableLanguage": list(row.languages),
    }
    return service_base(row) | {
        "name": row.name,
        "serviceType": str(LineKind(row.kind).label),
        "provider": drop_empty({"@type": "Organization", "name": row.name, "url": row.website}),
        "areaServed": [area(code) for code in row.countries],
        "availableChannel": [] if row.is_closed else [drop_empty(channel)],
    }


def service_base(row: Listing) -> Thing:
    thing = {"@type": "Service", "@id": f"urn:uuid:{row.uuid}"}
    if not row.live:
        thing["disambiguatingDescription"] = gettext("Demonstration: nothing here has been checked.")
    return thing


def area(code: str) -> Thing:
    if code == ANYWHERE:
        return {"@type": "Place", "name": codes.country_name(code)}
    return {"@type": "Country", "identifier": code.upper(), "name": codes.country_name(code)}


def opening_hours(text: str) -> list[Thing]:
    """Describe the opening hours of an ordinary week, or return nothing if weeks differ."""
    if not text:
        return []
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": DAYS[day],
            "opens": opens,
            "closes": END_OF_DAY if closes == "00:00" else closes,
        }
        for day, opens, closes in hours.week(text) or ()
    ]


def drop_empty(thing: Thing) -> Thing:
    """Drop empty values, which stand for unknown facts."""
    return {name: value for name, value in thing.items() if value not in ("", [], {}, None)}
