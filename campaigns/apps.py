from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from wagtail.signals import page_unpublished

        from campaigns.following import routes as following
        from campaigns.jobs import JOBS
        from campaigns.launches import mail
        from campaigns.materials import routes as materials
        from campaigns.materials.kits import COUNTED
        from campaigns.materials.search import MaterialAnswers
        from campaigns.models import CampaignPage, NewsPage
        from campaigns.partners import routes as partners
        from campaigns.results import routes as results
        from campaigns.sharing import routes as sharing
        from campaigns.stories import routes as stories
        from campaigns.stories.highlights import CampaignCalendar, PartnerAlbum, StoryShelf
        from campaigns.stories.services import take_toolkits_off
        from campaigns.studio import recall
        from campaigns.terms import checker, exchange
        from core import clock
        from core.data import starter_data
        from core.doors import gone
        from core.mail import kinds
        from core.publishing import counted, guards, printing, showcase
        from core.search import sources
        from helpline import directory

        for job in JOBS:
            clock.register(job)
        kinds.register(mail.LAUNCHED)
        guards.register(checker.reasons_against)
        starter_data.register(exchange.seed)
        for feature in (sharing, materials, following, partners, stories, results):
            for route in feature.ROUTES:
                printing.register(route)
        counted.register(COUNTED)
        directory.on_change(recall.programme_changed)
        gone.register(recall.replaced)
        showcase.register_shelf(StoryShelf("campaigns", CampaignPage))
        showcase.register_shelf(StoryShelf("news", NewsPage))
        showcase.register_calendar(CampaignCalendar())
        showcase.register_album(PartnerAlbum())
        sources.register(MaterialAnswers())
        page_unpublished.connect(take_toolkits_off, sender=CampaignPage)
