from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.materials import filters

SHEETS = {"library-choices.css": filters.stylesheet, "activities-choices.css": filters.of_activities}


class Command(BaseCommand):
    help = "Write the CSS rules that filter the library and the activities (site/static/css/components/…-choices.css)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail if the file is out of date.")

    def handle(self, *args: object, **options: object) -> None:
        for name, rules in SHEETS.items():
            path = Path(settings.STATICFILES_DIRS[0]) / "css" / "components" / name
            css = rules()
            if not options["check"]:
                path.write_text(css, encoding="utf-8")
                self.stdout.write(f"{name}: {len(css)} bytes.")
            elif not path.exists() or path.read_text(encoding="utf-8") != css:
                raise CommandError(f"{name} is out of date: run manage.py library_css.")
