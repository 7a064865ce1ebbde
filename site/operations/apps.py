from django.utils.translation import gettext_lazy as _

from core import declarations


class OperationsConfig(declarations.AppConfig):
    name = "operations"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    jobs = "operations.watching.alerts.JOBS"
    companions = ("operations.watching.health.accompany", "operations.watching.alerts.accompany")
    gauges = "operations.watching.metrics.GAUGES"
    mails = "operations.watching.alerts.ALERT"
