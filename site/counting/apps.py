from django.utils.translation import gettext_lazy as _

from core import declarations


class CountingConfig(declarations.AppConfig):
    name = "counting"
    verbose_name = _("Counting")
    default_auto_field = "django.db.models.BigAutoField"

    jobs = "counting.services.JOBS"
    routes = "counting.open_data.ROUTES"
