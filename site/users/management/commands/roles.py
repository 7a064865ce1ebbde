from typing import Any

from django.core.management.base import BaseCommand, CommandError

from users import roles


class Command(BaseCommand):
    help = "Make the roles of the desk as groups, or put them back to what the apps declare. Prints what changed."

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = roles.sync()
        for change in outcome.changes:
            self.stdout.write(change)
        if not outcome.changes:
            self.stdout.write("The roles are as they should be.")
        if outcome.missing:
            raise CommandError(
                "An app names in its roles.py what does not exist; all the rest was done:\n  "
                + "\n  ".join(outcome.missing)
            )
