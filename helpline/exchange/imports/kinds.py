"""The kinds of file that can be imported: which table or format each is, and its starter data."""

from pathlib import Path

from django.db.models import Model

from helpline.approval.rule import User
from helpline.exchange.csv.columns import LAWS, PROGRAMMES, SUPPORT_LINES, Table
from helpline.exchange.hsds.reading import import_documents
from helpline.exchange.imports.drafts import ImportProgress, PlannedImport, import_table
from helpline.exchange.imports.texts import LAW_TEXTS, PROGRAMME_TEXTS, TextTable, import_texts
from helpline.records.programmes import Programme

HSDS = "hsds"
TABLES: dict[str, Table | TextTable] = {
    "programmes": PROGRAMMES,
    "programme-texts": PROGRAMME_TEXTS,
    "support-lines": SUPPORT_LINES,
    "laws": LAWS,
    "law-texts": LAW_TEXTS,
}
MODELS: dict[str, type[Model]] = {**{kind: table.model for kind, table in TABLES.items()}, HSDS: Programme}
DATA = Path(__file__).resolve().parents[2] / "data"
STARTER_DATA = {
    "programmes": DATA / "programmes.csv",
    "programme-texts": DATA / "programme_texts.csv",
    "support-lines": DATA / "support_lines.csv",
    "laws": DATA / "country_law.csv",
    "law-texts": DATA / "country_law_texts.csv",
}


def import_upload(
    kind: str,
    data: bytes,
    *,
    dry_run: bool = False,
    most: int | None = None,
    progress: ImportProgress | None = None,
    by: User | None = None,
) -> list[PlannedImport]:
    """Import the content of a file, or with `dry_run` return the changes.

    `by` is the author of what it changes; None: the command.
    Raises TableError, also for more than `most` rows.
    """
    if kind == HSDS:
        return import_documents([("", data)], dry_run=dry_run, most=most, progress=progress, by=by)
    table = TABLES[kind]
    if isinstance(table, TextTable):
        return import_texts(table, data, dry_run=dry_run, most=most, progress=progress, by=by)
    return import_table(table, data, dry_run=dry_run, most=most, progress=progress, by=by)
