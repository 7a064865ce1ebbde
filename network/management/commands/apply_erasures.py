from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.restored import InvalidErasureError
from network.members import services as members
from network.personal_data import services as erasures


class Command(BaseCommand):
    help = (
        "After a backup was restored: "
        "erase the members again who have left since it was made, and render all public pages. "
        "The scheduler erases them too, within five minutes, from the same file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            default=settings.ERASURES_FILE,
            help=f"the list of erasures ({settings.ERASURES_FILE})",
        )

    def handle(self, *args: object, file: Path, **options: object) -> None:
        try:
            entries = erasures.read(file.read_text().splitlines())
        except OSError as problem:
            raise CommandError(f"The list could not be read, and nothing was erased: {problem}") from problem
        except InvalidErasureError as wrong:
            raise CommandError(f"Line {wrong} of {file} is not a line of the list, and nothing was erased.") from wrong
        self.stdout.write(_("Erased again: %(number)d") % {"number": members.erase_again(entries)})
        call_command("prerender", all=True, stdout=self.stdout, stderr=self.stderr)
