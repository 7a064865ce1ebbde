"""The one interface through which other apps read the helpline.

It provides the numbers that may be printed, the listings that have a page, the address of the finder, and its guides.

Posters hang on walls for years.
So a number is given only while its programme is approved by two people, open, and not overdue for its next check.
This also holds in the demonstration.

On a site without the helpline, nothing is listed, printed material points to the home page, and every other function
returns nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.utils import timezone
from wagtail.models import Page

from core import declarations

IS_INSTALLED = apps.is_installed("helpline")
if IS_INSTALLED:
    from helpline.records import visibility
    from helpline.records.programmes import ContactPoint, Programme
    from helpline.records.visibility import Freshness, freshness
    from helpline.vocabulary.codes import Alert, Audience, Channel, Status


# Callers of these numbers would not get help, so the numbers are not printed.
UNRELIABLE = frozenset({Alert.NO_NEW_PEOPLE, Alert.IN_DOUBT} if IS_INSTALLED else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintableNumber:
    """A number as people dial it, and who answers there."""

    programme: UUID
    name: str
    national: str
    international: str
    country: str  # the country of the number, or empty if not known

    def dialled_in(self, country: str) -> str:
        """Return the number as it is dialled there."""
        return self.national if country == self.country or not self.international else self.international


def finder_path(language: str) -> str:
    """Return the path of the finder, the same neutral address in every language.

    Without the helpline, return that of the home page.
    """
    return f"/{language}/help/" if IS_INSTALLED else f"/{language}/"


# The pages of the helpline that printed material can lead to, and the audiences with a guide that it leads to.
HELP_PAGES = ("helpline.FinderPage", "helpline.GuidePage") if IS_INSTALLED else ()
FAMILY_OR_FRIEND = Audience.FAMILY_OR_FRIEND.value if IS_INSTALLED else ""
PROFESSIONAL = Audience.PROFESSIONAL.value if IS_INSTALLED else ""


def guide_key(audience: str) -> UUID | None:
    """Return the translation key of the guide that the finder offers an audience; None if there is none.

    Uses two queries.
    """
    if not IS_INSTALLED or not audience:
        return None
    # By name, as the finder is built on this module. A translation has the guides of its source.
    finders = apps.get_model("helpline.FinderPage").objects
    finder = finders.live().filter(locale__language_code=settings.LANGUAGE_CODE).first()
    routes = [block["value"] for block in finder.routes.raw_data] if finder is not None else []
    guide = next((route.get("guide") for route in routes if route["audience"] == audience), None)
    found: UUID | None = Page.objects.filter(pk=guide).values_list("translation_key", flat=True).first()
    return found


def programmes_of(country: str = "") -> list[tuple[UUID, str, tuple[str, ...]]]:
    """Return the programmes with a phone number, as (identifier, name, countries), by name.

    With `country`, only those of that country.
    """
    if not IS_INSTALLED:
        return []
    phones = ContactPoint.objects.filter(channel=Channel.PHONE).exclude(number="")
    found = Programme.objects.exclude(status=Status.DELISTED).filter(pk__in=phones.values("programme"))
    rows = found.order_by("name", "pk").values_list("uuid", "name", "countries")
    return [(uuid, name, tuple(countries)) for uuid, name, countries in rows if not country or country in countries]


def numbers_of(programmes: Collection[UUID], *, today: dt.date | None = None) -> dict[UUID, dict[str, PrintableNumber]]:
    """Return the printable numbers of these programmes, by identifier and then by language.

    Key "" holds the number for all other languages.
    Left out are programmes that are closed, overdue, unverified or in doubt, that take no new people, or that have no
    number that can be dialled.
    Uses two queries.
    """
    if not IS_INSTALLED:
        return {}
    day = today or timezone.localdate()
    found: dict[UUID, dict[str, PrintableNumber]] = {}
    for programme in Programme.objects.filter(visibility.public_q(), uuid__in=list(programmes)).prefetch_related(
        "contact_points"
    ):
        if visibility.is_closed(programme) or programme.alert in UNRELIABLE:
            continue
        if freshness(programme.checked_on, programme.next_check_due, day) is not Freshness.FRESH:
            continue
        for point in programme.contact_points.all():
            if point.channel != Channel.PHONE or point.phone is None:
                continue
            number = PrintableNumber(
                programme=programme.uuid,
                name=programme.name,
                national=point.number_written or point.phone.national(),
                international=point.phone.international(),
                country=point.phone.region(),
            )
            by_language = found.setdefault(programme.uuid, {})
            for language in ("", *point.languages):
                by_language.setdefault(language, number)
    return found


# --- The pages of listings ------------------------------------------------------------------------

# Apps that show names of listings on prerendered pages watch these models and invalidate the pages
# (`core.publishing.routes`).
LISTINGS = (Programme,) if IS_INSTALLED else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    """Listing with its own page: its name, and the path in one language."""

    uuid: UUID
    name: str
    path: str


def programme_names() -> list[tuple[UUID, str]]:
    """Return all programmes that were not delisted as (identifier, name), by name, for a choice in the admin.

    Uses one query.
    """
    if not IS_INSTALLED:
        return []
    found = Programme.objects.exclude(status=Status.DELISTED).order_by("name", "pk")
    return list(found.values_list("uuid", "name"))


def listed_pages(programmes: Collection[UUID], language: str) -> list[ListedPage]:
    """Return those of these programmes that the public may see, by name.

    Hidden and unknown programmes are left out.
    Uses one query.
    """
    if not IS_INSTALLED:
        return []
    found = Programme.objects.shown().filter(uuid__in=list(programmes)).order_by("name", "pk")
    return [
        ListedPage(uuid=uuid, name=name, path=f"{finder_path(language)}listing/{uuid}/")
        for uuid, name in found.values_list("uuid", "name")
    ]


# --- The notice of change -------------------------------------------------------------------------


def notice_change(programme: UUID) -> None:
    """Call what apps declare as `programme_changed`, within the transaction of the change."""
    for listener in declarations.collect("programme_changed"):
        listener(programme)
