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
        from core import clock
        from core.publishing import printing, showcase

        for job in JOBS:
            clock.register(job)
        for kind in (FeedPrinting(), FilePrinting(), MaterialPrinting(), RelatedPrinting()):
            printing.register(kind)
        showcase.register_shelf(StoryShelf("campaigns", CampaignPage))
        showcase.register_shelf(StoryShelf("news", NewsPage))
        showcase.register_calendar(CampaignCalendar())
