from django.utils.translation import gettext_lazy as _

from core import declarations


class CoreConfig(declarations.AppConfig):
    name = "core"
    verbose_name = _("Shared parts")

    jobs = "core.scheduler.jobs.JOBS"
    companions = "core.postgresql.replica.accompany"
    metrics = "core.monitoring.metrics.METRICS"
    receivers = "core.publishing.redirects.RECEIVERS"
    routes = "core.publishing.references.ROUTES"
    admin_search = "core.admin.search.PAGES"
    mails = "core.mail.outbox.NOTICE"
    after_restore = ("core.scheduler.jobs.end_sessions", "core.mail.outbox.give_up_restored")
