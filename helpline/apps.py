from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelplineConfig(AppConfig):
    name = "helpline"
    verbose_name = _("Helpline")

    def ready(self) -> None:
        from django.db.models.signals import post_save, pre_delete
        from wagtail.signals import page_unpublished, published, unpublished
        from wagtail_localize.models import Translation

        from core import clock, watching
        from core.admin.unpublish_requests import asked
        from core.doors import headers
        from core.mail import kinds
        from core.publishing import counted, printing, showcase
        from core.search import sources
        from helpline.admin.help_pages import notifications as telling
        from helpline.admin.review_queue import weekly
        from helpline.exchange import changes
        from helpline.exchange import publishing as exchange
        from helpline.exchange.search import OpenDataAnswers
        from helpline.finder import publishing as finder
        from helpline.finder.highlights import CheckedServices
        from helpline.finder.pages import CheckPage, FinderPage, GuidePage
        from helpline.finder.sharing import publishing as sharing
        from helpline.finder.sharing.search import HelpAnswers
        from helpline.gauges import GAUGES
        from helpline.governance import alarms, comments, letters
        from helpline.jobs import JOBS
        from helpline.records.laws import CountryLaw, LawText
        from helpline.records.programmes import Programme
        from helpline.records.support_lines import SupportLine
        from helpline.records.texts import ProgrammeText
        from helpline.scan import schedule

        for signal, note in (
            (published, changes.note_published),
            (unpublished, changes.note_hidden),
            (pre_delete, changes.note_deleted),
        ):
            for model in (Programme, ProgrammeText, SupportLine, CountryLaw, LawText):
                signal.connect(note, sender=model)
        for policy in (finder.HEADERS, sharing.HEADERS, exchange.HEADERS):
            headers.register(policy)
        for kind in (
            finder.HelpPages(),
            exchange.OpenData(),
            exchange.OpenApi(),
            sharing.SharedPages(),
        ):
            printing.register(kind)
        counted.register(finder.COUNTED)
        showcase.register_tally(CheckedServices())
        for source in (HelpAnswers(), OpenDataAnswers()):
            sources.register(source)
        for job in JOBS:
            clock.register(job)
        for gauge in GAUGES:
            watching.register(gauge)
        for page in (FinderPage, GuidePage, CheckPage):
            page_unpublished.connect(telling.note_unpublished, sender=page)
            pre_delete.connect(telling.note_deleted, sender=page)
            asked.connect(telling.note_asked, sender=page)
        post_save.connect(telling.note_stopped, sender=Translation)
        for mail in (
            letters.mail_kind(),
            comments.COMMENT,
            alarms.HIDDEN,
            alarms.PUT_BACK,
            alarms.TAKEN_OFF,
            weekly.WEEKLY,
            telling.MAIL,
        ):
            kinds.register(mail)
        published.connect(schedule.note_published)
