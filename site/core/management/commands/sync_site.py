from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext, override
from wagtail.models import Page, Site

from core.models import SiteSettings


class Command(BaseCommand):
    """Copy the site's address from the settings to Wagtail's database row, and name the root of the page tree."""

    help = "Set the address of all pages to WAYMARK_PUBLIC_URL (or PORT). Safe to run again."

    def handle(self, *args: object, **options: object) -> None:
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            raise CommandError("There is no default site. Run `manage.py set_up` first.")
        # Wagtail calls it “Root”.
        # Users who may see all languages read this at the start of every path.
        # It is in no language.
        with override(settings.LANGUAGE_CODE):
            title = gettext("All languages")
        Page.objects.filter(depth=1).update(title=title, draft_title=title)
        # The public site must not create the row: its database role may be read-only.
        name = SiteSettings.for_site(site).name
        address = urlsplit(settings.PUBLIC_URL)
        wanted = {
            "hostname": (address.hostname or "").lower(),
            "port": address.port or (443 if address.scheme == "https" else 80),
            "site_name": name,
        }
        changed = [
            f"{field}: {getattr(site, field)!r} is now {value!r}"
            for field, value in wanted.items()
            if getattr(site, field) != value
        ]
        if not changed:
            self.stdout.write(f"The site is already at {settings.PUBLIC_URL}.")
            return
        for field, value in wanted.items():
            setattr(site, field, value)
        site.save()
        self.stdout.write(f"The site is at {settings.PUBLIC_URL}. " + "; ".join(changed))
