"""Certificates for partners (PDF/UA-1), in the language of the partner.

They have no date of issue, so that the same facts give the same bytes.
"""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext

from campaigns.models import CampaignPage, CampaignSettings, Partner
from campaigns.studio.variants import name_of_site
from core import typesetting
from core.http import public_url

TEMPLATE = Path(__file__).parent / "certificate.typ"
LOGO = "max-800x400|format-png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Facts of a certificate. `campaign` is its title in the nearest language, `year` that of its first day."""

    partner: Partner
    key: UUID
    campaign: str
    path: str
    year: int

    @property
    def file_name(self) -> str:
        return f"{slugify(self.partner.name) or 'partner'}-{self.year}-{str(self.key)[:8]}.pdf"


def of_partner(partner: Partner, *, language: str, only: UUID | None = None) -> list[Certificate]:
    """Return the certificates of a partner, one for each public campaign that lists it, newest first. Two queries."""
    chosen = CampaignPage.objects.public().supported_by(partner.pk)
    if only is not None:
        chosen = chosen.filter(translation_key=only)
    years: dict[UUID, int] = {}
    for key, start, published in chosen.values_list("translation_key", "period_start", "first_published_at"):
        day = start or published
        if day is not None:
            years[key] = day.year
    titles = CampaignPage.objects.public().filter(translation_key__in=years).titles_in(language)
    found = [
        Certificate(partner=partner, key=key, campaign=titles[key][0], path=titles[key][1], year=year)
        for key, year in years.items()
    ]
    return sorted(found, key=lambda each: (-each.year, each.campaign))


def pdf(certificate: Certificate) -> bytes:
    """Typeset a certificate in the language of the partner. Raise typesetting.TypesettingError."""
    partner = certificate.partner
    chosen = CampaignSettings.current()
    with translation.override(partner.language):
        site = name_of_site()
        name = partner.name_in(partner.language)
        data: dict[str, object] = {
            "language": partner.language.partition("-")[0],
            "direction": settings.LANGUAGE_TABLE[partner.language].direction,
            "site": site,
            "title": gettext("Certificate of partnership"),
            "document": gettext("Certificate of partnership: %(partner)s") % {"partner": name},
            "awarded": gettext("This is to thank"),
            "partner": name,
            "where": partner.country_name,
            "for": gettext("for its work as a partner of the campaign"),
            "campaign": certificate.campaign,
            "year": str(certificate.year),
            "signatory": chosen.signatory,
            "office": chosen.signatory_office,
            "address": public_url(certificate.path),
            "written": public_url(certificate.path).partition("://")[2].removesuffix("/"),
            "logo": logo(partner),
            "logo_words": gettext("Logo: %(partner)s") % {"partner": name},
        }
    return typesetting.pdf(TEMPLATE, data)


def logo(partner: Partner) -> list[int]:
    """Return the logo as the bytes of a PNG; empty without one."""
    if partner.logo is None:
        return []
    with partner.logo.get_rendition(LOGO).file.open("rb") as file:
        return list(file.read())
