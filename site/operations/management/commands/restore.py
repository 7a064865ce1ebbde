import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseProblem
from django.utils.timesince import timesince

from core.assets import storage
from core.background import stopping
from core.postgresql import public_role
from operations.backups import BackupError, restoring, signing
from operations.backups.restoring import BackupContents, RestoredSite
from operations.management.commands.backup import some
from prerender import services
from prerender.management.commands.prerender import REFUSED
from prerender.models import PrerenderedPath


class Command(BaseCommand):
    help = (
        "Restore a backup: read it to its end, put database and "
        "uploads in place in one step, erase again members who have left, "
        "and render the public site again. An error before that step changes nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument(
            "--identity",
            type=Path,
            metavar="FILE",
            help="the file of the private key, if it is encrypted with age",
        )
        parser.add_argument(
            "--erasures",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="one more list of erasures, beside those in the backup, next to it, and where this site keeps its own",
        )
        signed = parser.add_mutually_exclusive_group()
        signed.add_argument(
            "--signer",
            action="append",
            default=[],
            metavar="KEY",
            help="the public key that backups of this site are signed with, kept away from the server; "
            "may be given again, for an earlier one",
        )
        signed.add_argument("--unsigned", action="store_true", help="restore a backup without checking who made it")
        parser.add_argument("--replace", action="store_true", help="replace the database and the uploads that are here")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            with stopping.on_signals():
                contents = restoring.check(options["file"], identity=options["identity"])
                if not options["unsigned"]:
                    signing.require_signature(contents.manifest, contents.signature, options["signer"])
                restoring.refuse_unless_possible(contents, replace=options["replace"])
                self.stdout.write(
                    f"{options['file'].name} is whole, and {timesince(contents.made_at)} old. Restoring …"
                )
                done = restoring.restore(
                    options["file"], contents, identity=options["identity"], lists=options["erasures"]
                )
        except BackupError as problem:
            raise CommandError(str(problem)) from problem
        except DatabaseProblem as problem:
            reason = str(problem).strip().splitlines()[0]
            raise CommandError(f"The database could not be restored: {reason}. Nothing was changed.") from problem
        except stopping.ShutdownRequestedError:
            raise CommandError("Stopped. Nothing was changed.", returncode=130) from None
        self.tell(contents, done)
        self.render_again(done)
        self.stdout.write(
            f"Restored in {time.monotonic() - started:.0f} s. Start the web processes, "
            "the worker and the scheduler, and look with `manage.py doctor`."
        )

    def tell(self, contents: BackupContents, done: RestoredSite) -> None:
        for said in done.said:
            self.stdout.write(said)
        if contents.gone:
            self.stdout.write(f"Not in the backup, for they were deleted while it was made: {some(contents.gone)}.")
        if not restoring.has_our_key(contents):
            self.stderr.write(
                "The backup was made with another WAYMARK_SECRET_KEY. "
                "Put that one into WAYMARK_SECRET_KEY_FALLBACKS, or users cannot sign "
                "in with an authenticator app or a recovery code."
            )
        self.stdout.write(
            f"Lost: all changes of the last {timesince(contents.made_at)}. "
            "A member who has hidden a detail or paused "
            "a profile since then is SHOWN AGAIN: tell the members, or pause those who have told you."
        )

    def render_again(self, done: RestoredSite) -> None:
        """Render all pages, and list those that differ from when the backup was made."""
        try:
            storage.share()
            services.take_over()  # no other process runs here, and the backup may be of another version
            if left := public_role.update():  # rights are not in a backup
                self.stderr.write(left)
            call_command("sync_site", stdout=self.stdout)
            call_command("prerender", all=True, stdout=self.stdout, stderr=self.stderr)
        except LookupError as missing:
            raise CommandError(
                f"Everything is restored, but there are no static files in {missing}: "
                "run `manage.py collectstatic --noinput`, then "
                "`manage.py upgrade`, which renders the pages."
            ) from missing
        except CommandError as problem:
            if problem.returncode != REFUSED:
                raise CommandError(
                    "Everything is restored, but the pages could not be rendered: "
                    f"{problem} Then run `manage.py prerender --all`."
                ) from problem
        now = dict(PrerenderedPath.objects.exclude(checksum="").values_list("path", "checksum"))
        differ = sorted(path for path, checksum in done.prerendered.items() if now.get(path) != checksum)
        self.stdout.write(
            f"{len(done.prerendered) - len(differ):,} of "
            f"{len(done.prerendered):,} addresses are what they were, to the byte."
        )
        if differ:
            self.stdout.write(f"Different, or no longer there: {some(differ)}.")
