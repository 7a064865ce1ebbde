from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from network.practices import exchange
from network.practices import services as practices


class Command(BaseCommand):
    help = (
        "Read criteria of evidence from CSV (code, language, name, origin, order). "
        "Those with the same code and language are replaced."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        try:
            criteria = exchange.read_criteria(file.read_bytes())
        except (OSError, exchange.InvalidTableError) as refusal:
            raise CommandError(f"Nothing was changed.\n{refusal}") from None
        count = practices.import_criteria(criteria=criteria)
        self.stdout.write(f"{count} criteria.")
