from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from network import filter_styles


class Command(BaseCommand):
    help = "Write the CSS rules that filter the list of practices (site/static/css/components/practices-choices.css)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail if the file is out of date.")

    def handle(self, *args: object, **options: object) -> None:
        path = Path(settings.STATICFILES_DIRS[0]) / "css" / "components" / "practices-choices.css"
        css = filter_styles.stylesheet()
        if not options["check"]:
            path.write_text(css, encoding="utf-8")
            self.stdout.write(f"{len(css)} bytes.")
        elif not path.exists() or path.read_text(encoding="utf-8") != css:
            raise CommandError("The style sheet is out of date: run manage.py practices_css.")
