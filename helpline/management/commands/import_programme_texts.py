from pathlib import Path

from helpline.exchange.csv.tables import read_bytes
from helpline.exchange.import_command import ImportCommand
from helpline.exchange.imports import PlannedImport
from helpline.exchange.texts import PROGRAMME_TEXTS, import_texts


class Command(ImportCommand):
    help = "Import texts of programmes from a CSV file, as drafts that nobody has reviewed. What a person has written is never overwritten."
    default = "programme_texts.csv"

    def run_import(self, path: Path, *, dry_run: bool) -> list[PlannedImport]:
        return import_texts(PROGRAMME_TEXTS, read_bytes(path), dry_run=dry_run)
