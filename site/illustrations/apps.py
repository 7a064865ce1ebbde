from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IllustrationsConfig(AppConfig):
    name = "illustrations"
    verbose_name = _("Illustrations")
