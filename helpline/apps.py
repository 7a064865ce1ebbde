from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelplineConfig(AppConfig):
    name = "helpline"
    verbose_name = _("Helpline")

    def ready(self) -> None:
        from core import clock, printing
        from helpline.jobs import JOBS
        from helpline.printing import HelpPages

        printing.register(HelpPages())
        for job in JOBS:
            clock.register(job)
