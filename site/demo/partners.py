"""Loads the partners of the demonstration, what they do, and how two of them used the materials."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from wagtail.models import Site

from campaigns.models import Activity, ActivityText, CampaignSettings, Partner, PartnerText, UsageReport
from demo import content

if TYPE_CHECKING:
    from core.models import Picture
    from demo.pages import Built

SIGNATORY, OFFICE = "Ida Example (invented)", "Waymark"


def load(logos: dict[str, Picture]) -> dict[str, Partner]:
    """Create the partners with their logos. Returns them by key."""
    return {row["key"]: partner(row, logos[row["key"]]) for row in content.facts("partners")["partners"]}


def partner(row: dict[str, Any], logo: Picture) -> Partner:
    names = row["name"]
    made = Partner(
        name=names[content.SOURCE],
        kind=row["kind"],
        country=row["country"],
        language=row["language"],
        website=f"https://example.org/{row['key']}",
        logo=logo,
        is_public=True,
        contact_name="Robin Example",
        contact_email=f"{row['key']}@example.org",
    )
    made.texts = [
        PartnerText(
            language=language,
            name="" if language == content.SOURCE else names[language],
            about=row["about"][language],
        )
        for language in content.LANGUAGES
    ]
    made.save()
    return made


def load_activities(built: Built) -> None:
    """Create what the partners do, and what two of them told; one report waits for an editor."""
    today = timezone.localdate()
    for row in content.facts("partners")["activities"]:
        starts = today + timedelta(days=row["from"])
        activity = Activity(
            partner=built.partners[row["partner"]],
            campaign_key=built.pages[row["campaign"]].translation_key,
            starts=starts,
            ends=starts + timedelta(days=row["days"] - 1) if row["days"] > 1 else None,
            country=row["country"],
            place=row["place"],
            is_public=row.get("is_public", True),
        )
        activity.texts = [
            ActivityText(
                language=language, title=row["title"][language], description=row["description"][language]
            )
            for language in content.LANGUAGES
        ]
        activity.save()
    for row in content.facts("partners")["used"]:
        UsageReport.objects.create(
            partner=built.partners[row["partner"]],
            campaign_key=built.pages[row["campaign"]].translation_key,
            used_on=today + timedelta(days=row["from"]),
            **{name: row[name] for name in ("state", "country", "copies", "people", "language", "text")},
        )
    chosen = CampaignSettings.for_site(Site.objects.get(is_default_site=True))
    chosen.signatory, chosen.signatory_office = SIGNATORY, OFFICE
    chosen.save()
