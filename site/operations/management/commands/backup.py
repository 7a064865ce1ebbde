from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseProblem
from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince

from core import restored
from core.background import stopping
from operations import upgrading
from operations.backups import BackupError, making, repository, restoring, signing

SHOWN = 10  # names in a list; the backup itself has all of them


class Command(BaseCommand):
    help = (
        "Make a backup of the database, the uploads and the settings, in one encrypted file, while the site runs. "
        "With --list or --check, look at those that there are."
    )
    # It has to work while other parts fail.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="say which backups there are, and make none")
        what.add_argument(
            "--check",
            type=Path,
            metavar="FILE",
            help="read a backup to its end and say what is in it; make none",
        )
        parser.add_argument(
            "--recipient",
            action="append",
            metavar="KEY",
            help="a public key to encrypt to: `age1…`, `ssh-…`, or a key that GnuPG knows; may be given again "
            "(WAYMARK_BACKUP_RECIPIENTS)",
        )
        parser.add_argument(
            "--unencrypted",
            action="store_true",
            help="do not encrypt: anyone who gets the file has everything but the secrets",
        )
        parser.add_argument(
            "--keep-days",
            type=int,
            default=settings.BACKUPS["kept"].days,
            metavar="DAYS",
            help="delete older backups afterwards (WAYMARK_BACKUPS_KEPT: %(default)s), but never the newest",
        )
        parser.add_argument(
            "--identity", type=Path, metavar="FILE", help="for --check: the file of the private key of age"
        )
        parser.add_argument(
            "--signer",
            action="append",
            default=[],
            metavar="KEY",
            help="for --check: the public key that it must be signed with; may be given again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["list"]:
                self.show_list()
            elif options["check"]:
                self.check_file(options["check"], options["identity"], options["signer"])
            else:
                with repository.noting_failure():
                    self.make(options)
        except BackupError as problem:
            raise CommandError(str(problem)) from problem
        except DatabaseProblem as problem:
            reason = str(problem).strip().splitlines()[0]
            raise CommandError(f"The database cannot be read: {reason}. No backup was made.") from problem
        except stopping.ShutdownRequestedError:
            raise CommandError(
                "Stopped. No backup was made; the earlier ones are as they were.", returncode=130
            ) from None

    def show_list(self) -> None:
        found = repository.kept()
        for backup in found:
            kind = "encrypted" if backup.encrypted else "not encrypted"
            self.stdout.write(f"{backup.file}  {filesizeformat(backup.size)}, {kind}, {timesince(backup.made_at)} old")
        if not found:
            self.stdout.write(f"There is no backup in {repository.folder()}.")

    def check_file(self, file: Path, identity: Path | None, signers: list[str]) -> None:
        contents = restoring.check(file, identity=identity)
        if signers:
            signing.require_signature(contents.manifest, contents.signature, signers)
        versions = contents.about["versions"]
        self.stdout.write(
            f"{file.name} is whole. It was made {timesince(contents.made_at)} "
            f"ago at {contents.about['site']} by Waymark "
            f"{versions['waymark']} with PostgreSQL {versions['postgresql']}: {sum(contents.rows.values()):,} rows in "
            f"{len(contents.rows)} tables, {contents.uploads:,} uploads, {filesizeformat(contents.size)} in all."
        )
        if not contents.signature:
            self.stdout.write("It is not signed: `restore` takes it only with --unsigned.")
        elif signers:
            self.stdout.write("It is signed with the key of --signer.")
        else:
            self.stdout.write("It is signed; with --signer, it is checked by whom.")
        if unknown := upgrading.unknown_migrations(contents.about["migrations"]):
            self.stdout.write(
                f"It cannot be restored by this version: {', '.join(unknown[:SHOWN])} is newer than the software."
            )
        if not restoring.has_our_key(contents):
            self.stdout.write(
                "It was made with another WAYMARK_SECRET_KEY than the "
                "one that is set here: codes of authenticator apps "
                "could not be read."
            )

    def make(self, options: dict[str, Any]) -> None:
        recipients = options["recipient"] or settings.BACKUPS["recipients"]
        if recipients and options["unencrypted"]:
            raise CommandError("Pass either --recipient or --unencrypted. No backup was made.")
        if not recipients and not options["unencrypted"]:
            raise CommandError(
                "Name a public key with --recipient or in "
                "WAYMARK_BACKUP_RECIPIENTS (docs/operators/backups.md says how to make "
                "one), or pass --unencrypted. No backup was made."
            )
        if restored.erasure_list() and options["keep_days"] > settings.BACKUPS["kept"].days:
            raise CommandError(
                f"Backups may be kept for {options['keep_days']} days only if the list of erasures is: set "
                f"WAYMARK_BACKUPS_KEPT to that, now {settings.BACKUPS['kept'].days}. No backup was made."
            )
        with stopping.on_signals():
            made = making.make(recipients=recipients, keep=timedelta(days=options["keep_days"]))
        self.tell(made, encrypted=bool(recipients))

    def tell(self, made: making.MadeBackup, *, encrypted: bool) -> None:
        self.stdout.write(
            f"{made.file}: {filesizeformat(made.size)}, {made.rows:,} "
            f"rows and {made.uploads:,} uploads, in {made.seconds} s."
        )
        if encrypted:
            self.stdout.write("It is encrypted, and holds all settings, the secrets too.")
        else:
            self.stdout.write(
                "It is NOT encrypted: keep it where no other user can read it. "
                "These secrets are not in it, and a restore needs them: "
                f"{', '.join(made.left_out) or 'none'}."
            )
        if not settings.BACKUPS["signing_key"]:
            self.stderr.write(
                "It is NOT signed, so a restore cannot tell it from a forged one: set WAYMARK_BACKUP_SIGNING_KEY for "
                "this process (docs/operators/backups.md)."
            )
        if made.gone:
            self.stdout.write(f"Deleted while the backup was made, and not in it: {some(made.gone)}.")
        if made.removed:
            self.stdout.write(f"Too old, and deleted: {some(made.removed)}.")


def some(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
