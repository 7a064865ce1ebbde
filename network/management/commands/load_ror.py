from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from network.institutions import services as institutions


class Command(BaseCommand):
    help = (
        "Load the dump of the Research Organization Registry (schema 2), from which members choose their place of work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            help="The .zip from https://doi.org/10.5281/zenodo.6347574, or the .json in it.",
        )

    def handle(self, *args: object, file: Path, **options: object) -> None:
        try:
            loaded = institutions.load(file)
        except (OSError, institutions.InvalidRorDumpError) as refusal:
            raise CommandError(f"{refusal}\nWhat was loaded before it is kept; load the whole file again.") from None
        renamed = institutions.rename_places()
        self.stdout.write(
            f"{loaded.kept} institutions, {loaded.passed_over} passed over, {renamed} places of work renamed."
        )
