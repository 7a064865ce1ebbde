from pathlib import Path

from django.core.management.base import CommandParser

from helpline.exchange.hsds import reading
from helpline.exchange.import_command import ImportCommand
from helpline.exchange.imports import PlannedImport


class Command(ImportCommand):
    help = "Import programmes from HSDS files (Open Referral), as unverified drafts. What a person has checked is never overwritten."

    def add_file(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="A JSON file, or a folder of them")

    def run_import(self, path: Path, *, dry_run: bool) -> list[PlannedImport]:
        return reading.import_path(path, dry_run=dry_run)
