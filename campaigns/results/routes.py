"""AppRoute of the table of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Model

from campaigns.models import (
    CampaignPage,
    CampaignResult,
)
from campaigns.results import open_data
from core.publishing.routes import AppRoute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ResultPrinting(AppRoute):
    """The results of public campaigns, as one table."""

    unhurried = True
    watches: Sequence[type[Model]] = (CampaignResult,)

    def addresses(self) -> Iterator[str]:
        yield open_data.CSV

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignResult | CampaignPage):
            yield open_data.CSV


ROUTES = (ResultPrinting(),)
