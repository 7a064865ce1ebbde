"""Home page highlights of campaigns and news."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator

from django.db.models import Q
from django.utils.translation import gettext

from campaigns.models import CampaignPage, NewsPage
from campaigns.partners.models import public_partners
from campaigns.stories.models import StoryPage
from campaigns.stories.querysets import CampaignQuerySet, NewsQuerySet
from core.publishing.highlights import Calendar, Logo, LogoHighlight, Occasion, PageHighlight, Piece


class StoryHighlight(PageHighlight):
    """Pages of campaigns or of news, newest first."""

    def __init__(self, name: str, model: type[CampaignPage | NewsPage]) -> None:
        self.name = name
        self.model = model

    def newest(self, language: str, count: int) -> list[Piece]:
        return [_piece(page) for page in self._in(language).newest_first()[:count]]

    def chosen(self, language: str, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, Piece]:
        found = self._in(language).filter(translation_key__in=keys)
        return {page.translation_key: _piece(page) for page in found}

    def _in(self, language: str) -> CampaignQuerySet | NewsQuerySet:
        pages: CampaignQuerySet | NewsQuerySet = self.model.objects.listed()
        return pages.filter(locale__language_code=language).for_listing()


class CampaignCalendar(Calendar):
    """First days of future campaigns, and last days of running ones. Campaigns under embargo are left out."""

    def ahead(self, language: str, today: dt.date) -> Iterator[Occasion]:
        campaigns = CampaignPage.objects.listed().filter(
            Q(period_start__gt=today) | Q(period_end__gte=today), locale__language_code=language
        )
        for page in campaigns.select_related("locale").only(
            "title", "period_start", "period_end", "url_path", "locale__language_code"
        ):
            begins = page.period_start is not None and page.period_start > today
            yield Occasion(
                date=page.period_start if begins else page.period_end,
                title=page.title,
                what=gettext("Campaign begins") if begins else gettext("Last day of the campaign"),
                path=page.path_at_public,
            )


class PartnerLogoHighlight(LogoHighlight):
    def chosen(self, language: str, keys: Collection[int]) -> dict[int, Logo]:
        partners = [partner for key, partner in public_partners().items() if key in keys]
        return {
            partner.pk: Logo(name=partner.name_in(language), website=partner.website, picture=partner.logo)
            for partner in partners
        }


def _piece(page: StoryPage) -> Piece:
    return Piece(
        title=page.title,
        path=page.path_at_public,
        text=page.introduction,
        note=getattr(page, "audience", ""),
        date=getattr(page, "date", None),
        picture=page.picture,
    )


HIGHLIGHTS = (
    StoryHighlight("campaigns", CampaignPage),
    StoryHighlight("news", NewsPage),
    CampaignCalendar(),
    PartnerLogoHighlight(),
)
