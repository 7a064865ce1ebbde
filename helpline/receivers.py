"""Receivers of changes of listings, help pages and translations."""

from django.db.models.signals import post_delete, post_save, pre_delete
from wagtail.signals import page_unpublished, published, unpublished
from wagtail_localize.models import Translation

from core.admin.unpublishing.requests import asked
from core.declarations import Receiver
from helpline.admin import help_pages as telling
from helpline.exchange.open_data import changes
from helpline.finder.pages import CheckPage, FinderPage, GuidePage
from helpline.records.laws import CountryLaw, LawText
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.scan import schedule

LISTINGS = (Programme, ProgrammeText, SupportLine, CountryLaw, LawText)
HELP_PAGES = (FinderPage, GuidePage, CheckPage)

RECEIVERS = (
    Receiver(signal=published, function=changes.note_published, senders=LISTINGS),
    Receiver(signal=unpublished, function=changes.note_hidden, senders=LISTINGS),
    Receiver(signal=post_delete, function=changes.note_deleted, senders=LISTINGS),
    Receiver(signal=page_unpublished, function=telling.note_unpublished, senders=HELP_PAGES),
    Receiver(signal=pre_delete, function=telling.note_deleted, senders=HELP_PAGES),
    Receiver(signal=asked, function=telling.note_asked, senders=HELP_PAGES),
    Receiver(signal=post_save, function=telling.note_stopped, senders=(Translation,)),
    Receiver(signal=published, function=schedule.note_published),
)
