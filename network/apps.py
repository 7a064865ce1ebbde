from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    name = "network"
    verbose_name = _("Network")

    def ready(self) -> None:
        from allauth.account.signals import email_changed

        from core import clock, starter_data
        from core.mail import kinds
        from core.publishing import printing
        from core.search import sources
        from network import mail, services
        from network.jobs import JOBS
        from network.public.account import follow_address
        from network.public.search import MemberAnswers
        from network.publishing import DirectoryPrinting

        printing.register(DirectoryPrinting())
        sources.register(MemberAnswers())
        starter_data.register(services.seed_review_templates)
        email_changed.connect(follow_address)
        for job in JOBS:
            clock.register(job)
        for kind in mail.kinds():
            kinds.register(kind)
