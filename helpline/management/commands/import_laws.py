from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from helpline.exchange.csv.columns import LAWS
from helpline.exchange.csv.tables import read_bytes
from helpline.exchange.import_command import DATA, ImportCommand
from helpline.exchange.imports import PlannedImport
from helpline.exchange.texts import LAW_TEXTS, import_texts

TEXTS = "country_law_texts.csv"


class Command(ImportCommand):
    help = (
        "Import the law of countries from a CSV file, and its plain words in each language from another, as unverified drafts. What a "
        "person has checked is never overwritten."
    )
    table = LAWS
    default = "country_law.csv"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--texts",
            type=Path,
            help=f"A CSV file with the plain words (default: {TEXTS}, if no file is named)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        starter = options["file"] == DATA / self.default
        self.texts: Path | None = options["texts"] or (DATA / TEXTS if starter else None)
        super().handle(*args, **options)

    def run_import(self, path: Path, *, dry_run: bool) -> list[PlannedImport]:
        with transaction.atomic():
            changes = super().run_import(path, dry_run=False)
            if self.texts is not None:
                changes += import_texts(LAW_TEXTS, read_bytes(self.texts))
            transaction.set_rollback(dry_run)
        return changes
