"""What is measured of the helpline: checks that are due. Numbers of listings, never which."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.watching import AlertLimit, Gauge
from helpline.records.laws import CountryLaw
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine

LISTINGS = (Programme, SupportLine, CountryLaw)


def checks_due() -> float:
    today = timezone.localdate()
    return sum(model.objects.shown().overdue(today).count() for model in LISTINGS)


def numbers_hidden() -> float:
    today = timezone.localdate()
    return sum(model.objects.shown().stale(today).count() for model in LISTINGS)


GAUGES = [
    Gauge(
        name="waymark_listings_checks_due",
        title=_("Listings whose check is due"),
        value=checks_due,
    ),
    Gauge(
        name="waymark_listings_hidden_numbers",
        title=_("Listings whose numbers are hidden because nobody has checked them for too long"),
        value=numbers_hidden,
        limit=AlertLimit(
            above=0,
            lasting=timedelta(hours=1),
            advice=_(
                "Whoever looks for help does not find these numbers any more. Tell those who check listings: their start page has the list."
            ),
        ),
    ),
]
