import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from analytics.collector import Collector, listen
from core.background import processes, stopping
from core.publishing.counted import address_of_collector, prerendered_cells

PAUSE = 20.0  # seconds between two checks of the time
AWAKE = 0.5  # seconds


class Command(BaseCommand):
    """Count pages until the process is stopped.

    Numbers in memory are not written then: that would reveal the time.
    """

    help = "Count the pages that are shown (docs/operators/analytics.md). Runs until SIGTERM or Ctrl-C."
    # The tables may not exist at the start: then it waits for them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", help="Where to listen, if not at the host in WAYMARK_ANALYTICS: 0.0.0.0 in a container."
        )

    def handle(self, *args: object, host: str | None = None, **options: object) -> None:
        if not settings.ANALYTICS:
            raise CommandError("Nothing is counted here. Set WAYMARK_ANALYTICS=1 if it should be.")
        named, port = address_of_collector()
        collector = Collector(timezone.localtime(), lambda: prerendered_cells(settings.PRERENDER_ROOT))
        with stopping.on_signals() as told:
            try:
                asyncio.run(self.work(collector, host or named, port, told))
            except OSError as problem:
                raise CommandError(
                    f"The collector cannot listen at {host or named}:{port}. Is another one running? {problem.strerror}"
                ) from None

    async def work(self, collector: Collector, host: str, port: int, told: Any) -> None:
        """Listen in this thread, and run the timer in another: a database that hangs does not stop the counting."""
        over = asyncio.Event()
        listening = asyncio.create_task(listen(host, port, collector.count, over))
        timer = asyncio.create_task(asyncio.to_thread(self.run_timer, collector, told))
        tasks = {listening, timer}
        # Wakes up now and then: Python's signal handlers run in this thread only, and the signal itself may not wake
        # it.
        while not (await asyncio.wait(tasks, timeout=AWAKE, return_when=asyncio.FIRST_COMPLETED))[0]:
            pass
        told.set()
        over.set()
        await timer
        await listening

    def run_timer(self, collector: Collector, told: Any) -> None:
        processes.started(processes.COLLECTOR)
        self.stdout.write("The collector is running.")
        away = False
        while not told.is_set():
            processes.turn()
            try:
                close_old_connections()
                collector.pass_to(timezone.localtime())
                away = False
            except (OperationalError, InterfaceError):
                connection.close()
                if not away:
                    self.stderr.write("The database cannot be reached. The numbers stay in memory.")
                away = True
            told.wait(PAUSE)
        connection.close()
