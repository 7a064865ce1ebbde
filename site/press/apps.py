from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PressConfig(AppConfig):
    name = "press"
    verbose_name = _("Press")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import clock
        from press import changes, tasks

        changes.connect()
        clock.register(
            clock.Job(
                name="press",
                title=_("Unfinished printing"),
                every=timedelta(minutes=1),
                run=tasks.queue_leftovers,
            )
        )
