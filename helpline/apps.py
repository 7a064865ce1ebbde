from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelplineConfig(AppConfig):
    name = "helpline"
    verbose_name = _("Helpline")

    def ready(self) -> None:
        from core import printing
        from helpline.printing import HelpPages

        printing.register(HelpPages())
