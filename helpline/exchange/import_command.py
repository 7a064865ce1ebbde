"""The base of the import commands: a file, a dry run, and a readable report."""

from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpline.exchange.csv.columns import Table
from helpline.exchange.csv.tables import BadTable
from helpline.exchange.imports import ImportOutcome, PlannedImport, import_file

DATA = Path(__file__).resolve().parents[1] / "data"
MARKS = {
    ImportOutcome.NEW: "+",
    ImportOutcome.CHANGED: "~",
    ImportOutcome.SAME: "=",
    ImportOutcome.CONFLICT: "!",
}


class ImportCommand(BaseCommand):
    table: ClassVar[Table]
    default: ClassVar[str]

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_file(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="Show what would change without changing anything."
        )

    def add_file(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            default=DATA / self.default,
            help=f"A CSV file (default: {self.default})",
        )

    def run_import(self, path: Path, *, dry_run: bool) -> list[PlannedImport]:
        return import_file(self.table, path, dry_run=dry_run)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changes = self.run_import(options["file"], dry_run=options["dry_run"])
        except BadTable as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"Nothing was imported: {len(error.problems)} problem(s).") from None
        for change in changes:
            self.report(change, verbosity=options["verbosity"])
        count = Counter(change.outcome for change in changes)
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(
            f"{count[ImportOutcome.NEW]} {would}added, {count[ImportOutcome.CHANGED]} {would}changed, {count[ImportOutcome.SAME]} the same, "
            f"{count[ImportOutcome.CONFLICT]} left alone because a person has changed or checked them."
        )

    def report(self, change: PlannedImport, *, verbosity: int) -> None:
        if change.outcome is ImportOutcome.SAME or (change.outcome is ImportOutcome.NEW and verbosity < 2):
            return
        self.stdout.write(f"{MARKS[change.outcome]} {change.reference}")
        for difference in change.differences:
            self.stdout.write(f"    {difference.field}: {difference.before!r} -> {difference.after!r}")
