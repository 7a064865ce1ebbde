from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelplineConfig(AppConfig):
    name = "helpline"
    verbose_name = _("Helpline")

    def ready(self) -> None:
        from django.db.models.signals import pre_delete
        from wagtail.signals import published, unpublished

        from core import clock, printing
        from helpline.jobs import JOBS
        from helpline.listings import history
        from helpline.listings.scan import services as scan
        from helpline.models import Programme, ProgrammeText, SupportLine
        from helpline.printing import HelpPages, OpenApi, OpenData
        from helpline.sharing.printings import SharedPages

        for signal, note in (
            (published, history.note_published),
            (unpublished, history.note_hidden),
            (pre_delete, history.note_deleted),
        ):
            for model in (Programme, ProgrammeText, SupportLine):
                signal.connect(note, sender=model)
        for kind in (HelpPages(), OpenData(), OpenApi(), SharedPages()):
            printing.register(kind)
        for job in JOBS:
            clock.register(job)
        published.connect(scan.note_published)
