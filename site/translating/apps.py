from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TranslatingConfig(AppConfig):
    name = "translating"
    verbose_name = _("Translations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import clock
        from core.mail import kinds
        from translating import changes, digest, states

        changes.connect()
        clock.register(
            clock.Job(
                name="translation-states",
                title=_("States of translations"),
                every=timedelta(seconds=15),
                run=states.write_noted,
            )
        )
        kinds.register(digest.DIGEST)
        clock.register(
            clock.Job(
                name="tell-translators",
                title=_("Mail to translators"),
                every=timedelta(minutes=10),
                items=digest.due,
                run=digest.tell,
            )
        )
