from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PressConfig(AppConfig):
    name = "press"
    verbose_name = _("Press")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import clock
        from press import changes, repair, tasks

        changes.connect()
        # Before the job below, which prints what this one finds.
        clock.register(
            clock.Job(
                name="repair-print",
                title=_("Repair of printed files"),
                every=timedelta(minutes=1),
                run=repair.repair_part,
            )
        )
        clock.register(
            clock.Job(
                name="press",
                title=_("Unfinished printing"),
                every=timedelta(minutes=1),
                run=tasks.queue_leftovers,
            )
        )
