from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    name = "network"
    verbose_name = _("Network")

    def ready(self) -> None:
        from core import clock
        from core.publishing import printing
        from network.jobs import JOBS
        from network.publishing import DirectoryPrinting

        printing.register(DirectoryPrinting())
        for job in JOBS:
            clock.register(job)
