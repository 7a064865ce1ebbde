import warnings
from datetime import timedelta

from bs4 import MarkupResemblesLocatorWarning
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

        take_addresses_for_texts()
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


def take_addresses_for_texts() -> None:
    """Have nobody warned of a text that is nothing but an address, such as where to take part in an event: wagtail-localize reads every text as HTML.

    https://github.com/wagtail/wagtail-localize/issues/444
    """
    warnings.filterwarnings(
        "ignore", category=MarkupResemblesLocatorWarning, module=r"wagtail_localize\.strings"
    )
