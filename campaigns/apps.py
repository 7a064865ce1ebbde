from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from wagtail.signals import page_unpublished

        from campaigns import mail
        from campaigns.jobs import JOBS
        from campaigns.models import CampaignPage, NewsPage
        from campaigns.public.search import MaterialAnswers
        from campaigns.public.showcase import CampaignCalendar, PartnerAlbum, StoryShelf
        from campaigns.publishing import COUNTED, PRINTINGS
        from campaigns.services import take_toolkits_off
        from campaigns.studio import numbers
        from campaigns.terms import exchange, guard
        from core import clock, starter_data
        from core.doors import gone
        from core.mail import kinds
        from core.publishing import counted, guards, printing, showcase
        from core.search import sources
        from helpline import directory

        for job in JOBS:
            clock.register(job)
        kinds.register(mail.LAUNCHED)
        guards.register(guard.reasons_against)
        starter_data.register(exchange.seed)
        for kind in PRINTINGS:
            printing.register(kind)
        counted.register(COUNTED)
        directory.on_change(numbers.programme_changed)
        gone.register(numbers.replaced)
        showcase.register_shelf(StoryShelf("campaigns", CampaignPage))
        showcase.register_shelf(StoryShelf("news", NewsPage))
        showcase.register_calendar(CampaignCalendar())
        showcase.register_album(PartnerAlbum())
        sources.register(MaterialAnswers())
        page_unpublished.connect(take_toolkits_off, sender=CampaignPage)
