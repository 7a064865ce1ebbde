import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseProblem

from core import version
from core.assets import storage
from core.background import stopping
from core.progress import Bar
from operations import upgrading
from prerender import services
from prerender.management.commands.prerender import no_room
from prerender.models import PrerenderedPath
from prerender.rendering.batches import RenderOutcome

PATIENCE = 600  # seconds


class Command(BaseCommand):
    help = (
        "Change to this version of the software while the one before runs: "
        "static files, tables, roles, and every page rendered again. "
        "Then restart the web processes, the worker and the scheduler. "
        "On an empty database it is the first start. Safe to run again."
    )
    bar: Bar | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--backup",
            action="store_true",
            help="make a backup first (encrypted to WAYMARK_BACKUP_RECIPIENTS)",
        )
        parser.add_argument("--plan", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument(
            "--wait",
            type=float,
            default=PATIENCE,
            metavar="SECONDS",
            help="how long to wait for an old process that renders (%(default)s)",
        )

    def handle(self, *args: object, **options: object) -> None:
        started = time.monotonic()
        try:
            if options["plan"]:
                self.show_plan()
                return
            if options["backup"] and upgrading.has_site():
                call_command("backup", stdout=self.stdout, stderr=self.stderr)
            with stopping.on_signals():
                self.upgrade(options)
        except LookupError as missing:
            raise CommandError(
                f"There are no static files in {missing}: run `manage.py collectstatic --noinput`. Nothing was changed."
            ) from missing
        except DatabaseProblem as problem:
            raise CommandError(self.unfinished(str(problem).strip().splitlines()[0])) from problem
        except upgrading.StillRenderingError:
            raise CommandError(
                f"An old process has not stopped rendering within {options['wait']:.0f} seconds. "
                "Stop the old worker, and run this again. "
                "Visitors see the pages that are there."
            ) from None
        except services.SupersededError:
            raise CommandError("Another version of the software was installed meanwhile, and renders now.") from None
        except OSError as problem:
            raise CommandError(no_room(problem)) from problem
        except stopping.ShutdownRequestedError:
            raise CommandError("Stopped. Run this again: it goes on from where it was.", returncode=130) from None
        self.stdout.write(
            f"This is version {version.running()}, in {time.monotonic() - started:.0f} s. "
            "Restart the web processes, the worker and the scheduler: what "
            "is still running is of the version before."
        )

    def unfinished(self, why: str) -> str:
        return (
            f"The upgrade is not finished: {why}. Visitors see the pages that are there. "
            "Put it right and run this again: it is safe to."
        )

    def show_plan(self) -> None:
        if not upgrading.has_site():
            self.stdout.write("The database is empty: this would be the first start.")
            return
        pending = upgrading.pending_migrations()
        for migration in pending:
            self.stdout.write(f"Would change tables: {migration}")
        self.stdout.write(f"{len(pending)} migrations, and {PrerenderedPath.objects.count():,} addresses to render.")
        self.tell_newer()

    def tell_newer(self) -> None:
        if newer := upgrading.unknown_migrations(upgrading.applied_migrations()):
            self.stdout.write(
                f"A newer version has been here: {', '.join(newer)} is not "
                "known to this one. What was only added does no harm; if "
                "something is missing now, restore the backup from before (docs/operators/upgrading.md)."
            )

    def upgrade(self, options: dict[str, Any]) -> None:
        if added := storage.share():
            self.stdout.write(
                f"{added} static files were added; those of earlier versions stay for {storage.KEPT.days} days."
            )
        quiet = {"verbosity": options["verbosity"], "stdout": self.stdout, "stderr": self.stderr}
        if not upgrading.has_site():
            call_command("set_up", **quiet)
            services.take_over()
            return
        self.tell_newer()
        with upgrading.rendering_taken_over(patience=options["wait"]):
            call_command("set_up", no_render=True, **quiet)
        outcome = upgrading.render_everything(patience=options["wait"], progress=self.show)
        if self.bar:
            self.bar.end()
        for path, why in PrerenderedPath.objects.refused().values_list("path", "refused"):
            self.stderr.write(f"refused   {path}  {why}")
        self.stdout.write(
            f"{len(outcome.written)} rendered, {len(outcome.unchanged)} unchanged, {len(outcome.removed)} removed, "
            f"{PrerenderedPath.objects.refused().count()} refused."
        )

    def show(self, outcome: RenderOutcome, total: int) -> None:
        self.bar = self.bar or Bar(self.stdout, "Rendering", total)
        self.bar.show(outcome.total)
