from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from helpline.records import facts
from helpline.records.facts import ListingFact, OnCard, Whose

HEAD = """\
# The facts of a listing

<!-- Written by `manage.py fact_docs` from helpline/records/facts.py: change the table there, not this page. -->

Leave unknown what you do not know: the finder says "not known", which is better than a guess. \
Countries are ISO 3166 codes in lower case
(`xx` is anywhere and matches every country), languages BCP 47 codes; the lists are in `helpline/vocabulary/codes.py`.

*Checked again* names the points of the listing policy that a second person answers again when the fact changes; \
every change also asks for
the source. *CSV* is the name of the fact in the files of the import, the export and the open data; \
the facts of a contact point are also
in its object in the column `contact_points`.
"""
WHOSE = {
    Whose.SERVICE: "the service",
    Whose.STATE: "us; a file may state it, people decide it",
    Whose.CHECK: "us; published, never taken from a file",
    Whose.STAFF: "staff; it never leaves the admin in a file",
}
# Longer lists of codes do not fit into the table.
# The page refers to them.
LONG = 12


class Command(BaseCommand):
    help = "Write the page of the editors' manual about the facts of a listing (docs/editors/listing-facts.md)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail if the page is out of date.")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.ROOT) / "docs" / "editors" / "listing-facts.md"
        with translation.override("en"):
            words = manual()
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != words:
                raise CommandError(f"{path.name} is out of date: run manage.py fact_docs.")
            return
        path.write_text(words, encoding="utf-8")
        self.stdout.write(f"{path.name}: {len(words)} bytes.")


def manual() -> str:
    parts = [HEAD]
    for model, rows in facts.TABLES.items():
        name = str(model._meta.verbose_name)
        parts.append(
            f"\n## Facts of a {name}\n\n| fact | codes | CSV | checked again | on the card | who says it "
            f"|\n|---|---|---|---|---|---|\n"
        )
        parts += [f"| {' | '.join(cells(fact))} |\n" for fact in rows]
    return "".join(parts)


def cells(fact: ListingFact) -> list[str]:
    codes = [code for code, _name in fact.choices if code]
    return [
        fact.label,
        " ".join(f"`{code}`" for code in codes) if len(codes) <= LONG else "a long list",
        f"`{fact.column}`" if fact.column else "",
        " ".join(f"`{point}`" for point in fact.points),
        "" if fact.card is OnCard.NONE else "yes",
        WHOSE[fact.whose],
    ]
