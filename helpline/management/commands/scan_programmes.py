from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from helpline.scan import schedule, services
from helpline.scan.models import ListedSite


class Command(BaseCommand):
    help = (
        "Scan the websites of listings that are due, one after another. "
        "The scheduled job does the same in small batches."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", nargs="*", help="Scan these URLs, whether they are due or not.")

    def handle(self, *args: Any, addresses: list[str], **options: Any) -> None:
        if not settings.SCAN_LISTED_SITES:
            raise CommandError("The scan is switched off (WAYMARK_SCAN_SITES).")
        schedule.update_sites()
        known = ListedSite.objects.all()
        sites = known.with_urls(addresses) if addresses else known.due(timezone.now())
        unknown = set(addresses) - {site.url for site in sites}
        if unknown:
            raise CommandError(f"No listing links to: {', '.join(sorted(unknown))}")
        for site in sites:
            try:
                scan = services.scan(site)
            except services.ScanRunningError:
                raise CommandError("Another process is scanning a website. Try again in a minute.") from None
            self.stdout.write(f"{scan.grade or '-'} {site.url} {scan.get_problem_display()}".rstrip())
