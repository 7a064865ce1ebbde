from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from wagtail.models import Locale, Page, Site, get_page_models

from core import declarations
from core.models import BasePage, LanguageState, StartPage
from core.postgresql import public_role
from home.models import HomePage
from prerender.management.commands.prerender import REFUSED


def start_pages() -> list[tuple[StartPage, type[BasePage]]]:
    """Return the first pages of a new site, in the source language, with the types that declare them.

    Parents come first.
    """
    found = [(model.start_page, model) for model in get_page_models() if issubclass(model, BasePage)]
    wanted = [(start, model) for start, model in found if start is not None]
    return sorted(wanted, key=lambda each: each[0].path.count("/"))


class Command(BaseCommand):
    """Set up a site in an empty database, or add what is missing to an existing one.

    `manage.py upgrade` does that and more, while the site runs.
    """

    help = (
        "Create or complete a site: tables, the cache, the first pages, "
        "roles and prerendered pages. Safe to run again. After an update: `upgrade`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-render", action="store_true", help="do everything else, and render no page")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("createcachetable", verbosity=options["verbosity"])
        if not HomePage.objects.exists():
            self.first_pages()
        call_command("sync_site")
        call_command("roles", verbosity=options["verbosity"])
        for said in declarations.perform("starter_data"):
            self.stdout.write(said)
        if left := public_role.update():
            self.stderr.write(left)
        if not options["no_render"]:
            self.render_all()

    def render_all(self) -> None:
        """Render every page.

        A page that may not be public yet does not stop the site from starting.
        A new site always has one: the finder waits until two people have approved its crisis lines.
        """
        try:
            call_command("prerender", "--all")
        except CommandError as error:
            if error.returncode != REFUSED:
                raise
            self.stdout.write(
                "The site is ready. The pages named above are not public yet, for the reasons given there; "
                "the admin lists them under Reports → Public pages."
            )

    @transaction.atomic
    def first_pages(self) -> None:
        source, _ = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
        LanguageState.objects.get_or_create(locale=source, defaults={"state": LanguageState.State.PUBLIC})
        root = Page.objects.get(depth=1)
        home = HomePage(title=settings.WAGTAIL_SITE_NAME, slug="waymark", locale=source)
        root.add_child(instance=home)
        Site.objects.update_or_create(
            is_default_site=True, defaults={"root_page": home, "hostname": settings.PUBLIC_HOST}
        )
        # Wagtail's welcome page.
        Page.objects.filter(depth=2).exclude(pk=home.pk).delete()
        root.refresh_from_db()
        home.refresh_from_db()
        made: dict[str, Page] = {"": home}
        for start, model in start_pages():
            above, _slash, slug = start.path.rpartition("/")
            page = model(title=start.title, slug=slug, locale=source, show_in_menus=not above)
            made[start.path] = made[above].add_child(instance=page)
        self.stdout.write(f"First pages: home, {', '.join(path for path in made if path)}")
