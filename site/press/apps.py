from django.utils.translation import gettext_lazy as _

from core import declarations


class PressConfig(declarations.AppConfig):
    name = "press"
    verbose_name = _("Press")
    default_auto_field = "django.db.models.BigAutoField"

    jobs = (
        "press.store.repair.JOB",  # before the next one, which prints what it finds
        "press.tasks.JOB",
        "press.mirrors.keeping.JOB",
        "press.store.hosts.JOB",
    )
    task_queues = "press.tasks.own_queue"
    companions = "press.store.hosts.accompany"
    metrics = "press.metrics.METRICS"
    todos = "press.views.REFUSED"
    after_restore = "press.store.hosts.begin_anew"

    def ready(self) -> None:
        from core import version
        from press import changes

        super().ready()
        version.running()  # before anybody replaces the files
        changes.connect()
