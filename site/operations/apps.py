from django.utils.translation import gettext_lazy as _

from core import declarations


class OperationsConfig(declarations.AppConfig):
    name = "operations"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    jobs = "operations.monitoring.alerts.JOBS"
    companions = ("operations.monitoring.health.accompany", "operations.monitoring.alerts.accompany")
    metrics = "operations.monitoring.metrics.METRICS"
    mails = "operations.monitoring.alerts.ALERT"
