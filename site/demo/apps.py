from django.utils.translation import gettext_lazy as _

from core import declarations


class DemoConfig(declarations.AppConfig):
    name = "demo"
    verbose_name = _("Demonstration")

    jobs = "demo.mailbox.JOB"
