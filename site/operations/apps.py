from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import clock, watching
        from core.background import processes
        from core.mail import kinds
        from operations.jobs import JOBS
        from operations.watching import alerts, listener
        from operations.watching.gauges import GAUGES

        for job in JOBS:
            clock.register(job)
        kinds.register(alerts.ALERT)
        for gauge in GAUGES:
            watching.register(gauge)
        for companion in (listener.accompany, alerts.accompany):
            processes.accompany(companion)
