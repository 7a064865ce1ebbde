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
            before, after = in_codes(difference.before), in_codes(difference.after)
            self.stdout.write(f"    {difference.field}: {before!r} -> {after!r}")


def in_codes(value: Any) -> str:
    """Return a value of a field as it stands in a file; contact points as one line."""
    if value is None:
        return ""
    if not isinstance(value, list):
        return str(value)
    return _as_line(value) if value and isinstance(value[0], dict) else "; ".join(map(str, value))


def _as_line(contacts: list[dict[str, Any]]) -> str:
    """Return contact points as one line of text."""
    return " | ".join(
        " ".join(
            in_codes(value)
            for name, value in contact.items()
            if value and value != "unknown" and name not in {"uuid", "timezone", "cost"}
        )
        for contact in contacts
    )
