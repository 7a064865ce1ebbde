from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CountingConfig(AppConfig):
    name = "counting"
    verbose_name = _("Counting")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import clock
        from core.publishing import printing
        from counting.jobs import JOBS
        from counting.publishing import PagesShown

        for job in JOBS:
            clock.register(job)
        printing.register(PagesShown())
