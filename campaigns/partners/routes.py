"""Routes of partners and their activities."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.db.models import Model

from campaigns.models import (
    Activity,
    ActivityText,
    CampaignIndexPage,
    CampaignPage,
    Partner,
    PartnerText,
    UsageReport,
)
from campaigns.partners.activities import campaigns_with_activities
from campaigns.partners.models import public_partners
from core.publishing.routes import AppRoute


class PartnerRoute(AppRoute):
    """Pages of partners and their activities.

    Pages refer to the partners that they list; texts and activities are found through the partner.
    """

    watches: Sequence[type[Model]] = (Partner, PartnerText, Activity, ActivityText, UsageReport)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Load the data of partners for campaign pages, the home page and the lists."""
        public_partners()
        campaigns_with_activities()

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignPage):
            indexes = CampaignIndexPage.objects.parent_of(changed)
        elif isinstance(changed, tuple(self.watches)):
            indexes = CampaignIndexPage.objects.all()
        else:
            return
        campaigns: Iterable[CampaignPage]
        if isinstance(changed, CampaignPage):
            campaigns = [changed]
        else:
            keys = _campaigns_of_partner(changed)
            campaigns = CampaignPage.objects.filter(translation_key__in=keys).select_related("locale")
        for index in indexes.select_related("locale"):
            own = index.path_at_public
            yield from (f"{own}partners/", f"{own}activities/")
        for page in campaigns:
            # Include lists without entries, so that the renderer removes them. The campaign page links to its list.
            yield from (page.path_at_public, f"{page.path_of_list}activities/{page.slug}/")


def _campaigns_of_partner(changed: Model) -> set[UUID | None]:
    """Return the keys of the campaigns whose pages show the changed object."""
    if isinstance(changed, Activity | UsageReport):
        return {changed.campaign_key} - {None}
    if isinstance(changed, ActivityText):
        return {changed.activity.campaign_key} - {None}
    partner = changed.partner if isinstance(changed, PartnerText) else changed
    if not isinstance(partner, Partner) or partner.pk is None:
        return set()
    chosen = CampaignPage.objects.supported_by(partner.pk).values_list("translation_key", flat=True)
    done = Activity.objects.filter(partner=partner).values_list("campaign_key", flat=True)
    told = UsageReport.objects.filter(partner=partner).values_list("campaign_key", flat=True)
    return {*chosen, *done, *told} - {None}


ROUTES = (PartnerRoute(),)
