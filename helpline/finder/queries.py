"""The finder's data: the listings that the public sees, what they cover, and which crisis lines are missing."""

import datetime as dt
import json

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Prefetch
from django.db.models.functions import Cast
from django.utils import timezone
from wagtail.models import Revision

from core.memo import per_batch
from helpline.finder.content.coverage.answers import GROUPS, Coverage, week_of
from helpline.finder.content.finder import Ways
from helpline.finder.content.listing.laws import Laws, by_country
from helpline.records.laws import CountryLaw, LawText
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.querysets import ProgrammeQuerySet
from helpline.records.settings import HelplineSettings
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.vocabulary import codes
from helpline.vocabulary.codes import LineKind

REQUIRED_KINDS = (LineKind.EMERGENCY, LineKind.SUICIDE_CRISIS)
# Columns that no page shows, so they are not loaded.
UNSHOWN = ("confidence", "scan_grade")


def programmes(*, language: str) -> ProgrammeQuerySet:
    """Return the programmes that the public sees, with everything shown of them in one language.

    Uses a fixed number of queries.
    """
    texts = ProgrammeText.objects.in_language(language).shown()
    found: ProgrammeQuerySet = (
        Programme.objects.shown()
        .defer(*UNSHOWN)
        .prefetch_related(
            Prefetch("contact_points", ContactPoint.objects.order_by("sort_order", "pk")),
            Prefetch("texts", texts),
        )
    )
    return found


@per_batch
def missing_lines(language: str) -> list[tuple[str, LineKind]]:
    """Return (country, kind) of each required line that cannot be called.

    The code is empty if a line in any country is enough.
    """
    today = timezone.localdate()
    gone = withdrawn_lines()
    callable_lines = {
        (country, line.kind)
        for line in shown_lines()
        if line.kind in REQUIRED_KINDS and line.can_be_called(today)
        for country in line.countries
    }
    led_to = {
        country
        for countries in Programme.objects.shown().speaking(language).values_list("countries", flat=True)
        for country in countries
        if country != codes.ANYWHERE
    }
    found: list[tuple[str, LineKind]] = []
    for kind in REQUIRED_KINDS:
        there = callable_lines | gone
        if not led_to and not any(one == kind for _country, one in there):
            found.append(("", kind))
        found += [(country, kind) for country in sorted(led_to) if (country, kind) not in there]
    return found


@per_batch
def withdrawn_lines() -> frozenset[tuple[str, str]]:
    """Return (country, kind) of each required line that was public there and has been withdrawn since.

    Help pages do not wait for these: they stay, and say that no such line can be named (decision 0059).
    A line whose check is long overdue does not count as withdrawn.
    Uses two queries.
    """
    kind_of_line = ContentType.objects.get_for_model(SupportLine)
    known = SupportLine.objects.known().filter(kind__in=REQUIRED_KINDS)
    versions = Revision.objects.filter(
        base_content_type=kind_of_line, object_id__in=known.values_list(Cast("pk", CharField()))
    ).values_list("content__countries", "content__kind")
    once = {(code, kind) for codes, kind in versions.distinct() for code in json.loads(codes)}
    once |= {(code, line.kind) for line in known for code in line.countries}
    there = {(code, line.kind) for line in shown_lines() if not line.is_closed for code in line.countries}
    return frozenset(once - there)


@per_batch
def coverage_of_week(*, today: dt.date) -> dict[str, Coverage]:
    """Return the coverage of the week of a day for each group of people (`GROUPS`), as the public sees it.

    Uses three queries.
    """
    programmes = list(Programme.objects.shown().prefetch_related("contact_points"))
    lines = [line for line in shown_lines() if line.kind in REQUIRED_KINDS]
    return {
        group: Coverage.of(programmes=programmes, lines=lines, start=week_of(today), today=today, audiences=audiences)
        for group, audiences in GROUPS.items()
    }


@per_batch
def shown_lines() -> tuple[SupportLine, ...]:
    return tuple(SupportLine.objects.shown())


@per_batch
def ways_to_call(language: str, today: dt.date, *, for_harmed: bool = False) -> Ways:
    """Return the numbers to call, in the active language."""
    return Ways.of(shown_lines(), today=today, for_harmed=for_harmed)


@per_batch
def laws(language: str, today: dt.date) -> Laws:
    """Return the law of each country, in the active language.

    Uses two queries.
    """
    texts = LawText.objects.in_language(language).shown()
    return by_country(CountryLaw.objects.in_date(today).prefetch_related(Prefetch("texts", texts)))


@per_batch
def shows_coverage() -> bool:
    return HelplineSettings.objects.filter(site__is_default_site=True, shows_coverage=True).exists()


@per_batch
def number_of_listings() -> int:
    return Programme.objects.shown().count()
