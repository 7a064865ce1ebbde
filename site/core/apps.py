from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Shared parts")

    def ready(self) -> None:
        from core import checks, clock, watching  # noqa: F401  (registers the house rules)
        from core.background import processes
        from core.clock.jobs import JOBS

        for job in JOBS:
            clock.register(job)
        from core import restored
        from core.clock import retention
        from core.watching.gauges import GAUGES

        for gauge in GAUGES:
            watching.register(gauge)
        from core.postgresql import replica

        processes.accompany(replica.accompany)
        from core.mail import kinds, outbox

        kinds.register(kinds.MailKind(name=outbox.DESK, title=_("Notice to people at the desk")))
        restored.register(retention.end_sessions)
        restored.register(outbox.give_up_restored)
        from core.publishing import printing
        from core.publishing.counterparts import Counterparts

        printing.register(Counterparts())
