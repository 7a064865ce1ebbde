from typing import Any

from django.core.management.base import BaseCommand

from network.models import Erasure


class Command(BaseCommand):
    help = "Print the list of what members have had erased, as `apply_erasures` reads it. Keep it beside the backups of the database, not in them."

    def handle(self, *args: Any, **options: Any) -> None:
        for entry in Erasure.objects.in_order():
            self.stdout.write(str(entry))
