from django.core.management.base import BaseCommand, CommandParser

from core.background import processes, worker


class Command(BaseCommand):
    """Run the background tasks until SIGTERM or Ctrl-C."""

    help = (
        "Do the background tasks: rendering, mail, imports, scans. "
        "Runs until SIGTERM or Ctrl-C, and waits while the database is unavailable."
    )
    # The tables may not exist at the start: then it waits for them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", action="store_true", help="Do what is waiting now, then exit.")
        parser.add_argument(
            "--interval", type=float, default=1.0, help="Seconds between two looks at an empty queue (1)."
        )

    def handle(self, *args: object, batch: bool = False, interval: float = 1.0, **options: object) -> None:
        if not batch:
            processes.started(processes.WORKER)
        worker.work(pause=interval, until_done=batch)
