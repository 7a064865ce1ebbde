import errno
import logging
import os
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.progress import Bar
from prerender import services
from prerender.mirrors.copying import Mirror, MirrorBusyError, MirrorError
from prerender.models import PrerenderHost
from prerender.rendering.batches import RenderOutcome
from prerender.store import hosts, repair
from prerender.store.files import FileStore

log = logging.getLogger(__name__)
# The exit status if some pages were refused; all others are rendered.
REFUSED = 3


def no_room(problem: OSError) -> str:
    """Return an error message that says what to do if the files cannot be written.

    Files prerendered before are untouched, and the rest stays due.
    """
    kept = "What was prerendered before is still there, and the rest stays due: run `prerender` once more afterwards."
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full. Make room in {FileStore().root.parent}. {kept}"
    return f"The files could not be written: {problem}. {kept}"


class Command(BaseCommand):
    help = (
        "Render the public site. Without arguments: all that is due, including the rest of an interrupted render. "
        "Exit status: 1 if something differs, or a mirror could not be "
        "brought up to date; 2 if another process does the same already; "
        "3 if a page was refused."
    )

    bar: Bar | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", metavar="PATH", help="addresses to render now, such as /de/about/")
        parser.add_argument(
            "--all", action="store_true", help="render every address, and remove files that belong to none"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="compare the prerendered files with the site, without changing anything",
        )
        parser.add_argument(
            "--mirror",
            metavar="FOLDER",
            help="bring a mirror of the prerendered site up to date; an empty folder becomes one",
        )
        parser.add_argument(
            "--begun",
            action="store_true",
            help="with --mirror, as the scheduler does it: "
            "no folder becomes a mirror, and what is known is not said again",
        )
        parser.add_argument(
            "--forget",
            metavar="NAME",
            help="expect nothing more of a machine that is gone (WAYMARK_PRERENDER_HOST)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self.check_files()
            return
        if options["mirror"] is not None:
            self.bring_up_to_date(options["mirror"], begun=options["begun"])
            return
        if options["forget"]:
            self.forget(options["forget"])
            return
        started = time.monotonic()
        outcome = self.render_pages(options)
        if self.bar:
            self.bar.end()
        for path, why in sorted(outcome.refused.items()):
            self.stderr.write(f"refused   {path}  {why}")
        self.stdout.write(
            f"{len(outcome.written)} rendered, {len(outcome.unchanged)} unchanged, {len(outcome.removed)} removed, "
            f"{len(outcome.refused)} refused in {time.monotonic() - started:.1f} s"
        )
        if outcome.waiting:
            raise CommandError(
                f"The storage of uploads is unavailable. {len(outcome.waiting)} addresses "
                "that need it stay due, and as they were: run `prerender` once more."
            )
        if outcome.refused:
            raise CommandError("Some pages were refused.", returncode=REFUSED)

    def render_pages(self, options: dict[str, Any]) -> RenderOutcome:
        """Render the requested addresses.

        Raises CommandError with a sentence if that fails.
        """
        try:
            if options["all"]:
                return services.render_all(progress=self.show)
            if options["paths"]:
                return services.render_paths(options["paths"])
            return services.render_due(progress=lambda outcome: self.show(outcome, 0))
        except services.AlreadyRunningError:
            raise CommandError("Another process is rendering, and will render this too.", returncode=2) from None
        except services.SupersededError:
            raise CommandError(
                "Another version of the software renders this site. "
                "To render with the one here, run `manage.py upgrade`."
            ) from None
        except LookupError as unknown:
            raise CommandError(f"No such address: {unknown}") from None
        except OSError as problem:
            raise CommandError(no_room(problem)) from problem
        except KeyboardInterrupt:
            raise CommandError(
                "\nInterrupted. The rest stays due: run `prerender` to continue.", returncode=130
            ) from None

    def forget(self, name: str) -> None:
        if not hosts.forget([name]):
            there = ", ".join(PrerenderHost.objects.names()) or "none"
            raise CommandError(f"There is no machine called {name}. There are: {there}.")
        self.stdout.write(f"{name} is forgotten. If it comes back, it begins with an empty folder.")

    def show(self, outcome: RenderOutcome, total: int) -> None:
        self.bar = self.bar or Bar(self.stdout, "Rendering", total)
        self.bar.show(outcome.total)

    def check_files(self) -> None:
        found = 0
        for difference in repair.compare():
            found += 1
            self.stdout.write(f"{difference.what:<10}{difference.path}  {difference.why}".rstrip())
        if found:
            raise CommandError(
                f"{found} addresses differ from the site. `prerender --all` repairs what can be repaired."
            )
        self.stdout.write("The prerendered files match the site.")

    def bring_up_to_date(self, folder: str, *, begun: bool) -> None:
        if begun:
            os.nice(10)  # lets all other work go first
        try:
            outcome = Mirror(folder).bring_up_to_date(begin=not begun)
        except MirrorBusyError as busy:
            raise CommandError(str(busy), returncode=2) from None
        except MirrorError as problem:
            if begun and problem.is_new:
                log.error("A mirror is not up to date: %s", problem)
            raise SystemExit(1) if begun else CommandError(str(problem)) from None
        if begun and outcome.ended:
            log.error("The mirror %s is up to date again.", folder)
        self.stdout.write(f"{outcome.written} files written, {outcome.kept} as they were, {outcome.removed} removed")
