from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PressConfig(AppConfig):
    name = "press"
    verbose_name = _("Press")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import clock, restored, version, watching
        from core.background import processes, worker
        from press import changes, tasks
        from press.gauges import GAUGES
        from press.mirrors import keeping
        from press.models import this_host
        from press.store import hosts, repair

        version.running()  # before anybody replaces the files

        changes.connect()
        # Before the job below, which prints what this one finds.
        clock.register(
            clock.Job(
                name="repair-print",
                title=_("Repair of printed files"),
                every=timedelta(minutes=1),
                run=repair.repair_everywhere,
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
        clock.register(keeping.job())
        clock.register(
            clock.Job(
                name="press-hosts",
                title=_("Machines that have gone"),
                every=timedelta(hours=1),
                run=hosts.forget_silent,
            )
        )
        worker.serve(tasks.queue_of(this_host()))
        processes.accompany(hosts.accompany)
        restored.register(hosts.begin_anew)
        for gauge in GAUGES:
            watching.register(gauge)
