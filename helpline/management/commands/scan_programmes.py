from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from helpline.scan import schedule, services
from helpline.scan.models import ListedSite


class Command(BaseCommand):
    help = "Look at the websites of listings whose turn it is, one after another, as the clock does in small pieces."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", nargs="*", help="These addresses, whether it is their turn or not.")

    def handle(self, *args: Any, addresses: list[str], **options: Any) -> None:
        if not settings.SCAN_LISTED_SITES:
            raise CommandError("The scan is switched off (WAYMARK_SCAN_SITES).")
        schedule.gather()
        known = ListedSite.objects.all()
        sites = known.led_to_by(addresses) if addresses else known.due(timezone.now())
        unknown = set(addresses) - {site.url for site in sites}
        if unknown:
            raise CommandError(f"No listing leads there: {', '.join(sorted(unknown))}")
        for site in sites:
            try:
                scan = services.scan(site)
            except services.ScanRunning:
                raise CommandError("Another process looks at a website. Try again in a minute.") from None
            self.stdout.write(f"{scan.grade or '-'} {site.url} {scan.get_problem_display()}".rstrip())
