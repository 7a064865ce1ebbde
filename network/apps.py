from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    name = "network"
    verbose_name = _("Network")

    def ready(self) -> None:
        from allauth.account.signals import email_changed
        from wagtail.signals import page_published

        from core import clock, restored
        from core.background import processes
        from core.data import starter_data
        from core.desk import menus
        from core.doors import headers
        from core.mail import kinds
        from core.publishing import printing
        from core.search import sources
        from network import mail
        from network.directory.menu import members_menu
        from network.directory.search import MemberAnswers, PracticeAnswers
        from network.events import services as events
        from network.groups import services as groups
        from network.jobs import JOBS
        from network.members import services as members
        from network.members.account import follow_address
        from network.members.querysets import FOUND_BY
        from network.messages import notifications
        from network.models import EventPage, Member, Posting, Practice
        from network.opportunities import models as postings
        from network.personal_data import services as erasures
        from network.practices import codes
        from network.routes import (
            HEADERS,
            ApiPrinting,
            DirectoryPrinting,
            EventPrinting,
            GroupPrinting,
            MemberSitemap,
            NewestPrinting,
            PostingPrinting,
            PracticePrinting,
            PrintoutPrinting,
        )
        from network.vocabulary import models as categories
        from network.vocabulary import starter
        from network.vocabulary.details import DETAILS

        printing.register(DirectoryPrinting())
        printing.register(MemberSitemap())
        printing.register(PracticePrinting())
        printing.register(PostingPrinting())
        printing.register(PrintoutPrinting())
        printing.register(EventPrinting())
        printing.register(GroupPrinting())
        printing.register(NewestPrinting())
        printing.register(ApiPrinting())
        headers.register(HEADERS)
        sources.register(MemberAnswers())
        sources.register(PracticeAnswers())
        menus.register(members_menu)
        starter_data.register(starter.seed_review_templates)
        # Links before erasures: who is erased has none.
        restored.register(members.end_links)
        restored.register(members.erase_restored)
        processes.accompany(erasures.accompany)
        email_changed.connect(follow_address)
        page_published.connect(events.follow_page, sender=EventPage)
        starter_data.register(groups.seed_group_files)
        starter_data.register(starter.seed_categories)
        facets = tuple(f"facets{suffix}" for suffix in FOUND_BY.values())
        for rule in DETAILS:
            if rule.has_categories:
                categories.register(
                    categories.CodeColumn(model=Member, column=rule.detail, group=rule.facet, facets=facets)
                )
        for column, group in codes.CATEGORIES.items():
            categories.register(categories.CodeColumn(model=Practice, column=column, group=group))
        for column, group in postings.CATEGORIES.items():
            categories.register(categories.CodeColumn(model=Posting, column=column, group=group))
        for job in JOBS:
            clock.register(job)
        for kind in mail.kinds(sent={mail.Letter.MESSAGES: notifications.note_notice_sent}):
            kinds.register(kind)
