from django.core.management.base import BaseCommand, CommandError

from users import roles


class Command(BaseCommand):
    help = "Create the groups of the admin's roles, or reset them to what the apps declare. Prints what changed."

    def handle(self, *args: object, **options: object) -> None:
        outcome = roles.sync()
        if options["verbosity"]:
            for change in outcome.changes:
                self.stdout.write(change)
        elif outcome.changes:
            self.stdout.write(f"{len(outcome.changes)} changes to the roles.")
        if not outcome.changes:
            self.stdout.write("The roles are up to date.")
        if outcome.missing:
            raise CommandError(
                "A roles.py names something that does not exist; everything else was done:\n  "
                + "\n  ".join(outcome.missing)
            )
