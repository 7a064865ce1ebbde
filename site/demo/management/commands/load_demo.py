import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.tasks import task_backends
from django.tasks.backends.dummy import DummyBackend
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from core import declarations
from core.models import LanguageState, SettingProposal, SiteSettings
from core.progress import Bar
from demo import accounts, campaigns, content, counts, events, examples, members, pages, practices
from helpline.exchange.imports.kinds import STARTER_DATA
from helpline.models import FinderPage
from helpline.records.settings import HelplineSettings
from home.models import HomePage
from prerender import changes
from prerender.invalidation import EVERYTHING
from prerender.models import PendingChange
from translating import states
from translating.models import StaleSubject


class Command(BaseCommand):
    """Fill an empty site with the demonstration, in one transaction."""

    help = "Load the demonstration site into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--whole",
            action="store_true",
            help="Draw every poster, leaflet and card now, and leave nothing to the worker.",
        )

    def handle(self, *args: Any, whole: bool = False, **options: Any) -> None:
        if settings.SETTINGS_MODULE.endswith("production"):
            raise CommandError("The demonstration is not for production. Nothing was loaded.")
        if Page.objects.filter(depth__gt=2).exists():
            raise CommandError("This site already has pages. The demonstration can only be loaded into an empty site.")
        # Each record would note what is to be rendered and queue an index update: below, that is done once for all of
        # them.
        with changes.unrecorded(), without_tasks(), transaction.atomic():
            self.load(whole=whole)
        with self.step("Reference and search indexes"):
            call_command("rebuild_references_index", stdout=self.quiet())
            call_command("update_index", stdout=self.quiet(), verbosity=0)
            # These are rendered today with everything else: the scheduler need not queue them again.
            for model in (FinderPage, HomePage):
                model.objects.update(rendered_for=timezone.localdate())
            # One change for the whole site replaces all that were noted before.
            PendingChange.objects.all().delete()
            PendingChange.objects.create(pattern=EVERYTHING)
        if not whole:
            campaigns.draw_the_rest()

    def load(self, *, whole: bool) -> None:
        Page.objects.filter(depth__gt=1).delete()
        Page.objects.get(depth=1).refresh_from_db()
        self.load_records()
        with self.step("English pages"):
            drawn = campaigns.load_logos()
            built = pages.build_source(campaigns.load_pictures(), campaigns.load_partners(drawn))
            site, _ = Site.objects.update_or_create(
                is_default_site=True,
                defaults={"root_page": built.pages["home"], "hostname": settings.PUBLIC_HOST},
            )
            self.configure(site, built)
        for code in content.LANGUAGES[1:]:
            name = f"Pages in {settings.LANGUAGE_TABLE[code].autonym}"
            self.progress(name, pages.build_language(code, built), total=len(content.TREE) + len(pages.REFERRING))
        with self.step("Campaign materials"):
            designs = [*campaigns.load_materials(built)]
            campaigns.load_activities(built)
        pages.promote(built)
        campaigns.load_launch(built)
        with self.step("Members of the network"):
            members.load_institutions()
            members.load_members()
        with self.step("Roles and accounts"):
            call_command("roles", stdout=self.quiet())
            accounts.create()
            members.load_reviews()
            members.load_conversations()
        with self.step("Who comes to events, and who belongs to groups"):
            events.load(built)
        pages.leave_unfinished(built)
        with self.step("Invented programmes that two people approve"):
            examples.load()
        with self.step("Invented practices and their evidence"):
            practices.load()
        with self.step("What members look for and offer"):
            members.load_opportunities()
        with self.step("How often pages were shown, and what campaigns brought"):
            counts.load(built)
        self.progress("Posters, leaflets and cards", campaigns.draw_materials(whole=whole), total=len(designs))
        # Most records have noted their translations, and imported texts have not: writing all of them together is fast.
        StaleSubject.objects.all().delete()
        for _written in states.rebuild():
            pass

    def load_records(self) -> None:
        """Load what pages refer to: languages, terms, listings."""
        with self.step("Languages"):
            for code in content.LANGUAGES:
                locale, _ = Locale.objects.get_or_create(language_code=code)
                LanguageState.objects.update_or_create(locale=locale, defaults={"state": LanguageState.State.PUBLIC})
        with self.step("Terms"):
            list(declarations.perform("starter_data"))
        with self.step("Programmes and support lines"):
            for kind in STARTER_DATA:
                call_command("import_listings", kind, stdout=self.quiet())
            examples.load_reports()

    def configure(self, site: Site, built: pages.Built) -> None:
        chosen = SiteSettings.for_site(site)
        chosen.after_harm = built.pages["after-harm"]
        chosen.contact = built.pages["contact"]
        chosen.privacy = built.pages["privacy"]
        chosen.accessibility = built.pages["accessibility"]
        chosen.legal_notice = built.pages["legal-notice"]
        chosen.save()
        helpline = HelplineSettings.for_site(site)
        helpline.shows_coverage = True
        helpline.save()
        words = SettingProposal(setting="helpline.HelplineSettings.corrections_email", value="corrections@example.org")
        words.approve(by=None)

    def quiet(self) -> Any:
        return io.StringIO()

    @contextmanager
    def step(self, title: str, total: int = 0) -> Iterator[Bar]:
        bar = Bar(self.stdout, f"  {title}", total)
        yield bar
        bar.end()

    def progress(self, title: str, items: Iterable[str], *, total: int = 0) -> None:
        with self.step(title, total) as bar:
            for count, _ in enumerate(items, start=1):
                bar.show(count)


@contextmanager
def without_tasks() -> Iterator[None]:
    """Run none of the tasks that are queued during the block."""
    queue = task_backends["default"]
    task_backends["default"] = DummyBackend("default", {"QUEUES": []})
    try:
        yield
    finally:
        task_backends["default"] = queue
