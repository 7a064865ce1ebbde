"""Certificates of attendance (A4, PDF/UA-1), in the language of the person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from core import typesetting
from core.doors import public_url
from network.events import times

if TYPE_CHECKING:
    from network.models import EventPage, Registration

TEMPLATE = Path(__file__).with_name("certificate.typ")


def certificate(registration: Registration, page: EventPage, *, site: str) -> bytes:
    """Return the certificate of somebody who was at an event. Raises typesetting.NotTypeset if no font has a letter of the name."""
    language = settings.LANGUAGE_TABLE[page.language]
    event = registration.event
    if unknown := typesetting.missing_letters(registration.name + page.title):
        raise typesetting.NotTypeset(unknown)
    with translation.override(page.language):
        return typesetting.pdf(
            TEMPLATE,
            {
                "language": language.code.partition("-")[0],
                "direction": language.direction,
                "site": site,
                "title": gettext("Certificate of attendance"),
                "name": registration.name,
                "took_part": gettext("took part in"),
                "event": page.title,
                "facts": [
                    (gettext("When"), times.lines(event)[0]),
                    (gettext("Where"), page.place),
                    (gettext("Hours"), number_format(event.hours, decimal_pos=int(event.hours % 1 != 0))),
                    (gettext("Issued on"), date_format(event.ends, "DATE_FORMAT")),
                ],
                "address": public_url(page.path_at_public),
            },
        )
