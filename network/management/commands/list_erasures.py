from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.restored import InvalidErasureError
from network.personal_data import services as erasures


class Command(BaseCommand):
    help = (
        "Print the list of what members have had erased, of the database and of the file on this machine, "
        "as `apply_erasures` reads it."
    )

    def handle(self, *args: object, **options: object) -> None:
        try:
            found = erasures.known()
        except InvalidErasureError as wrong:
            raise CommandError(
                f"Line {wrong} of {settings.ERASURES_FILE} is not a line of the list. "
                "Move that file away and ask again: the database has the list, too."
            ) from wrong
        for entry in found:
            self.stdout.write(str(entry))
