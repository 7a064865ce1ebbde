from django.utils.translation import gettext_lazy as _

from core import declarations


class PrerenderConfig(declarations.AppConfig):
    name = "prerender"
    verbose_name = _("Prerendering")
    default_auto_field = "django.db.models.BigAutoField"

    jobs = (
        "prerender.store.repair.JOB",  # before the next one, which renders its findings
        "prerender.tasks.JOB",
        "prerender.mirrors.keeping.JOB",
        "prerender.store.hosts.JOB",
    )
    task_queues = "prerender.tasks.own_queue"
    companions = "prerender.store.hosts.accompany"
    metrics = "prerender.metrics.METRICS"
    todos = "prerender.views.REFUSED"
    after_restore = "prerender.store.hosts.forget_others"

    def ready(self) -> None:
        from core import version
        from prerender import changes

        super().ready()
        version.running()  # before an upgrade replaces the files
        changes.connect()
