"""The clock's jobs for the home page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.clock import print_daily
from home.models import HomePage

JOBS = [
    print_daily(
        name="home-dates",
        title=_("Print the dates on home pages for another day"),
        pages=HomePage,
        which=lambda page: page.shows_dates,
    ),
]
