from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("Home")

    def ready(self) -> None:
        from core import clock
        from core.publishing import printing
        from home import printings
        from home.jobs import JOBS

        for job in JOBS:
            clock.register(job)
        for kind in (
            printings.PlainFiles(),
            printings.Overview(),
            printings.SiteMap(),
            printings.SearchPrinting(),
            printings.NotFound(),
            printings.CardPrinting(),
            printings.ManifestPrinting(),
        ):
            printing.register(kind)
