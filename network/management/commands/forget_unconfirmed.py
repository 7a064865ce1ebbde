from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from network.joining import services as joining


class Command(BaseCommand):
    help = "Delete requests to join that were not confirmed in time, and expired declined ones. The clock also does this every hour."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(_("Requests deleted: %(number)d") % {"number": joining.purge_overdue()})
