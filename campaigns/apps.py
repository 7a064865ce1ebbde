from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns.jobs import JOBS
        from campaigns.models import CampaignPage, NewsPage
        from campaigns.public.showcase import CampaignCalendar, StoryShelf
        from campaigns.publishing import FeedPrinting, FilePrinting, MaterialPrinting, RelatedPrinting
        from campaigns.terms import exchange, guard
        from core import clock, starter_data
        from core.publishing import guards, printing, showcase

        for job in JOBS:
            clock.register(job)
        guards.register(guard.reasons_against)
        starter_data.register(exchange.seed)
        for kind in (FeedPrinting(), FilePrinting(), MaterialPrinting(), RelatedPrinting()):
            printing.register(kind)
        showcase.register_shelf(StoryShelf("campaigns", CampaignPage))
        showcase.register_shelf(StoryShelf("news", NewsPage))
        showcase.register_calendar(CampaignCalendar())
