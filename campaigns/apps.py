from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns.jobs import JOBS
        from campaigns.publishing import FeedPrinting, FilePrinting, MaterialPrinting, RelatedPrinting
        from core import clock
        from core.publishing import printing

        for job in JOBS:
            clock.register(job)
        for kind in (FeedPrinting(), FilePrinting(), MaterialPrinting(), RelatedPrinting()):
            printing.register(kind)
