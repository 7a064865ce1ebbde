from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpline.finder.content.filters.stylesheet import stylesheet


class Command(BaseCommand):
    help = "Write the CSS rules that filter the finder (site/static/css/components/finder-choices.css)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail if the file is out of date.")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.STATICFILES_DIRS[0]) / "css" / "components" / "finder-choices.css"
        css = stylesheet()
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != css:
                raise CommandError(f"{path.name} is out of date: run manage.py finder_css.")
            return
        path.write_text(css, encoding="utf-8")
        self.stdout.write(f"{path.name}: {len(css)} bytes.")
