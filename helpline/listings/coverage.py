"""What the listings that are shown cover, and which countries lack the lines that a help page needs before the public sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import names
from helpline import codes
from helpline.codes import Kind
from helpline.finder.coverage import Coverage, week_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

NEEDED = (Kind.EMERGENCY, Kind.SUICIDE_CRISIS)


def missing_crisis_lines(*, language: str, demo: bool) -> Iterator[tuple[str, Kind]]:
    """(name of the country, kind) of each line that is needed and not approved. The name is empty where any country would do."""
    from helpline.models import Programme, SupportLine

    approved = set(
        SupportLine.objects.shown(demo=demo)
        .of_kind(*NEEDED)
        .exclude(status__in=codes.CLOSED_STATUSES)
        .values_list("country", "kind")
    )
    led_to = {
        country
        for countries in Programme.objects.shown(demo=demo)
        .speaking(language)
        .values_list("countries", flat=True)
        for country in countries
        if country != codes.ANYWHERE
    }
    for kind in NEEDED:
        if not led_to and not any(found == kind for _country, found in approved):
            yield "", kind
        for country in sorted(led_to):
            if (country, kind) not in approved:
                yield names.country_name(country), kind


def of_this_week(*, today: dt.date, demo: bool) -> Coverage:
    """What answers in the week of a day, for every country and language, as far as the public sees it. Three queries."""
    from helpline.models import Programme, SupportLine

    return Coverage.of(
        programmes=Programme.objects.shown(demo=demo).prefetch_related("contact_points"),
        lines=SupportLine.objects.shown(demo=demo).of_kind(*NEEDED),
        start=week_of(today),
        today=today,
    )
