import logging

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from core import scheduler
from core.background import processes, stopping
from core.models.background import JobRun

log = logging.getLogger(__name__)
PAUSE = 5.0  # seconds between two checks for due jobs at most, also while the database is unavailable


class Command(BaseCommand):
    """Run the scheduler once, or until SIGTERM or Ctrl-C."""

    help = "Run the scheduled jobs: publishing, checks, reminders, clean-up. Runs until SIGTERM or Ctrl-C."
    # The tables may not exist at the start: then it waits for them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="Do what is due now, then exit. Fails if any job failed."
        )

    def handle(self, *args: object, once: bool = False, **options: object) -> None:
        with stopping.on_signals() as self.stopped:
            if once:
                self.once()
            else:
                self.loop()

    def once(self) -> None:
        runs = scheduler.tick(stop=self.stopped.is_set)
        if runs is None:
            raise CommandError("Another scheduler is already running. Nothing was done.")
        self.report(runs)
        for run in runs:
            for failure in run.failures:
                self.stderr.write(f"  {failure['item']}: {failure['error']}")
        if not any(run.done or run.failures for run in runs):
            self.stdout.write("Nothing was due.")
        if failed := [run.name for run in runs if run.failures]:
            raise CommandError("These jobs failed: " + ", ".join(failed))

    def loop(self) -> None:
        """Run the due jobs repeatedly.

        Only errors are logged; the admin lists the runs (*Reports → Scheduled jobs*).
        """
        processes.started(processes.SCHEDULER)
        unavailable = False
        while not self.stopped.is_set():
            processes.turn()
            close_old_connections()
            pause = PAUSE
            try:
                # `stop` is called before each item, and also records that the loop is alive during a long round.
                scheduler.tick(stop=stopping.requested)
                pause = scheduler.seconds_until_next(PAUSE)
            except (OperationalError, InterfaceError):
                connection.close()
                if not unavailable:
                    log.error("The database cannot be reached. The scheduler is waiting for it.")
                unavailable = True
            else:
                if unavailable:
                    log.error("The database is back. The scheduler continues.")
                unavailable = False
            self.stopped.wait(pause)

    def report(self, runs: list[JobRun]) -> None:
        for run in runs:
            if run.done or run.failures:
                self.stdout.write(f"{run.name}: {run.done} done, {len(run.failures)} failed")
