from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from network.models import Practice
from network.practices import exchange


class Command(BaseCommand):
    help = "Write the newest version of every practice as CSV: to a file, or to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *args: object, file: Path | None, **options: object) -> None:
        table = exchange.write(Practice.objects.order_by("name", "pk"))
        if file is None:
            self.stdout.write(table, ending="")
        else:
            file.write_bytes(table.encode())
