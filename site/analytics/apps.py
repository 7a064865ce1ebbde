from django.utils.translation import gettext_lazy as _

from core import declarations


class AnalyticsConfig(declarations.AppConfig):
    name = "analytics"
    verbose_name = _("Analytics")
    default_auto_field = "django.db.models.BigAutoField"

    jobs = "analytics.services.JOBS"
    routes = "analytics.open_data.ROUTES"
