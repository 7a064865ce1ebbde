from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "demo"
    verbose_name = _("Demonstration")

    def ready(self) -> None:
        from core import clock
        from demo import mailbox

        clock.register(
            clock.Job(
                name="delete-demonstration-mail",
                title=_("Old demonstration emails"),
                every=timedelta(days=1),
                run=mailbox.delete_old,
            )
        )
