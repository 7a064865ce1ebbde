from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpline.exchange.csv.tables import TableError, read_bytes
from helpline.exchange.hsds.reading import import_path
from helpline.exchange.imports.drafts import ImportOutcome, PlannedImport
from helpline.exchange.imports.kinds import HSDS, MODELS, STARTER_DATA, import_upload

MARKS = {
    ImportOutcome.NEW: "+",
    ImportOutcome.CHANGED: "~",
    ImportOutcome.SAME: "=",
    ImportOutcome.CONFLICT: "!",
}


class Command(BaseCommand):
    help = (
        "Import listings, or their texts, from a file, as unverified drafts. What a person has checked, changed or "
        "written is never "
        "overwritten."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=MODELS)
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            help="A CSV file (default: the starter data); of HSDS a JSON file, or a folder of them",
        )
        parser.add_argument("--dry-run", action="store_true", help="Show what would change without changing anything.")

    def handle(self, *args: Any, kind: str, file: Path | None, dry_run: bool, verbosity: int, **options: Any) -> None:
        path = file or STARTER_DATA.get(kind)
        if path is None:
            raise CommandError("Name a file: there is no starter data of this kind.")
        try:
            if kind == HSDS:
                changes = import_path(path, dry_run=dry_run)
            else:
                changes = import_upload(kind, read_bytes(path), dry_run=dry_run)
        except TableError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"Nothing was imported: {len(error.problems)} problem(s).") from None
        for change in changes:
            self.report(change, verbosity=verbosity)
        count = Counter(change.outcome for change in changes)
        would = "would be " if dry_run else ""
        self.stdout.write(
            f"{count[ImportOutcome.NEW]} {would}added, {count[ImportOutcome.CHANGED]} {would}changed, "
            f"{count[ImportOutcome.SAME]} the same, "
            f"{count[ImportOutcome.CONFLICT]} left alone because a person has changed or checked them."
        )

    def report(self, change: PlannedImport, *, verbosity: int) -> None:
        if change.outcome is ImportOutcome.SAME or (change.outcome is ImportOutcome.NEW and verbosity < 2):
            return
        self.stdout.write(f"{MARKS[change.outcome]} {change.reference}")
        for difference in change.differences:
            before, after = in_codes(difference.before), in_codes(difference.after)
            self.stdout.write(f"    {difference.field}: {before!r} -> {after!r}")


def in_codes(value: object) -> str:
    """Return a value of a field as it is written in a file, or a contact point as one line."""
    match value:
        case None:
            return ""
        case [dict(), *_]:
            return " | ".join(map(in_codes, value))
        case list():
            return "; ".join(map(str, value))
        case dict():
            left_out = {"uuid", "timezone", "cost"}
            said = [each for name, each in value.items() if name not in left_out and each != "unknown"]
            return " ".join(in_codes(each) for each in said if each)
        case _:
            return str(value)
