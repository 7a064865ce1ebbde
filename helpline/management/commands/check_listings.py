from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpline.governance import integrity
from helpline.governance.integrity import OverwrittenError


class Command(BaseCommand):
    help = (
        "Compare every public listing, text and help page with the version that two people approved. A listing that "
        "differs is hidden, a help page is reverted, and so are words that one person alone has published in a "
        "listing. All are reported, as the scheduled job does. Exits with an error if anything differed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Show what differs without changing anything.")
        parser.add_argument(
            "--many",
            action="store_true",
            help=f"Hide what differs, or revert it, even if there are more than {integrity.MOST}. "
            "First make sure that the comparison itself is not at fault.",
        )

    def handle(self, *args: Any, dry_run: bool, many: bool, **options: Any) -> None:
        found = list(integrity.altered())
        for row in found:
            facts = integrity.altered_facts(row)
            said = ", ".join(facts) if facts else "never approved"
            self.stdout.write(f"{row._meta.label} {row.pk}, {row}: {said}")
        if not found:
            self.stdout.write("Everything public is what two people approved.")
            return
        if dry_run:
            raise CommandError(f"{len(found)} differ. Nothing was changed.")
        if len(found) > integrity.MOST and not many:
            raise CommandError(
                f"{len(found)} differ, more than {integrity.MOST}. Nothing was changed: see --help for --many."
            )
        for row in found:
            try:
                self.stdout.write(integrity.hide_and_report(row) or "")
            except OverwrittenError as error:
                self.stdout.write(str(error))
        raise CommandError(f"{len(found)} differed, and are hidden or reverted.")
