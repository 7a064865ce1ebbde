from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from operations.monitoring.metrics import FILES


class Command(BaseCommand):
    help = (
        "Write the alert rules for Prometheus and the dashboard for Grafana. A test fails while they are out of date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=settings.ROOT / "docs/operators/monitoring",
            help="Where to.",
        )

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        for name, make in FILES.items():
            (folder / name).write_text(make())
            self.stdout.write(f"{folder / name}")
