import warnings

from bs4 import MarkupResemblesLocatorWarning
from django.utils.translation import gettext_lazy as _

from core import declarations


def take_addresses_for_texts() -> None:
    """Silence the warning about a text that is only an address, such as where to take part in an event.

    wagtail-localize reads every text as HTML. https://github.com/wagtail/wagtail-localize/issues/444
    """
    warnings.filterwarnings("ignore", category=MarkupResemblesLocatorWarning, module=r"wagtail_localize\.strings")


class TranslatingConfig(declarations.AppConfig):
    name = "translating"
    verbose_name = _("Translations")
    default_auto_field = "django.db.models.BigAutoField"

    jobs = ("translating.states.JOB", "translating.digest.JOB")
    receivers = "translating.changes.RECEIVERS"
    todos = "translating.admin.todo.TODOS"
    suggestions = "translating.admin.todo.SUGGESTION"
    mails = "translating.digest.DIGEST"

    def ready(self) -> None:
        super().ready()
        take_addresses_for_texts()
