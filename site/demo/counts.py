"""Page counts and campaign results of the demonstration: invented numbers, without which the reports would be empty."""

import random
from datetime import timedelta

from django.utils import timezone

from analytics import services
from analytics.models import week_of
from campaigns.materials.kits import KIT_PREFIX
from campaigns.models import CampaignPage, CampaignResult
from core.publishing.counted import Cell
from demo.content import LANGUAGES, facts, stable_id
from demo.crowd import SEED
from demo.pages import Built
from helpline.finder.publishing import FINDER
from helpline.models import CountryLaw

WEEKS = 14
# Lowest and highest weekly number for the finder in a language, and the other pages relative to it.
FINDER_SHOWN = (150, 1500)
COUNTRY_SHARE, KIT_SHARE = 0.02, 0.05


def load(built: Built) -> None:
    """Create the numbers of the weeks before this one, publish those that may be public, and create channel results."""
    usual = usual_week()
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    for ago in range(WEEKS, 0, -1):
        week = week_of(monday - timedelta(weeks=ago))
        chance = random.Random(f"{SEED} {ago}")  # noqa: S311  (invented numbers)
        services.start(week)
        services.keep(week, {cell: round(n * chance.uniform(0.8, 1.2)) for cell, n in usual.items()}, is_over=True)
    for ended in services.to_publish():
        services.publish(ended)
    load_results(built)


def usual_week() -> dict[Cell, float]:
    """Return how often each counted page is shown in a week: many rarely, and a few often, as on real sites."""
    chance = random.Random(SEED)  # noqa: S311  (invented numbers)
    countries = sorted({*CountryLaw.objects.values_list("country", flat=True)})
    weights = {country: min(chance.paretovariate(1), 40) for country in countries}
    found: dict[Cell, float] = {}
    for language in LANGUAGES:
        often = chance.uniform(*FINDER_SHOWN)
        found[language, FINDER] = often
        for country in countries:
            found[language, country] = often * COUNTRY_SHARE * weights[country] * chance.uniform(0.2, 1)
        campaigns = CampaignPage.objects.listed().filter(locale__language_code=language)
        for slug in sorted(campaigns.values_list("slug", flat=True)):
            found[language, KIT_PREFIX + slug] = often * KIT_SHARE * chance.uniform(0.3, 1)
    return found


def load_results(built: Built) -> None:
    today = timezone.localdate()
    results = [
        CampaignResult(
            key=stable_id("result", number),
            campaign_key=built.pages[row["campaign"]].translation_key,
            first_day=today - timedelta(days=row["ago"]),
            last_day=today - timedelta(days=row["ago"] - row["days"] + 1),
            **{name: value for name, value in row.items() if name not in {"campaign", "ago", "days"}},
        )
        for number, row in enumerate(facts("counts")["results"])
    ]
    for result in results:
        result.full_clean()
    CampaignResult.objects.bulk_create(results)
